/**
 * `dchat plans sync`: makes the plans known to Stripe.
 */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { PlanSync } from "../../PlanSync.ts"
import { refuse } from "../../Refusal.ts"

const words = { kept: "is there", created: "was made", replaced: "was made anew; those who pay the old price keep it" }

export const sync = Command.make(
  "sync",
  {},
  Effect.fn(function*() {
    const { run } = yield* PlanSync
    for (const { lookupKey, outcome } of yield* run) yield* Console.log(`${lookupKey.padEnd(26)}  ${words[outcome]}`)
  }, (effect) => Effect.catchTag(effect, "PlanSyncFailed", ({ message }) => refuse(message)))
).pipe(Command.withDescription("Make products, prices and the portal at Stripe what the plans say"))

/**
 * `dchat plans sync`: creates or updates the plans at Stripe.
 */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { PlanSync } from "../../PlanSync.ts"
import { refuse } from "../../Refusal.ts"

const words = { kept: "unchanged", created: "created", replaced: "replaced; existing subscriptions keep the old price" }

export const sync = Command.make(
  "sync",
  {},
  Effect.fn(function*() {
    const { run } = yield* PlanSync
    for (const { lookupKey, outcome } of yield* run) yield* Console.log(`${lookupKey.padEnd(26)}  ${words[outcome]}`)
  }, (effect) => Effect.catchTag(effect, "PlanSyncFailed", ({ message }) => refuse(message)))
).pipe(Command.withDescription("Create or update the products, prices and the portal at Stripe to match the plans"))

/**
 * `dchat subscriptions cancel` and `refund`: end somebody's subscription, and give their last payment back. A running
 * host tells the payment provider within seconds.
 */
import { SubscriptionAdministration } from "@dchat/domain/subscription"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { refuse } from "../../Refusal.ts"
import { subject } from "./Subject.ts"

export const cancel = Command.make(
  "cancel",
  {
    user: subject,
    now: Flag.Boolean("now").pipe(
      Flag.withDescription("At once, and not with the paid period"),
      Flag.withDefault(false)
    ),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, now, reason, user }) {
    const administration = yield* SubscriptionAdministration
    yield* administration.cancel(user, now ? "now" : "period_end", { actor, reason })
    yield* Console.log(now ? "The subscription has ended." : "The subscription ends with its paid period.")
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not cancelled: ${message}.`)))
).pipe(Command.withDescription("End somebody's subscription"))

export const refund = Command.make(
  "refund",
  { user: subject, ...administratorFlags },
  Effect.fn(function*({ actor, reason, user }) {
    const administration = yield* SubscriptionAdministration
    yield* administration.refund(user, { actor, reason })
    yield* Console.log(
      "The last payment is to go back, and the subscription ends with that. `dchat subscriptions show` says what came of it."
    )
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not refunded: ${message}.`)))
).pipe(Command.withDescription("Give somebody's last payment back, whenever it was"))

/**
 * `dchat subscriptions cancel` and `refund`: end a user's subscription or cancel an unpaid
 * order, and refund the user's last payment. A running host tells the payment provider within seconds.
 */
import {
  type BillingAccount,
  isLive,
  isOpen,
  isOwing,
  PurchaseId,
  SubscriptionAdministration
} from "@dchat/domain/subscription"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { refuse } from "../../Refusal.ts"
import { subject } from "./Subject.ts"

const purchase = Flag.String("purchase").pipe(
  Flag.withDescription(
    "The id of the subscription, as shown by `dchat subscriptions show`; required if the user has several"
  ),
  Flag.withSchema(PurchaseId),
  Flag.optional
)

/** Describes the outcome of a cancellation in words. */
const outcome = ({ memberships, subscriptions }: BillingAccount, id: PurchaseId | undefined): string => {
  const meant = [...memberships, ...subscriptions].filter((it) => id === undefined || it.id === id)
  const last = meant.find((it) => "biller" in it && isOpen(it)) ??
    meant.toSorted((one, other) => (other.endedAt?.epochMilliseconds ?? 0) - (one.endedAt?.epochMilliseconds ?? 0))[0]
  if (last !== undefined && last.activatedAt === undefined) {
    return "The order is cancelled, and its checkout is being closed."
  }
  if (last === undefined || !("biller" in last) || !isLive(last)) return "The subscription has ended."
  return isOwing(last)
    ? "The subscription ends now. If the open invoice was paid, the subscription ends with that period."
    : "The subscription ends with its paid period."
}

export const cancel = Command.make(
  "cancel",
  {
    user: subject,
    now: Flag.Boolean("now").pipe(
      Flag.withDescription("End the subscription now instead of at the end of the paid period"),
      Flag.withDefault(false)
    ),
    purchase,
    ...administratorFlags
  },
  Effect.fn(function*({ actor, now, purchase, reason, user }) {
    const administration = yield* SubscriptionAdministration
    const id = Option.getOrUndefined(purchase)
    const account = yield* administration.cancel(user, now ? "now" : "period_end", { actor, reason }, id)
    yield* Console.log(outcome(account, id))
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not cancelled: ${message}.`)))
).pipe(Command.withDescription("End the subscription of a user, or cancel an unpaid order"))

export const refund = Command.make(
  "refund",
  { user: subject, purchase, ...administratorFlags },
  Effect.fn(function*({ actor, purchase, reason, user }) {
    const administration = yield* SubscriptionAdministration
    yield* administration.refund(user, { actor, reason }, Option.getOrUndefined(purchase))
    yield* Console.log(
      "The refund of the last payment was requested. The refund ends the purchase. `dchat subscriptions show` shows the result."
    )
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not refunded: ${message}.`)))
).pipe(Command.withDescription("Refund the last payment of a user, whatever its age"))

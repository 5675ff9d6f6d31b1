/**
 * Asks the provider before a refusal that may be out of date, and decides once more.
 */
import { DateTime, Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { openSubscription, pendingMembership } from "./model/BillingAccount.ts"
import { Billing } from "./ports/Billing.ts"
import { SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import { accountAt, type SubscriptionRefusal } from "./rules/BillingAccountMachine.ts"

/** Refusals that a recent payment, end or change at the provider may make wrong. */
const uncertain: ReadonlySet<string> = new Set<SubscriptionRefusal["_tag"]>([
  "CancelAlreadyScheduled",
  "ChangeInProgress",
  "NoSubscription",
  "NotCancelled",
  "NotChangeable",
  "PastDue",
  "RenewalInProgress",
  "RenewsAutomatically",
  "SubscriptionExists",
  "UseUndoCancel"
])

const isUncertain = (error: { readonly _tag: string; readonly reason?: unknown }): boolean =>
  uncertain.has(error._tag) ||
  (error._tag === "RefundNotAllowed" && (error.reason === "not_active" || error.reason === "no_payment"))

export const makeNewsFirst = Effect.gen(function*() {
  const repository = yield* SubscriptionRepository
  const billing = yield* Billing

  /** Asks about the purchases of the user. False if none of them is billed by the provider. */
  const ask = Effect.fnUntraced(function*(userId: UserId) {
    const account = accountAt(yield* repository.load(userId), yield* DateTime.now)
    const purchases = [openSubscription(account), pendingMembership(account)].flatMap((it) =>
      it?.method === "stripe" ? [it.id] : []
    )
    yield* Effect.forEach(purchases, (id) => billing.ask(id), { concurrency: "unbounded", discard: true })
    return purchases.length > 0
  })

  return <A, E extends { readonly _tag: string }, R>(
    userId: UserId,
    attempt: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    attempt.pipe(
      Effect.catchIf(isUncertain, (refusal) =>
        Effect.flatMap(ask(userId), (isAsked) => isAsked ? attempt : Effect.fail(refusal)))
    )
})

/**
 * Carries out each request of a user about purchases once for each idempotency key.
 */
import { DateTime, Effect, Schema } from "effect"
import { type Asked, type Attempted, type KeyedRequest, makeIdempotency } from "../idempotency/index.ts"
import { PurchaseId } from "./model/SubscriptionIds.ts"
import type { BillingAccountConflict } from "./ports/SubscriptionRepository.ts"

/** The purchase that a request led to, and the version of the account after the request. */
export const PurchaseOutcome = Schema.Struct({ purchaseId: PurchaseId, version: Schema.Int })
export type PurchaseOutcome = typeof PurchaseOutcome.Type

export const makePurchaseRequests = Effect.gen(function*() {
  const once = yield* makeIdempotency

  return <A, E extends { readonly _tag: string }, E2 extends { readonly _tag: string }>(
    asked: Omit<Asked, "at">,
    answerOf: (outcome: PurchaseOutcome) => Effect.Effect<A | undefined, E2>,
    attempt: (request: KeyedRequest | undefined) => Effect.Effect<Attempted<A>, E | BillingAccountConflict>
  ) =>
    Effect.flatMap(DateTime.now, (at) => once({ ...asked, at }, PurchaseOutcome, answerOf, attempt)).pipe(
      Effect.retry({ while: ({ _tag }) => _tag === "BillingAccountConflict", times: 1 }),
      Effect.catchTag("BillingAccountConflict", Effect.die)
    )
})

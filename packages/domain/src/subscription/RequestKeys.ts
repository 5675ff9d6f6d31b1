/**
 * Idempotency keys: a key is stored together with the outcome of its request, and answers the same request again.
 */
import { DateTime, Effect, Option, Result } from "effect"
import { Digest } from "effect/crypto"
import type { UserId } from "../identity/model/UserId.ts"
import { PurchaseKeyConflict } from "./model/SubscriptionErrors.ts"
import type { PurchaseId } from "./model/SubscriptionIds.ts"
import {
  type BillingAccountConflict,
  type KnownRequest,
  type PurchaseRequestKey,
  SubscriptionRepository
} from "./ports/SubscriptionRepository.ts"

/** A request before its outcome. */
export type KeyedRequest = Omit<PurchaseRequestKey, "purchaseId" | "version">

/** One attempt, and whether its step has remembered the request. */
export interface Attempted<A> {
  readonly answer: A
  readonly purchaseId: PurchaseId
  /** The version of the account after the attempt. */
  readonly version: number
  readonly isRemembered: boolean
}

export const makeRequestKeys = Effect.gen(function*() {
  const repository = yield* SubscriptionRepository
  const digest = yield* Digest.Digest

  /** Undefined without a key. `asked`: everything that distinguishes one request from another. */
  const requestOf = Effect.fnUntraced(
    function*(
      userId: UserId,
      operation: string,
      key: string | undefined,
      asked: ReadonlyArray<string | boolean | null>
    ) {
      if (key === undefined) return undefined
      const fingerprint = yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(JSON.stringify(asked)))
      const request: KeyedRequest = { userId, operation, key, fingerprint, at: yield* DateTime.now }
      return request
    }
  )

  const find = Effect.fnUntraced(function*(request: KeyedRequest | undefined) {
    if (request === undefined) return undefined
    const found = Option.getOrUndefined(yield* repository.findRequest(request, request.at))
    if (found !== undefined && found.fingerprint !== request.fingerprint) return yield* new PurchaseKeyConflict()
    return found
  })

  /** Answers with `before` if the key is known, otherwise with the attempt. The second of two concurrent requests waits. */
  const once = <A, E extends { readonly _tag: string }, E2 extends { readonly _tag: string }>(
    request: KeyedRequest | undefined,
    before: (known: KnownRequest) => Effect.Effect<A | undefined, E2>,
    attempt: Effect.Effect<Attempted<A>, E | BillingAccountConflict>
  ) =>
    Effect.gen(function*() {
      const known = yield* find(request)
      const answered = known && (yield* before(known))
      if (answered !== undefined) return answered
      const done = yield* Effect.result(attempt)
      if (Result.isFailure(done)) {
        // A concurrent request with the same key may have succeeded before.
        const overtaken = done.failure._tag === "BillingAccountConflict" ? undefined : yield* find(request)
        const answer = overtaken && (yield* before(overtaken))
        return answer === undefined ? yield* Effect.fail(done.failure) : answer
      }
      const { answer, isRemembered, purchaseId, version } = done.success
      if (request && !isRemembered) yield* repository.remember({ ...request, purchaseId, version })
      return answer
    }).pipe(
      Effect.retry({ while: ({ _tag }) => _tag === "BillingAccountConflict", times: 1 }),
      Effect.catchTag("BillingAccountConflict", Effect.die)
    )

  return { once, requestOf }
})

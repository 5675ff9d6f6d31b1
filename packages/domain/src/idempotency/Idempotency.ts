/**
 * Carries out each request once: the same request with the same key is answered by the result of the first.
 */
import { DateTime, type Duration, Effect, Option, Result, Schema } from "effect"
import { Digest } from "effect/crypto"
import { retention } from "./model/IdempotencyKey.ts"
import { type KeyedRequest, type KeyScope, replay } from "./model/KeyedRequest.ts"
import { IdempotencyKeys } from "./ports/IdempotencyKeys.ts"

export interface Asked extends Omit<KeyScope, "key"> {
  /** Without a key, the request is carried out each time. */
  readonly key: string | undefined
  /** Everything that distinguishes the request from other requests. */
  readonly content: Schema.Json
  readonly at: DateTime.Utc
}

/** The outcome of carrying out a request. */
export interface Attempted<A> {
  readonly answer: A
  /** Identifies what the request led to. */
  readonly result: Schema.Json
  /** Whether a step has recorded the request. */
  readonly isRecorded: boolean
}

/** The request with its fingerprint: SHA-256 of the content, in hexadecimal digits. */
export const keyedRequest = Effect.fnUntraced(
  function*({ at, content, ...scope }: Asked & KeyScope, remembered: Duration.Input = retention) {
    const { digestHex } = yield* Digest.Digest
    const fingerprint = yield* digestHex(Digest.sha256, new TextEncoder().encode(JSON.stringify(content)))
    return { ...scope, fingerprint, at, expiresAt: DateTime.addDuration(at, remembered) } satisfies KeyedRequest
  }
)

export const makeIdempotency = Effect.gen(function*() {
  const keys = yield* IdempotencyKeys
  const digest = yield* Digest.Digest

  /**
   * Answers a known request with `answerOf`, and every other request with the attempt. `answerOf` may return undefined
   * for a result that is gone: then the request is carried out again.
   */
  return Effect.fnUntraced(function*<R, A, E, E2>(
    { key, ...asked }: Asked,
    result: Schema.Decoder<R>,
    answerOf: (result: R) => Effect.Effect<A | undefined, E2>,
    attempt: (request: KeyedRequest | undefined) => Effect.Effect<Attempted<A>, E>
  ) {
    const request = key === undefined
      ? undefined
      : yield* Effect.provideService(keyedRequest({ ...asked, key }), Digest.Digest, digest)

    const known = Effect.gen(function*() {
      if (request === undefined) return undefined
      const found = yield* keys.find(request, request.at)
      if (Option.isNone(found)) return undefined
      const replayed = yield* Effect.fromResult(replay(found.value, request))
      return yield* answerOf(yield* Effect.orDie(Schema.decodeUnknownEffect(result)(replayed)))
    })

    const before = yield* known
    if (before !== undefined) return before
    const done = yield* Effect.result(attempt(request))
    // A concurrent request with the same key may have succeeded meanwhile.
    if (Result.isFailure(done)) return (yield* known) ?? (yield* Effect.fail(done.failure))
    const { answer, isRecorded, ...outcome } = done.success
    if (request === undefined || isRecorded || (yield* keys.record({ ...request, ...outcome }))) return answer
    return (yield* known) ?? answer
  })
})

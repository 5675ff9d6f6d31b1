/**
 * A request with an idempotency key, before and after the request has a result.
 */
import { type DateTime, Result, Schema } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

/** The same key of another user or for another operation is another key. */
export interface KeyScope {
  readonly userId: UserId
  readonly operation: string
  readonly key: string
}

export interface KeyedRequest extends KeyScope {
  /** A digest of the content of the request. */
  readonly fingerprint: string
  readonly at: DateTime.Utc
  /** From this time on, the key is free again. */
  readonly expiresAt: DateTime.Utc
}

export interface RecordedRequest extends KeyedRequest {
  /** Identifies what the request led to. */
  readonly result: Schema.Json
}

/** The fingerprint and the result of a recorded request. */
export type KnownRequest = Pick<RecordedRequest, "fingerprint" | "result">

/** The idempotency key was used for another request. */
export class IdempotencyConflict extends Schema.TaggedError<IdempotencyConflict>()("IdempotencyConflict", {}) {
  override get message() {
    return "the idempotency key was used for another request"
  }
}

/** A step was not stored, because its idempotency key is in use. */
export class KeyInUse extends Schema.TaggedError<KeyInUse>()("KeyInUse", {}) {}

/** The result of the first request with the key, if this is the same request. */
export const replay = (
  { fingerprint, result }: KnownRequest,
  request: KeyedRequest
): Result.Result<Schema.Json, IdempotencyConflict> =>
  fingerprint === request.fingerprint ? Result.succeed(result) : Result.fail(new IdempotencyConflict())

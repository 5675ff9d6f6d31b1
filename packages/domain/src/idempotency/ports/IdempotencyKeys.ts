/**
 * Port: the recorded requests. A step that carries a `RecordedRequest` records the request in its own transaction: a
 * step whose key is in use is not stored, and a step that is not stored leaves its key free.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { KeyScope, KnownRequest, RecordedRequest } from "../model/KeyedRequest.ts"

export class IdempotencyKeys extends Context.Service<IdempotencyKeys, {
  /** The request that has the key at this time. */
  find(key: KeyScope, at: DateTime.Utc): Effect.Effect<Option.Option<KnownRequest>>
  /** Records a request that changed nothing. Returns false if the key is in use. */
  record(request: RecordedRequest): Effect.Effect<boolean>
  /** Deletes at most `limit` expired requests, the oldest first. Returns the number of deleted requests. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/idempotency/IdempotencyKeys") {}

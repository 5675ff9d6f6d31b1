/**
 * Port: the sign-in messages that await a signature.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { SiweNonce, SiweNonceId } from "../model/SiweNonce.ts"
import type { UserId } from "../model/UserId.ts"

export class SiweNonceRepository extends Context.Service<SiweNonceRepository, {
  insert(nonce: SiweNonce): Effect.Effect<void>
  /** Removes and returns the record, expired or not. Of concurrent calls, one receives the record. */
  consume(id: SiweNonceId): Effect.Effect<Option.Option<SiweNonce>>
  /** Deletes every message that one of these users requested while signed in. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Deletes at most `limit` records that are expired at this time. Returns the number of deleted records. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/SiweNonceRepository") {}

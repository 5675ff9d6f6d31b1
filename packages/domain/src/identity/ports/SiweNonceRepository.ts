/**
 * Port: the sign-in messages that wait for a signature.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { SiweNonce, SiweNonceId } from "../model/SiweNonce.ts"
import type { UserId } from "../model/UserId.ts"

export class SiweNonceRepository extends Context.Service<SiweNonceRepository, {
  insert(nonce: SiweNonce): Effect.Effect<void>
  /** Takes the record away and returns it, expired or not. Of any number of calls at once, one gets it. */
  consume(id: SiweNonceId): Effect.Effect<Option.Option<SiweNonce>>
  /** Forgets every message that one of these people asked for while signed in. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Forgets at most `limit` records that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/SiweNonceRepository") {}

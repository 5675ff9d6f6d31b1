/**
 * Port: the codes that applications have not traded for a session yet.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { NativeCode } from "../model/NativeFlow.ts"
import type { TokenHash } from "../model/TokenHash.ts"
import type { UserId } from "../model/UserId.ts"

export class NativeCodeRepository extends Context.Service<NativeCodeRepository, {
  insert(code: NativeCode): Effect.Effect<void>
  /** The code as it is, expired or not; it stays. */
  find(hash: TokenHash): Effect.Effect<Option.Option<NativeCode>>
  /** Takes the code away and returns it, expired or not. Of any number of calls at once, one gets it. */
  consume(hash: TokenHash): Effect.Effect<Option.Option<NativeCode>>
  /** Forgets every code of these people. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Forgets at most `limit` codes that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/NativeCodeRepository") {}

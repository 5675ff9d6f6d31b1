/**
 * Port: the codes that applications have not exchanged for a session yet.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { NativeCode } from "../model/NativeFlow.ts"
import type { TokenHash } from "../model/TokenHash.ts"
import type { UserId } from "../model/UserId.ts"

export class NativeCodeRepository extends Context.Service<NativeCodeRepository, {
  insert(code: NativeCode): Effect.Effect<void>
  /** Returns the code, expired or not, without removing the code. */
  find(hash: TokenHash): Effect.Effect<Option.Option<NativeCode>>
  /** Removes and returns the code, expired or not. Of concurrent calls, one receives the code. */
  consume(hash: TokenHash): Effect.Effect<Option.Option<NativeCode>>
  /** Deletes every code of these users. */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Deletes at most `limit` codes that are expired at this time. Returns the number of deleted codes. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/NativeCodeRepository") {}

/**
 * Port: the sealed access tokens of linked accounts.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import { LinkedAccountId } from "../model/LinkedAccount.ts"
import { Sealed } from "../model/Sealed.ts"

export const AccountToken = Schema.Struct({
  accountId: LinkedAccountId,
  token: Sealed,
  /** Missing where the provider did not say. */
  expiresAt: Schema.optionalKey(Schema.DateTimeUtc),
  scopes: Schema.Array(Schema.String)
})
export type AccountToken = typeof AccountToken.Type

export class AccountTokenRepository extends Context.Service<AccountTokenRepository, {
  /** Keeps a token in place of the account's former one; an account that is gone is ignored. */
  put(token: AccountToken): Effect.Effect<void>
  find(account: LinkedAccountId): Effect.Effect<Option.Option<AccountToken>>
  /** Forgets the token of an account. */
  remove(account: LinkedAccountId): Effect.Effect<void>
  /** At most `limit` tokens that are sealed by another key than this one. */
  sealedByOthers(keyId: string, limit: number): Effect.Effect<ReadonlyArray<AccountToken>>
  /** Puts another seal on a token, unless it was replaced or expired meanwhile. */
  reseal(before: AccountToken, token: Sealed): Effect.Effect<void>
  /** Forgets at most `limit` tokens that are expired at this time; returns how many. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/AccountTokenRepository") {}

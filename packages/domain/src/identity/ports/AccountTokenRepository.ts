/**
 * Port: the sealed access tokens of linked accounts.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import { LinkedAccountId } from "../model/LinkedAccount.ts"
import { Sealed } from "../model/Sealed.ts"

export const AccountToken = Schema.Struct({
  accountId: LinkedAccountId,
  token: Sealed,
  /** Missing if the provider gave no expiry. */
  expiresAt: Schema.optionalKey(Schema.DateTimeUtc),
  scopes: Schema.Array(Schema.String)
})
export type AccountToken = typeof AccountToken.Type

export class AccountTokenRepository extends Context.Service<AccountTokenRepository, {
  /** Stores a token and replaces the account's former token. A missing account is ignored. */
  put(token: AccountToken): Effect.Effect<void>
  find(account: LinkedAccountId): Effect.Effect<Option.Option<AccountToken>>
  /** Deletes the token of an account. */
  remove(account: LinkedAccountId): Effect.Effect<void>
  /** At most `limit` tokens that another key than this one sealed. */
  sealedByOthers(keyId: string, limit: number): Effect.Effect<ReadonlyArray<AccountToken>>
  /** Replaces the seal of a token, unless the token was replaced or expired meanwhile. */
  reseal(before: AccountToken, token: Sealed): Effect.Effect<void>
  /** Deletes at most `limit` tokens that are expired at this time. Returns the number of deleted tokens. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/AccountTokenRepository") {}

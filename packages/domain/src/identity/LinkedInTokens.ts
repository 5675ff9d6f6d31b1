/**
 * The access tokens of LinkedIn: stored under seal, or not at all.
 */
import { Context, DateTime, Effect, Layer, Option, type Redacted } from "effect"
import { accountOf, type Identity } from "./model/Identity.ts"
import { LinkedInReauthorizationRequired } from "./model/IdentityErrors.ts"
import type { LinkedAccountId } from "./model/LinkedAccount.ts"
import type { LinkedInClientId } from "./model/LinkedInProfile.ts"
import type { UserId } from "./model/UserId.ts"
import { type AccountToken, AccountTokenRepository } from "./ports/AccountTokenRepository.ts"
import { IdentityRepository } from "./ports/IdentityRepository.ts"
import type { LinkedInGrant } from "./ports/LinkedIn.ts"
import { TokenVault } from "./TokenVault.ts"

/**
 * Whether access tokens are stored. Without them, a profile is read only when its user signs in or links by LinkedIn.
 */
export class KeepLinkedInTokens extends Context.Reference<boolean>("@dchat/domain/identity/KeepLinkedInTokens", {
  defaultValue: () => true
}) {}

/** The context of a seal. A sealed token does not open for another account. */
const contextOf = (account: LinkedAccountId): string => `linked_account:${account}:access_token`

export class LinkedInTokens extends Context.Service<LinkedInTokens, {
  /** Stores the token of a user's account of this application. */
  keepFor(user: UserId, clientId: LinkedInClientId, grant: LinkedInGrant): Effect.Effect<void>
  /** The token of an account, while the token is valid. */
  open(account: LinkedAccountId): Effect.Effect<Redacted.Redacted<string>, LinkedInReauthorizationRequired>
  /** Deletes a token that LinkedIn no longer accepts. */
  forget(account: LinkedAccountId): Effect.Effect<void>
  /** Seals at most `limit` tokens of older secrets with the newest secret. Returns the number of examined tokens. */
  reseal(limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/LinkedInTokens") {
  static readonly layer = Layer.effect(
    LinkedInTokens,
    Effect.gen(function*() {
      const repository = yield* AccountTokenRepository
      const identities = yield* IdentityRepository
      const vault = yield* TokenVault
      const keepsTokens = yield* KeepLinkedInTokens

      const keepFor = Effect.fn("LinkedInTokens.keepFor")(
        function*(user: UserId, clientId: LinkedInClientId, { accessToken, scopes, tokenExpiresAt }: LinkedInGrant) {
          if (!keepsTokens) return
          const account = Option.flatMapNullishOr(
            yield* identities.load(user),
            (identity: Identity) => accountOf(identity, clientId)
          )
          if (Option.isNone(account)) return
          const { id } = account.value
          yield* repository.put({
            accountId: id,
            token: yield* vault.seal(accessToken, contextOf(id)),
            scopes,
            ...(Option.isSome(tokenExpiresAt) ? { expiresAt: tokenExpiresAt.value } : {})
          })
        }
      )

      const open = Effect.fn("LinkedInTokens.open")(function*(account: LinkedAccountId) {
        const kept = yield* repository.find(account)
        if (Option.isNone(kept) || isDead(kept.value, yield* DateTime.now)) {
          return yield* new LinkedInReauthorizationRequired()
        }
        return yield* Effect.catchTag(
          vault.open(kept.value.token, contextOf(account)),
          "SealBroken",
          () => Effect.fail(new LinkedInReauthorizationRequired())
        )
      })

      const reseal = Effect.fn("LinkedInTokens.reseal")(function*(limit: number) {
        const stale = yield* repository.sealedByOthers(yield* vault.currentKeyId, limit)
        yield* Effect.forEach(stale, (kept) => {
          const context = contextOf(kept.accountId)
          return vault.open(kept.token, context).pipe(
            Effect.flatMap((token) => vault.seal(token, context)),
            Effect.flatMap((token) => repository.reseal(kept, token)),
            // No secret opens the token: the user must authorize at LinkedIn again.
            Effect.catchTag("SealBroken", () => repository.remove(kept.accountId))
          )
        }, { discard: true, concurrency: 4 })
        return stale.length
      })

      return LinkedInTokens.of({ keepFor, open, forget: (account) => repository.remove(account), reseal })
    })
  )
}

const isDead = ({ expiresAt }: AccountToken, now: DateTime.Utc): boolean =>
  expiresAt !== undefined && DateTime.isLessThanOrEqualTo(expiresAt, now)

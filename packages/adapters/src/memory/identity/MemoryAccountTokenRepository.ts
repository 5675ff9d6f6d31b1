/**
 * Keeps sealed access tokens in a map: for tests and examples.
 */
import { type AccountToken, AccountTokenRepository, type LinkedAccountId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option } from "effect"
import { MemoryIdentityStore } from "./MemoryIdentityStore.ts"

export const layer = Layer.effect(
  AccountTokenRepository,
  Effect.gen(function*() {
    const { identities } = yield* MemoryIdentityStore
    const tokens = new Map<LinkedAccountId, AccountToken>()
    const isLinked = (id: LinkedAccountId) =>
      [...identities.values()].some(({ accounts }) => accounts.some((account) => account.id === id))
    const kept = () => [...tokens.values()].filter(({ accountId }) => isLinked(accountId))

    return AccountTokenRepository.of({
      put: (token) =>
        Effect.sync(() => {
          if (isLinked(token.accountId)) tokens.set(token.accountId, token)
        }),
      find: (account) => Effect.sync(() => Option.fromUndefinedOr(kept().find((it) => it.accountId === account))),
      remove: (account) => Effect.sync(() => void tokens.delete(account)),
      sealedByOthers: (keyId, limit) =>
        Effect.sync(() => kept().filter(({ token }) => token.keyId !== keyId).slice(0, limit)),
      reseal: (before, token) =>
        Effect.sync(() => {
          const current = tokens.get(before.accountId)
          if (current !== undefined && current.token.ciphertext === before.token.ciphertext) {
            tokens.set(before.accountId, { ...current, token })
          }
        }),
      purge: (now, limit) =>
        Effect.sync(() => {
          const expired = [...tokens.values()]
            .filter(({ expiresAt }) => expiresAt !== undefined && DateTime.isLessThanOrEqualTo(expiresAt, now))
            .slice(0, limit)
          for (const { accountId } of expired) tokens.delete(accountId)
          return expired.length
        })
    })
  })
)

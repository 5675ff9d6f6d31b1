import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import { type AccountToken, AccountTokenRepository, type IdentityRepository } from "../identity/index.ts"
import { happened, noon, signUp, someAccount, someHash, someWallet } from "./support/identityFixtures.ts"

const sealedBy = (keyId: string) => ({ keyId, ciphertext: `sealed ${someHash()}` })

/** A user with a wallet and an account whose token is stored. */
const kept = Effect.fnUntraced(function*(fields: Partial<AccountToken> = {}) {
  const account = someAccount()
  const person = yield* signUp({ wallets: [someWallet()], accounts: [account] })
  const token: AccountToken = {
    accountId: account.id,
    token: sealedBy("current"),
    scopes: ["openid", "profile", "email"],
    ...fields
  }
  yield* (yield* AccountTokenRepository).put(token)
  return { person, token }
})

/** The contract of `AccountTokenRepository`, for every implementation. */
export const accountTokenRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<AccountTokenRepository | IdentityRepository, E>
) =>
  layer(subject)(name, (it) => {
    it.effect("returns a token exactly as it was stored", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const { token: one } = yield* kept()
        const { token: other } = yield* kept({ expiresAt: noon, scopes: [] })
        const { token: odd } = yield* kept({ scopes: ["a,b", "c\"d", "{e}", "NULL", "", "ü"] })
        for (const token of [one, other, odd]) {
          assert.deepStrictEqual(yield* tokens.find(token.accountId), Option.some(token))
        }
        assert.deepStrictEqual(yield* tokens.find(someAccount().id), Option.none())
      }))

    it.effect("stores one token an account: the last one", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const { token: { accountId } } = yield* kept({ expiresAt: noon })
        const later: AccountToken = { accountId, token: sealedBy("later"), scopes: ["openid"] }
        yield* tokens.put(later)
        assert.deepStrictEqual(yield* tokens.find(accountId), Option.some(later))
      }))

    it.effect("stores no token of an account that no user has", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const accountId = someAccount().id
        yield* tokens.put({ accountId, token: sealedBy("current"), scopes: [] })
        assert.deepStrictEqual(yield* tokens.find(accountId), Option.none())
      }))

    it.effect("deletes a token, also when it is gone already", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const { token: { accountId } } = yield* kept()
        yield* tokens.remove(accountId)
        yield* tokens.remove(accountId)
        assert.deepStrictEqual(yield* tokens.find(accountId), Option.none())
      }))

    it.effect("deletes the token of an account that is unlinked, or whose user is deleted", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const keyId = someHash()
        const [unlinked, deleted] = [
          yield* kept({ token: sealedBy(keyId) }),
          yield* kept({ token: sealedBy(keyId) })
        ]
        yield* happened(unlinked.person.id, { _tag: "AccountUnlinked", accountId: unlinked.token.accountId })
        yield* happened(deleted.person.id, { _tag: "Deleted" })
        for (const { token } of [unlinked, deleted]) {
          assert.deepStrictEqual(yield* tokens.find(token.accountId), Option.none())
        }
        const others = yield* tokens.sealedByOthers("another", 1000)
        assert.deepStrictEqual(others.filter(({ token }) => token.keyId === keyId), [])
      }))

    it.effect("lists the tokens that other keys have sealed, at most as many as the limit", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const [a, b, c] = [
          yield* kept({ token: sealedBy("5-a") }),
          yield* kept({ token: sealedBy("5-b") }),
          yield* kept({
            token: sealedBy("5-c")
          })
        ]
        const namesOf = (found: ReadonlyArray<AccountToken>) =>
          found.map(({ accountId }) => accountId).filter((id) => [a, b, c].some(({ token }) => token.accountId === id))
        const all = yield* tokens.sealedByOthers("5-b", 1000)
        assert.sameMembers(namesOf(all), [a.token.accountId, c.token.accountId])
        assert.deepStrictEqual(all.find(({ accountId }) => accountId === a.token.accountId), a.token)
        assert.lengthOf(yield* tokens.sealedByOthers("5-b", 1), 1)
      }))

    it.effect("replaces the seal of a token, and no other field", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const { token } = yield* kept({ expiresAt: noon })
        const seal = sealedBy("later")
        yield* tokens.reseal(token, seal)
        assert.deepStrictEqual(yield* tokens.find(token.accountId), Option.some({ ...token, token: seal }))
      }))

    it.effect("does not reseal a token that was replaced or deleted in the meantime", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const { token: before } = yield* kept()
        const after = { ...before, token: sealedBy("current") }
        yield* tokens.put(after)
        yield* tokens.reseal(before, sealedBy("later"))
        assert.deepStrictEqual(yield* tokens.find(before.accountId), Option.some(after))
        yield* tokens.remove(before.accountId)
        yield* tokens.reseal(after, sealedBy("later"))
        assert.deepStrictEqual(yield* tokens.find(before.accountId), Option.none())
      }))

    it.effect("purges expired tokens, at most as many as the limit, and no token without an end", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const longAgo = DateTime.subtractDuration(noon, Duration.days(3650))
        const expired = yield* Effect.forEach(Array.range(1, 3), () => kept({ expiresAt: longAgo }))
        const waiting = [yield* kept({ expiresAt: DateTime.addDuration(longAgo, "1 millis") }), yield* kept()]
        assert.strictEqual(yield* tokens.purge(longAgo, 2), 2)
        assert.strictEqual(yield* tokens.purge(longAgo, 2), 1)
        assert.strictEqual(yield* tokens.purge(longAgo, 2), 0)
        for (const { token } of expired) assert.isTrue(Option.isNone(yield* tokens.find(token.accountId)))
        for (const { token } of waiting) {
          assert.deepStrictEqual(yield* tokens.find(token.accountId), Option.some(token))
        }
      }))
  })

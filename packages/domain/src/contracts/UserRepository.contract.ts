import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { ChainId, DisplayName, type IdentityRepository, searchForm, UserRepository } from "../identity/index.ts"
import {
  happened,
  noon,
  signUp,
  someAccount,
  someAddress,
  someUserId,
  someWallet,
  userOf
} from "./support/identityFixtures.ts"

/** The contract of `UserRepository`, for every implementation. */
export const userRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<UserRepository | IdentityRepository, E>
) =>
  layer(subject)(name, (it) => {
    it.effect("returns users exactly as they were stored, by id, without unknown ids", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const ann = userOf(yield* signUp({ name: "Ann Ünal 🎈" }))
        const bob = userOf(yield* signUp({ name: "Bob", status: "disabled" }))
        assert.deepStrictEqual(yield* users.findByIds([bob.id, someUserId(), ann.id, bob.id]), [ann, bob])
        assert.deepStrictEqual(yield* users.findByIds([]), [])
      }))

    it.effect("finds all users who have a wallet with an address, on any chain, and none for an unknown address", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const address = someAddress()
        const contractOn = (chain: number) => someWallet({ kind: "contract", chainId: ChainId.make(chain), address })
        const ann = userOf(yield* signUp({ wallets: [someWallet({ address }), contractOn(1)] }))
        const bob = userOf(yield* signUp({ wallets: [contractOn(10)], status: "disabled" }))
        assert.deepStrictEqual(yield* users.findByAddress(address), [ann, bob])
        assert.deepStrictEqual(yield* users.findByAddress(someAddress()), [])
      }))

    it.effect("finds a user by a changed name", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const { id } = yield* signUp({ name: "Quondam Ann" })
        const displayName = DisplayName.make("Hence Ann")
        const renamed = userOf(yield* happened(id, { _tag: "ProfileEdited", displayName }))
        assert.deepStrictEqual(yield* users.findByNamePrefix("hence", 5), [renamed])
        assert.deepStrictEqual(yield* users.findByNamePrefix("quondam", 5), [])
      }))

    it.effect("lists the wallets of several users by user: the primary wallet first, then by the time of verification", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const [first, second, third] = [3, 2, 1].map((minutes) =>
          someWallet({ verifiedAt: DateTime.subtractDuration(noon, { minutes }) })
        )
        const ann = yield* signUp({
          wallets: [first, second, third].map((wallet) => wallet ?? someWallet())
        })
        const contract = someWallet({ kind: "contract", chainId: ChainId.make(Number.MAX_SAFE_INTEGER) })
        const bob = yield* signUp({ wallets: [contract] })
        const placeholder = yield* signUp({ accounts: [someAccount()] })
        const primary = third?.id ?? contract.id
        yield* happened(ann.id, { _tag: "PrimaryWalletChanged", walletId: primary })
        const listed = yield* users.walletsOf([placeholder.id, bob.id, ann.id])
        assert.deepStrictEqual(listed.map(({ id }) => id), [primary, ...[first, second, contract].map((it) => it?.id)])
        assert.deepStrictEqual(listed.at(-1), { ...contract, userId: bob.id, isPrimary: true })
        assert.deepStrictEqual(yield* users.walletsOf([]), [])
      }))

    it.effect("finds active users by the beginning of their name, case-insensitively, in a stable order", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const mark = SecureRandom.uuidV7Unsafe()
        const named = (name: string) => Effect.map(signUp({ name: `${mark}${name}` }), userOf)
        const [zoe, ada, adaToo] = [yield* named("ÉLAN zoe"), yield* named("Élan Ada"), yield* named("élan ADA")]
        yield* signUp({ name: `${mark}Élan`, status: "disabled" })
        yield* named("Elan")
        yield* signUp({ name: `x${mark}Élan` })
        const prefix = searchForm(`${mark}ÉLAN`)
        assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 20), [ada, adaToo, zoe])
        assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 2), [ada, adaToo])
      }))

    it.effect("treats wildcards and quotes in a search literally", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const mark = SecureRandom.uuidV7Unsafe()
        const user = userOf(yield* signUp({ name: `${mark}%_'\\" 🎈🎈` }))
        for (const prefix of [`${mark}%`, `${mark}%_'\\"`, `${mark}%_'\\" 🎈`]) {
          assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 20), [user])
        }
        for (const prefix of [`${mark}_`, `${mark}%%`, `%${mark}`]) {
          assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 20), [])
        }
      }))

    it.effect("resolves a merged user to the surviving user, through any number of merges", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const [ann, bob, cat, dan] = [yield* signUp(), yield* signUp(), yield* signUp(), yield* signUp()]
        yield* happened(ann.id, { _tag: "MergedInto", userId: bob.id })
        yield* happened(bob.id, { _tag: "MergedInto", userId: cat.id })
        assert.deepStrictEqual(
          yield* users.survivorsOf([ann.id, bob.id, cat.id, dan.id, someUserId(), ann.id]),
          new Map([[ann.id, cat.id], [bob.id, cat.id]])
        )
        assert.deepStrictEqual(yield* users.survivorsOf([]), new Map())
      }))
  })

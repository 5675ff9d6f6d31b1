import { DisplayName, searchForm, UserRepository } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Array, Effect, type Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { someAddress, someUser, walletOf } from "./support/identityFixtures.ts"

/** What every `UserRepository` promises, whatever it is built on. */
export const userRepositoryContract = <E>(name: string, subject: Layer.Layer<UserRepository, E>) =>
  layer(subject)(name, (it) => {
    it.effect("returns people as they were kept, by id, leaving unknown ids out", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const ann = someUser({ name: "Ann Ünal 🎈" })
        const bob = someUser({ name: "Bob", status: "disabled" })
        yield* users.createOrLoadByWallet(ann, walletOf(ann))
        yield* users.createOrLoadByWallet(bob, walletOf(bob))
        assert.deepStrictEqual(yield* users.findByIds([bob.id, someUser().id, ann.id, bob.id]), [ann, bob])
        assert.deepStrictEqual(yield* users.findByIds([]), [])
      }))

    it.effect("finds the holder of a wallet, and nobody for an unknown one", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const ann = someUser()
        const wallet = walletOf(ann)
        yield* users.createOrLoadByWallet(ann, wallet)
        assert.deepStrictEqual(yield* users.findByWallet(wallet.address), Option.some(ann))
        assert.deepStrictEqual(yield* users.findByWallet(someAddress()), Option.none())
      }))

    it.effect("gives a person another name, by which they are found from then on", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const ann = someUser({ name: "Quondam Ann" })
        yield* users.createOrLoadByWallet(ann, walletOf(ann))
        const renamed = { ...ann, displayName: DisplayName.make("Hence Ann") }
        assert.deepStrictEqual(yield* users.rename(ann.id, renamed.displayName), Option.some(renamed))
        assert.deepStrictEqual(yield* users.findByNamePrefix("hence", 5), [renamed])
        assert.deepStrictEqual(yield* users.findByNamePrefix("quondam", 5), [])
        assert.deepStrictEqual(yield* users.rename(someUser().id, renamed.displayName), Option.none())
      }))

    it.effect("keeps nothing of a newcomer whose wallet belongs to somebody", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const ann = someUser()
        const wallet = walletOf(ann)
        const late = someUser()
        assert.deepStrictEqual(yield* users.createOrLoadByWallet(ann, wallet), ann)
        assert.deepStrictEqual(yield* users.createOrLoadByWallet(late, walletOf(late, wallet.address)), ann)
        assert.deepStrictEqual(yield* users.findByIds([late.id]), [])
        assert.deepStrictEqual(yield* users.walletsOf([ann.id, late.id]), [wallet])
      }))

    it.effect("makes one person of 200 first logins at once with one wallet", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const address = someAddress()
        const newcomers = Array.makeBy(200, () => someUser())
        const signedIn = yield* Effect.forEach(
          newcomers,
          (user) => users.createOrLoadByWallet(user, walletOf(user, address)),
          { concurrency: "unbounded" }
        )
        const ids = newcomers.map((user) => user.id)
        const kept = yield* users.findByIds(ids)
        assert.lengthOf(kept, 1)
        assert.lengthOf(yield* users.walletsOf(ids), 1)
        assert.deepStrictEqual(new Set(signedIn.map((user) => user.id)), new Set(kept.map((user) => user.id)))
      }))

    it.effect("lists the wallets of several people, by person", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const people = [someUser(), someUser(), someUser()]
        const wallets = people.map((user) => walletOf(user))
        yield* Effect.forEach(people, (user, i) => users.createOrLoadByWallet(user, wallets[i] ?? walletOf(user)))
        assert.deepStrictEqual(yield* users.walletsOf(people.map((user) => user.id).toReversed()), wallets)
        assert.deepStrictEqual(yield* users.walletsOf([]), [])
      }))

    it.effect("finds active people by the beginning of their name, letter case aside, in a stable order", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const mark = SecureRandom.uuidV7Unsafe()
        const named = (name: string) => someUser({ name: `${mark}${name}` })
        const [zoe, ada, adaToo] = [named("ÉLAN zoe"), named("Élan Ada"), named("élan ADA")]
        const disabled = someUser({ name: `${mark}Élan`, status: "disabled" })
        const others = [named("Elan"), someUser({ name: `x${mark}Élan` })]
        yield* Effect.forEach(
          [zoe, ada, adaToo, disabled, ...others],
          (user) => users.createOrLoadByWallet(user, walletOf(user))
        )
        const prefix = searchForm(`${mark}ÉLAN`)
        assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 20), [ada, adaToo, zoe])
        assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 2), [ada, adaToo])
      }))

    it.effect("takes wildcards and quotes in a search literally", () =>
      Effect.gen(function*() {
        const users = yield* UserRepository
        const mark = SecureRandom.uuidV7Unsafe()
        const user = someUser({ name: `${mark}%_'\\" 🎈🎈` })
        yield* users.createOrLoadByWallet(user, walletOf(user))
        for (const prefix of [`${mark}%`, `${mark}%_'\\"`, `${mark}%_'\\" 🎈`]) {
          assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 20), [user])
        }
        for (const prefix of [`${mark}_`, `${mark}%%`, `%${mark}`]) {
          assert.deepStrictEqual(yield* users.findByNamePrefix(prefix, 20), [])
        }
      }))
  })

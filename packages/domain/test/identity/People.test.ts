import { DisplayName, People, Presence, UserId, WalletAddress } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { signedUp } from "./signedUp.ts"

const named = (name: string) => ({ displayName: DisplayName.make(name) })
const address = WalletAddress.make("0x12ab567890123456789012345678901234567cd3")
const stranger = UserId.make(SecureRandom.uuidV7Unsafe())

describe("People", () => {
  it.effect("shows a user to others with the primary wallet and the online state", () =>
    Effect.gen(function*() {
      const people = yield* People
      const { id } = yield* signedUp({ address, ...named("Ann") })
      assert.deepStrictEqual(yield* people.get(id), {
        id,
        displayName: DisplayName.make("Ann"),
        wallet: address,
        online: false
      })
      yield* Effect.scoped(Effect.gen(function*() {
        yield* (yield* Presence).connect(id, "phone")
        assert.isTrue((yield* people.get(id)).online)
      }))
      assert.isFalse((yield* people.get(id)).online)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("finds users by the beginning of a name and by a whole wallet address, case-insensitively", () =>
    Effect.gen(function*() {
      const people = yield* People
      const ann = yield* signedUp({ address, ...named("Ann Smith") })
      const other = yield* signedUp({ ...named("Joann") })
      const idsOf = (query: string) => Effect.map(people.find(query), (found) => found.map(({ id }) => id))
      for (const query of ["ann", " ANN s ", address, `0x${address.slice(2).toUpperCase()}`, ` ${address}`]) {
        assert.deepStrictEqual(yield* idsOf(query), [ann.id], query)
      }
      assert.deepStrictEqual(yield* idsOf("JO"), [other.id])
      for (const query of ["", "  ", "\0", "smith", "%", address.slice(0, 41), `${address}0`]) {
        assert.deepStrictEqual(yield* idsOf(query), [], query)
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("finds a user without a name by the shortened address", () =>
    Effect.gen(function*() {
      const { id } = yield* signedUp({ address })
      for (const query of ["0x12ab", "0X12AB", "0x12ab…7cd3", "0x12ab...7cd3"]) {
        assert.deepStrictEqual((yield* (yield* People).find(query)).map((person) => person.id), [id], query)
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("finds at most 20 users, the same ones each time", () =>
    Effect.gen(function*() {
      const people = yield* People
      yield* Effect.forEach(Array.from({ length: 25 }), () => signedUp(named("Ann")))
      const found = yield* people.find("ann")
      assert.lengthOf(found, 20)
      assert.deepStrictEqual(yield* people.find("ann"), found)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("never shows disabled users to others", () =>
    Effect.gen(function*() {
      const people = yield* People
      const { id } = yield* signedUp({ status: "disabled", address, ...named("Ann") })
      const ann = yield* signedUp(named("Ann"))
      assert.deepStrictEqual((yield* people.find("ann")).map((person) => person.id), [ann.id])
      assert.deepStrictEqual(yield* people.find(address), [])
      assert.deepStrictEqual((yield* people.getAll([id, ann.id, stranger])).map((person) => person.id), [ann.id])
      assert.strictEqual((yield* Effect.flip(people.get(id)))._tag, "UserNotFound")
      assert.strictEqual((yield* Effect.flip(people.get(stranger)))._tag, "UserNotFound")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect.prop("accepts any text as a query", [Schema.String], ([query]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* (yield* People).find(query), [])
    }).pipe(Effect.provide(identityTestLayer())))
})

/**
 * The contract of `UsageRepository`, for every implementation.
 */
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { UserId } from "../identity/index.ts"
import {
  mostCounted,
  type UsageChange,
  type UsageLevel,
  usageOperation,
  UsageRepository
} from "../subscription/index.ts"
import { requestOf } from "./support/recordedRequests.ts"

const start = DateTime.makeUnsafe("2026-11-30T23:00:00Z")

const someone = () => UserId.make(SecureRandom.uuidV7Unsafe())

const keyed = (userId: UserId, key: string, at = start, fingerprint = "fingerprint") =>
  requestOf(userId, { operation: usageOperation, key, at, fingerprint })

const change = (userId: UserId, key: string, more: Partial<UsageChange> = {}): UsageChange => ({
  request: keyed(userId, key),
  feature: "searches",
  period: "2026-11",
  amount: 1,
  limit: 10,
  ...more
})

const level = (userId: UserId, key: string, value: number, more: Partial<UsageLevel> = {}): UsageLevel => ({
  request: keyed(userId, key),
  feature: "storageBytes",
  value,
  limit: 10,
  observedAt: start,
  ...more
})

export const usageRepositoryContract = (name: string, repository: Layer.Layer<UsageRepository>): void =>
  layer(repository, { excludeTestServices: true })(name, (it) => {
    it.effect("admits exactly as many of fifty concurrent uses as the limit allows", () =>
      Effect.gen(function*() {
        const { add, counted } = yield* UsageRepository
        const ann = someone()
        const outcomes = yield* Effect.forEach(
          Array.from({ length: 50 }, (_, index) => `key ${index}`),
          (key) => add(change(ann, key)),
          { concurrency: "unbounded" }
        )
        assert.lengthOf(outcomes.filter(({ _tag }) => _tag === "Added"), 10)
        assert.lengthOf(outcomes.filter(({ _tag }) => _tag === "Refused"), 40)
        assert.strictEqual((yield* counted(ann, ["2026-11"])).get("searches"), 10)
      }))

    it.effect("counts one of fifty concurrent uses with one key, and refuses the key for another request", () =>
      Effect.gen(function*() {
        const { add } = yield* UsageRepository
        const ann = someone()
        const same = change(ann, "same", { amount: 3 })
        const outcomes = yield* Effect.forEach(Array.from({ length: 50 }), () => add(same), {
          concurrency: "unbounded"
        })
        assert.lengthOf(outcomes.filter(({ _tag }) => _tag === "Added"), 1)
        assert.lengthOf(outcomes.filter(({ _tag }) => _tag === "Repeated"), 49)
        const other = { ...same, request: keyed(ann, "same", start, "another") }
        assert.strictEqual((yield* Effect.flip(add(other)))._tag, "IdempotencyConflict")
      }))

    it.effect("recognises the key of a use that has reached the limit", () =>
      Effect.gen(function*() {
        const { add } = yield* UsageRepository
        for (let time = 0; time < 20; time += 1) {
          const much = change(someone(), "much", { amount: 6 })
          const outcomes = yield* Effect.all([add(much), add(much), add(much)], { concurrency: "unbounded" })
          assert.sameMembers(outcomes.map(({ _tag }) => _tag), ["Added", "Repeated", "Repeated"])
        }
      }))

    it.effect("records no refused request, and frees a key when its request expires", () =>
      Effect.gen(function*() {
        const { add } = yield* UsageRepository
        const ann = someone()
        const much = change(ann, "much", { amount: 11 })
        const { expiresAt } = much.request
        assert.deepStrictEqual(yield* add(much), { _tag: "Refused", used: 0 })
        assert.deepStrictEqual(yield* add({ ...much, limit: mostCounted }), { _tag: "Added", used: 11 })
        const again = (at: DateTime.Utc) =>
          add({ ...much, limit: mostCounted, period: "2027-01", request: keyed(ann, "much", at) })
        assert.strictEqual((yield* again(DateTime.subtract(expiresAt, { seconds: 1 })))._tag, "Repeated")
        assert.deepStrictEqual(yield* again(expiresAt), { _tag: "Added", used: 11 })
      }))

    it.effect("counts no more than the greatest exact number, also when two users are merged", () =>
      Effect.gen(function*() {
        const { add, counted, move } = yield* UsageRepository
        const [ann, bob] = [someone(), someone()]
        const all = (userId: UserId, key: string, amount = mostCounted) =>
          add(change(userId, key, { amount, limit: mostCounted }))
        assert.deepStrictEqual(yield* all(ann, "all"), { _tag: "Added", used: mostCounted })
        assert.deepStrictEqual(yield* all(ann, "one", 1), { _tag: "Refused", used: mostCounted })
        assert.deepStrictEqual(yield* all(ann, "twice"), { _tag: "Refused", used: mostCounted })
        yield* all(bob, "all")
        yield* move(ann, bob)
        assert.strictEqual((yield* counted(bob, ["2026-11"])).get("searches"), mostCounted)
      }))

    it.effect("resets monthly usage with the month, and keeps stored usage", () =>
      Effect.gen(function*() {
        const { add, counted, set } = yield* UsageRepository
        const ann = someone()
        yield* add(change(ann, "one", { amount: 10 }))
        assert.strictEqual((yield* add(change(ann, "two")))._tag, "Refused")
        assert.deepStrictEqual(yield* add(change(ann, "three", { period: "2026-12" })), { _tag: "Added", used: 1 })
        const storage = { feature: "storageBytes", period: "level", limit: 5 * 1024 ** 4 }
        yield* set(level(ann, "held", 4 * 1024 ** 4, { limit: 5 * 1024 ** 4 }))
        const some = change(ann, "four", { ...storage, amount: 1024 ** 4 })
        assert.deepStrictEqual(yield* add(some), { _tag: "Added", used: 5 * 1024 ** 4 })
        const back = change(ann, "five", { ...storage, amount: -6 * 1024 ** 4 })
        assert.deepStrictEqual(yield* add(back), { _tag: "Added", used: 0 })
        assert.deepStrictEqual([...yield* counted(ann, ["level", "2026-12"])].toSorted(), [["searches", 1], [
          "storageBytes",
          0
        ]])
      }))

    it.effect("sets a level that is lower than before, even above the limit, and refuses a higher one", () =>
      Effect.gen(function*() {
        const { set } = yield* UsageRepository
        const ann = someone()
        assert.deepStrictEqual(yield* set(level(ann, "much", 11)), { _tag: "Refused", used: 0 })
        assert.deepStrictEqual(yield* set(level(ann, "much", 11, { limit: mostCounted })), { _tag: "Added", used: 11 })
        assert.deepStrictEqual(yield* set(level(ann, "more", 12)), { _tag: "Refused", used: 11 })
        assert.deepStrictEqual(yield* set(level(ann, "less", 9, { limit: 5 })), { _tag: "Added", used: 9 })
        assert.deepStrictEqual(yield* set(level(ann, "same", 9, { limit: 5 })), { _tag: "Added", used: 9 })
      }))

    it.effect("sets a level by a key once, and refuses the key for another request", () =>
      Effect.gen(function*() {
        const { add, counted, set } = yield* UsageRepository
        const ann = someone()
        yield* set(level(ann, "one", 5))
        yield* set(level(ann, "two", 3))
        assert.deepStrictEqual(yield* set(level(ann, "one", 5)), { _tag: "Repeated", used: 3 })
        const other = level(ann, "one", 6, { request: keyed(ann, "one", start, "another") })
        assert.strictEqual((yield* Effect.flip(set(other)))._tag, "IdempotencyConflict")
        const counting = { feature: "storageBytes", period: "level" }
        assert.deepStrictEqual(yield* add(change(ann, "one", counting)), { _tag: "Repeated", used: 3 })
        assert.deepStrictEqual(yield* add(change(ann, "three", { ...counting, amount: 2 })), { _tag: "Added", used: 5 })
        assert.deepStrictEqual(yield* set(level(ann, "three", 2)), { _tag: "Repeated", used: 5 })
        assert.strictEqual((yield* counted(ann, ["level"])).get("storageBytes"), 5)
        const later = DateTime.add(start, { days: 36 })
        const anew = level(ann, "one", 6, { request: keyed(ann, "one", later, "another"), observedAt: later })
        assert.deepStrictEqual(yield* set(anew), { _tag: "Added", used: 6 })
      }))

    it.effect("sets the level that was observed last, in any order and of fifty concurrent requests", () =>
      Effect.gen(function*() {
        const { counted, move, set } = yield* UsageRepository
        const [ann, bob] = [someone(), someone()]
        const observed = (seconds: number) => ({ observedAt: DateTime.add(start, { seconds }) })
        assert.strictEqual((yield* set(level(ann, "late", 7, observed(60))))._tag, "Added")
        assert.deepStrictEqual(yield* set(level(ann, "early", 2, observed(0))), { _tag: "Outdated", used: 7 })
        assert.deepStrictEqual(yield* set(level(ann, "early", 11, observed(0))), { _tag: "Outdated", used: 7 })
        yield* Effect.forEach(
          Array.from({ length: 50 }, (_, index) => index),
          (index) => set(level(bob, `key ${index}`, index, { ...observed(index), limit: mostCounted })),
          { concurrency: "unbounded" }
        )
        assert.strictEqual((yield* counted(bob, ["level"])).get("storageBytes"), 49)
        yield* move(ann, bob)
        assert.deepStrictEqual(yield* set(level(bob, "old", 1, observed(59))), { _tag: "Outdated", used: 56 })
      }))

    it.effect("counts the usage of a merged user for the surviving user", () =>
      Effect.gen(function*() {
        const { add, counted, move } = yield* UsageRepository
        const [ann, bob] = [someone(), someone()]
        yield* add(change(ann, "one", { amount: 4 }))
        yield* add(change(bob, "two", { amount: 5 }))
        yield* move(bob, ann)
        assert.strictEqual((yield* counted(ann, ["2026-11"])).get("searches"), 9)
        assert.strictEqual((yield* counted(bob, ["2026-11"])).size, 0)
        assert.strictEqual((yield* add(change(ann, "two", { amount: 5 })))._tag, "Repeated")
      }))
  })

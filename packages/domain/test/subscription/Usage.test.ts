import { MemorySubscriptions } from "@dchat/adapters/memory"
import { UserId } from "@dchat/domain/identity"
import { Catalogue, defaultPlans, Entitlements, Usage, UsageOwners } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"

const subject = Usage.layer.pipe(
  Layer.provide(Entitlements.layer),
  Layer.provide([
    MemorySubscriptions.layer,
    Layer.succeed(UsageOwners, { find: (userId) => Effect.succeed(Option.some(userId)) }),
    Layer.succeed(Catalogue, defaultPlans),
    Digest.layerWebCrypto
  ])
)

const someone = () => UserId.make(SecureRandom.uuidV7Unsafe())

layer(subject)("A key of usage", (it) => {
  it.effect("belongs to one action on one feature with one amount", () =>
    Effect.gen(function*() {
      const { consume, release, set } = yield* Usage
      const ann = someone()
      const first = { feature: "storageBytes", amount: 5, key: "key" }
      assert.strictEqual((yield* consume(ann, first)).used, 5)
      assert.strictEqual((yield* consume(ann, first)).used, 5)
      const others = [
        consume(ann, { ...first, amount: 6 }),
        consume(ann, { ...first, feature: "customStickers" }),
        release(ann, first),
        set(ann, first)
      ]
      for (const other of others) assert.strictEqual((yield* Effect.flip(other))._tag, "IdempotencyConflict")
      yield* set(ann, { ...first, key: "level" })
      assert.strictEqual((yield* Effect.flip(consume(ann, { ...first, key: "level" })))._tag, "IdempotencyConflict")
      assert.strictEqual((yield* consume(someone(), { ...first, amount: 6 })).used, 6)
    }))

  it.effect("is free again after 35 days, and not before", () =>
    Effect.gen(function*() {
      const { consume } = yield* Usage
      const ann = someone()
      const one = { feature: "storageBytes", amount: 1, key: "key" }
      yield* consume(ann, one)
      yield* TestClock.adjust("839 hours")
      assert.strictEqual((yield* consume(ann, one)).used, 1)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* consume(ann, one)).used, 2)
    }))
})

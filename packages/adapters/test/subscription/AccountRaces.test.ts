import { MemoryIdentity, MemorySubscriptionBus, MemorySubscriptionRepository } from "@dchat/adapters/memory"
import { PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import type { IdentityRepository } from "@dchat/domain/identity"
import {
  AccountMoved,
  BillingAccountConflict,
  SubscriptionAdministration,
  SubscriptionRepository,
  Tier
} from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { Array, Effect, Fiber, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { signUp, someUserId } from "../../../domain/src/contracts/support/identityFixtures.ts"
import { backends } from "../support/TestDatabase.ts"

const by = { actor: "ops", reason: "a test" }
const pro = { tier: Tier.make("PRO") }

const administration = SubscriptionAdministration.layer.pipe(
  Layer.provide([MemorySubscriptionBus.layer, SecureRandom.layerWebCrypto])
)

const racesOver = <E>(name: string, ports: Layer.Layer<SubscriptionRepository | IdentityRepository, E>) =>
  layer(administration.pipe(Layer.provideMerge(ports)), { excludeTestServices: true })(
    `Simultaneous steps of one billing account over ${name}`,
    (it) => {
      it.effect("are all stored, one after the other", () =>
        Effect.gen(function*() {
          const { grant } = yield* SubscriptionAdministration
          const { load } = yield* SubscriptionRepository
          const { id } = yield* signUp()
          yield* Effect.all(Array.makeBy(12, () => grant(id, pro, by)), { concurrency: "unbounded" })
          const { grants, version } = yield* load(id)
          assert.deepStrictEqual([grants.length, version], [12, 12])
        }))
    }
  )

racesOver("memory", Layer.merge(MemorySubscriptionRepository.layer, MemoryIdentity.layer))
for (const { layer: database, name } of backends) {
  racesOver(name, Layer.merge(PgSubscriptionRepository.layer, PgIdentity.layer).pipe(Layer.provide(database)))
}

/** Another host is always faster. */
const alwaysBehind = Layer.effect(
  SubscriptionRepository,
  Effect.map(SubscriptionRepository, (real) =>
    SubscriptionRepository.of({
      ...real,
      append: () => Effect.fail(new BillingAccountConflict({ reason: new AccountMoved() }))
    }))
).pipe(Layer.provide(MemorySubscriptionRepository.layer))

layer(administration.pipe(Layer.provide(alwaysBehind)))("A step that loses every race", (it) => {
  it.effect("fails as contended", () =>
    Effect.gen(function*() {
      const { grant } = yield* SubscriptionAdministration
      const granted = yield* Effect.forkChild(Effect.flip(grant(someUserId(), pro, by)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(granted))._tag, "AccountContended")
    }))
})

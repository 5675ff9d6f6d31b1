import { SubscriptionCallEntitlement, SubscriptionCallLimits } from "@dchat/adapters/bridges"
import { MemoryIdentity, MemorySubscriptionBus } from "@dchat/adapters/memory"
import { CallEntitlement, Calls } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { defaultPlans, Entitlements, planOf, SubscriptionBus } from "@dchat/domain/subscription"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer, Queue } from "effect"
import { TestClock } from "effect/testing"
import { happened, signUp, someUserId } from "../../../domain/src/contracts/support/identityFixtures.ts"

const [free] = defaultPlans

/** Who has what; everybody else has nothing. */
const tiers = new Map<UserId, string>()

const entitlements = Layer.mock(Entitlements)({
  of: (user) =>
    Effect.sync(() => {
      const plan = planOf(defaultPlans, tiers.get(user) ?? "")
      return plan === undefined ? { plan: free, source: "none" } : { plan, source: "subscription" }
    })
})

const FREE = { people: 8, callSeconds: 3600, reason: "plan_limit", recording: false }
const PRO = { people: 8, callSeconds: 86_400, reason: "max_duration", recording: true }

const limitsFor = Effect.fnUntraced(function*(user: UserId) {
  return yield* (yield* CallEntitlement).limitsFor(user)
})

layer(SubscriptionCallEntitlement.layer.pipe(
  Layer.provide([entitlements, MemorySubscriptionBus.layer]),
  Layer.provideMerge(MemoryIdentity.layer)
))(
  "what a plan gives to calls",
  (it) => {
    it.effect("is an hour without recording for nothing, a day with it for money", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someUserId(), someUserId()]
        tiers.set(bob, "PRO")
        assert.deepStrictEqual<unknown>([yield* limitsFor(ann), yield* limitsFor(bob)], [FREE, PRO])
      }))

    it.effect("is that of the person somebody has become, through however many", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [yield* signUp(), yield* signUp(), yield* signUp()]
        tiers.set(cat.id, "PRO")
        yield* happened(ann.id, { _tag: "MergedInto", userId: bob.id })
        assert.deepStrictEqual<unknown>(yield* limitsFor(ann.id), FREE)
        yield* happened(bob.id, { _tag: "MergedInto", userId: cat.id })
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual<unknown>(yield* limitsFor(ann.id), PRO)
      }))
  }
)

describe("a changed subscription", () => {
  it.effect("lifts the calls of that person, even after another's could not be lifted", () =>
    Effect.gen(function*() {
      const lifted = yield* Queue.unbounded<UserId>()
      const [ann, bob] = [someUserId(), someUserId()]
      const calls = Layer.mock(Calls)({
        raiseLimits: (user) => user === ann ? Effect.die(new Error("cannot be lifted")) : Queue.offer(lifted, user)
      })
      yield* Effect.gen(function*() {
        const { publish } = yield* SubscriptionBus
        yield* publish({ userId: ann })
        yield* publish({ userId: bob })
        assert.strictEqual(yield* Queue.take(lifted), bob)
      }).pipe(
        Effect.provide(
          SubscriptionCallLimits.layer.pipe(Layer.provide(calls), Layer.provideMerge(MemorySubscriptionBus.layer))
        )
      )
    }))
})

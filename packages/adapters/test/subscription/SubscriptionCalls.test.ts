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
  "The limits of a call by plan",
  (it) => {
    it.effect("are an hour without recording on the free plan, and a day with recording on a paid plan", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someUserId(), someUserId()]
        tiers.set(bob, "PRO")
        assert.deepStrictEqual<unknown>([yield* limitsFor(ann), yield* limitsFor(bob)], [FREE, PRO])
      }))

    it.effect("are those of the surviving user, through any number of merges", () =>
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

describe("A changed subscription", () => {
  it.effect("raises the limits of its user's calls, even after a failure for another user", () =>
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

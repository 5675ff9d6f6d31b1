import { assert, layer } from "@effect/vitest"
import { Array, Effect, type Layer } from "effect"
import type { UserId } from "../identity/index.ts"
import type { IdentityRepository } from "../identity/index.ts"
import { SubscriptionRepository } from "../subscription/index.ts"
import { noon } from "./support/identityFixtures.ts"
import { buyer, createOf, later, newPurchase, stepOf } from "./support/subscriptionSteps.ts"

/** The part of the contract of `SubscriptionRepository` about accounts that are due. */
export const dueAccountsContract = <E>(
  name: string,
  subject: Layer.Layer<SubscriptionRepository | IdentityRepository, E>
) =>
  layer(subject)(`${name}, with deadlines`, (it) => {
    it.effect("applies the deadlines of each due account once, however many hosts ask at once", () =>
      Effect.gen(function*() {
        const { events, load, moveDue } = yield* SubscriptionRepository
        const buyers = yield* Effect.forEach(Array.range(1, 30), () => buyer("web3"))
        const ours = new Set<UserId>(buyers.map(({ id }) => id))
        const movedAt = (hours: number, limit = 1000) =>
          Effect.map(
            moveDue(
              { now: later(hours), retryAt: later(hours + 1), limit },
              (accounts) => Effect.succeed(accounts.map((account) => stepOf(account, { _tag: "Tick" }, later(hours))))
            ),
            ({ found, moved }) => ({ found, moved: [...moved].filter((id) => ours.has(id)) })
          )
        assert.deepStrictEqual((yield* movedAt(22)).moved, [])

        const few = yield* movedAt(23, 10)
        assert.strictEqual(few.found, 10)
        const others = yield* Effect.all(Array.makeBy(5, () => movedAt(23)), { concurrency: "unbounded" })
        const moved = [...few.moved, ...others.flatMap((it) => it.moved)]
        assert.strictEqual(moved.length, 30)
        assert.strictEqual(new Set(moved).size, 30)
        for (const { id } of buyers) {
          assert.strictEqual((yield* load(id)).subscriptions[0]?.state, "expired")
          assert.strictEqual((yield* events(id, { limit: 10 })).length, 2)
        }
        assert.deepStrictEqual((yield* movedAt(48)).moved, [])
      }))

    it.effect("postpones a due account that was not updated, until a pause has passed or a step is stored", () =>
      Effect.gen(function*() {
        const { append, moveDue } = yield* SubscriptionRepository
        const [one, other] = [yield* buyer("web3"), yield* buyer("web3")]
        const seenAt = (hours: number) =>
          Effect.gen(function*() {
            const seen = new Set<UserId>()
            const due = { now: later(hours), retryAt: later(hours + 2), limit: 1000 }
            yield* moveDue(due, (accounts) =>
              Effect.sync(() => {
                for (const { userId } of accounts) seen.add(userId)
                return []
              }))
            return [seen.has(one.id), seen.has(other.id)]
          })
        assert.deepStrictEqual(yield* seenAt(24), [true, true])
        assert.deepStrictEqual(yield* seenAt(25), [false, false])
        yield* append(stepOf(other.account, { _tag: "EndBilling", leftAt: noon }, later(1)))
        yield* append(
          stepOf(yield* (yield* SubscriptionRepository).load(other.id), createOf(newPurchase(), "web3"), later(2))
        )
        assert.deepStrictEqual(yield* seenAt(25), [false, true])
        assert.deepStrictEqual(yield* seenAt(26), [true, false])
      }))
  })

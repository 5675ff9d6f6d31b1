import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer } from "effect"
import { BillingTurns, SyncRequests } from "../billing/index.ts"
import { type PurchaseId } from "../subscription/index.ts"
import { buyer, later, newId, type Ports, tell } from "./support/billingSteps.ts"
import { noon } from "./support/identityFixtures.ts"

/** The part of the contract of the billing ports about the questions to the provider, and about chores that hosts share. */
export const billingQuestionsContract = (name: string, ports: Layer.Layer<Ports>): void =>
  layer(ports, { excludeTestServices: true })(`${name}, asking`, (it) => {
    it.effect("asks once for all requests that wait, and again for a request that arrives meanwhile", () =>
      Effect.gen(function*() {
        const syncs = yield* SyncRequests
        const { purchaseId } = yield* buyer(0)
        yield* Effect.forEach(Array.range(1, 20), () => syncs.request([purchaseId], noon), { concurrency: "unbounded" })
        assert.isUndefined(yield* syncs.claimOf(purchaseId, noon, later(60)), "something waits to be told")
        yield* tell(purchaseId)
        const claims = yield* Effect.forEach(
          Array.range(1, 20),
          () => syncs.claimOf(purchaseId, noon, later(60)),
          { concurrency: "unbounded" }
        )
        const [claimed = assert.fail(), ...others] = claims.filter((it) => it !== undefined)
        assert.lengthOf(others, 0)
        yield* syncs.request([purchaseId], later(1))
        assert.isFalse(yield* syncs.answered(claimed))
        const due = yield* syncs.claim(later(2), later(60), 1000)
        const again = due.find((it) => it.purchaseId === purchaseId)
        assert.isTrue(yield* syncs.answered(again ?? assert.fail()))
        assert.isUndefined(yield* syncs.claimOf(purchaseId, later(3), later(60)))
        yield* syncs.request([purchaseId], later(4))
        assert.isFalse(yield* syncs.answered(again ?? assert.fail()), "what is asked for now is another request")
        yield* syncs.request([purchaseId], later(5), later(100))
        assert.lengthOf(
          (yield* syncs.claim(later(99), later(160), 1000)).filter((it) => it.purchaseId === purchaseId),
          0
        )
        const late = (yield* syncs.claim(later(100), later(160), 1000)).find((it) => it.purchaseId === purchaseId)
        const other = yield* syncs.claimOf(purchaseId, later(160), later(220))
        assert.isFalse(yield* syncs.answered(late ?? assert.fail()), "somebody else holds it by now")
        assert.isTrue(yield* syncs.answered(other ?? assert.fail()))
      }))

    it.effect("asks for the requests of users before the requests of the reconciliation", () =>
      Effect.gen(function*() {
        const syncs = yield* SyncRequests
        const [reconciled, wanted] = yield* Effect.all([buyer(0), buyer(0)])
        for (const { purchaseId } of [reconciled, wanted]) yield* tell(purchaseId)
        yield* syncs.request([wanted.purchaseId], later(1))
        yield* syncs.requestDue(noon)
        const both = [reconciled.purchaseId, wanted.purchaseId]
        const claimed: Array<PurchaseId> = []
        while (!both.every((it) => claimed.includes(it))) {
          const [next = assert.fail("never handed out")] = yield* syncs.claim(later(2), later(60), 1)
          claimed.push(next.purchaseId)
        }
        assert.isBelow(claimed.indexOf(wanted.purchaseId), claimed.indexOf(reconciled.purchaseId))
      }))

    it.effect("asks about overdue purchases as a part of the reconciliation", () =>
      Effect.gen(function*() {
        const syncs = yield* SyncRequests
        const { purchaseId } = yield* buyer(0)
        yield* tell(purchaseId)
        yield* syncs.requestDue(DateTime.subtract(noon, { seconds: 1 }))
        assert.isUndefined(yield* syncs.claimOf(purchaseId, noon, later(60)))
        assert.isAtLeast(yield* syncs.requestDue(noon), 1)
        const claimed = yield* syncs.claimOf(purchaseId, noon, later(60))
        assert.deepInclude(claimed, { reconciling: true, failures: 0 })
        yield* syncs.postpone(claimed ?? assert.fail(), later(100), "no answer")
        const again = yield* syncs.claimOf(purchaseId, later(1), later(60))
        assert.deepInclude(again, { failures: 1 })
        assert.isAtLeast((yield* syncs.backlog).count, 1)
        yield* syncs.answered(again ?? assert.fail())
      }))

    it.effect("asks once a day about a purchase that was not synchronised, whatever the number of hosts", () =>
      Effect.gen(function*() {
        const syncs = yield* SyncRequests
        const day = 24 * 3600
        const turn = (at: number) =>
          syncs.requestUnseen({
            now: later(at),
            restUntil: later(at + 3600),
            limit: 100
          })
        yield* Effect.repeat(turn(day), { until: (count) => count === 0 })
        const { purchaseId } = yield* buyer(0)
        yield* tell(purchaseId)
        const isAsked = Effect.gen(function*() {
          const claimed = yield* syncs.claimOf(purchaseId, later(3 * day), later(4 * day))
          if (claimed !== undefined) yield* syncs.answered(claimed)
          return claimed?.reconciling
        })
        yield* isAsked
        yield* turn(day - 1)
        assert.isUndefined(yield* isAsked)
        const asked = yield* Effect.forEach(Array.range(1, 10), () => turn(day), { concurrency: "unbounded" })
        assert.lengthOf(asked.filter((count) => count > 0), 1)
        assert.isTrue(yield* isAsked)
        yield* turn(day + 1)
        assert.isUndefined(yield* isAsked, "it rests")

        const seen = (at: number) =>
          syncs.observed(purchaseId, { at: later(at), againAt: later(at + day), paidSince: noon })
        assert.isTrue(yield* seen(day + 2))
        assert.isFalse(yield* seen(day + 2))
        assert.isFalse(yield* seen(day + 1), "somebody has looked later")
        assert.deepStrictEqual(yield* syncs.observedAt(purchaseId), later(day + 2))
        yield* turn(day + 3602)
        assert.isUndefined(yield* isAsked, "it was looked at")
        yield* turn(2 * day + 2)
        assert.isTrue(yield* isAsked)
      }))

    it.effect("gives the turn of a chore to one host by the clock of the database, and later to the next host", () =>
      Effect.gen(function*() {
        const { take } = yield* BillingTurns
        const chore = newId()
        const taken = yield* Effect.forEach(Array.range(1, 10), () => take(chore, 3600), { concurrency: "unbounded" })
        assert.lengthOf(taken.filter(Boolean), 1)
        assert.isFalse(yield* take(chore, 3600))
        assert.isTrue(yield* take(newId(), 3600), "another chore")
        // A turn an hour ahead is too far for a chore of every ten minutes: the clock was set back.
        assert.isTrue(yield* take(chore, 600))
        const always = newId()
        for (let time = 0; time < 3; time += 1) assert.isTrue(yield* take(always, 0))
      }))
  })

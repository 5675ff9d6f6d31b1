/**
 * The contract of the ports that store deliveries, sync requests and events of a payment provider.
 */
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option, Result } from "effect"
import { BillingCustomers, BillingOutbox, WebhookInbox } from "../billing/index.ts"
import {
  BillingAccountMachine,
  defaultPlans,
  ExternalId,
  GrantId,
  OutboxId,
  SubscriptionRepository
} from "../subscription/index.ts"
import { billingQuestionsContract } from "./BillingQuestions.contract.ts"
import { buyer, eventOf, later, newId, type Ports } from "./support/billingSteps.ts"
import { noon, signUp } from "./support/identityFixtures.ts"
import { plan } from "./support/subscriptionFixtures.ts"

export const billingContract = (name: string, ports: Layer.Layer<Ports>): void => {
  layer(ports, { excludeTestServices: true })(name, (it) => {
    it.effect("hands out the deliveries of a purchase in order, one at a time", () =>
      Effect.gen(function*() {
        const outbox = yield* BillingOutbox
        const { outbox: [first = assert.fail(), second = assert.fail()], purchaseId } = yield* buyer(1)
        const claims = yield* Effect.forEach(
          Array.range(1, 20),
          () => outbox.claimOf(purchaseId, noon, later(60)),
          { concurrency: "unbounded" }
        )
        const [claimed, ...others] = claims.filter((it) => it !== undefined)
        assert.lengthOf(others, 0)
        assert.deepInclude(claimed, { id: first, attempts: 1, prepared: undefined })
        const held = claimed ?? assert.fail()
        yield* outbox.freeze(held, { price: "forgotten" })
        yield* outbox.thaw(held)
        assert.isTrue(yield* outbox.freeze(held, { price: "p" }))
        assert.isTrue(yield* outbox.waits(purchaseId))

        const again = yield* outbox.claimOf(purchaseId, later(60), later(120))
        assert.deepInclude(again, { id: first, attempts: 2, thaws: 1, prepared: { price: "p" } })
        assert.isFalse(yield* outbox.freeze(held, { price: "of somebody who was too slow" }))
        yield* outbox.thaw(held)
        yield* outbox.postpone(held, later(10_000), "too slow")
        yield* outbox.delivered(held, later(60))
        assert.isTrue(yield* outbox.waits(purchaseId))
        yield* outbox.delivered(again ?? assert.fail(), later(61))
        const next = yield* outbox.claimOf(purchaseId, later(61), later(120))
        assert.deepInclude(next, { id: second, attempts: 1 })
        assert.strictEqual(yield* outbox.deadLetter(next ?? assert.fail(), later(62), "refused"), 1)
        assert.isFalse(yield* outbox.waits(purchaseId))
        assert.include((yield* outbox.dead(100)).map(({ id }) => id), second)
        assert.strictEqual(yield* outbox.replay({ purchaseId }, later(63)), 0, "only a checkout is wanted again")
        assert.strictEqual(yield* outbox.replay({ id: second }, later(63)), 1)
        assert.deepInclude(yield* outbox.claimOf(purchaseId, later(63), later(120)), { id: second })
      }))

    it.effect("does not hand out a postponed delivery before its time", () =>
      Effect.gen(function*() {
        const outbox = yield* BillingOutbox
        const { outbox: [own = assert.fail()] } = yield* buyer(0)
        const due = (at: DateTime.Utc) =>
          Effect.map(
            outbox.claim(at, DateTime.add(at, { seconds: 1 }), 1000),
            (rows) => rows.find(({ id }) => id === own)
          )
        const claimed = yield* due(noon)
        yield* outbox.postpone(claimed ?? assert.fail(), later(1000), "no answer")
        assert.isUndefined(yield* due(later(999)))
        assert.isDefined(yield* due(later(1000)))
      }))

    it.effect("hands out a delivery that is added while the previous one of the purchase is in progress", () =>
      Effect.gen(function*() {
        const outbox = yield* BillingOutbox
        const { append, load } = yield* SubscriptionRepository
        for (let time = 0; time < 10; time += 1) {
          const { id, purchaseId } = yield* buyer(0)
          const [claimed, before] = [yield* outbox.claimOf(purchaseId, noon, later(60)), yield* load(id)]
          const grant = {
            id: GrantId.make(newId()),
            tier: plan("PRO", "monthly").tier,
            from: noon,
            source: "admin"
          } as const
          const { account, records } = Result.getOrThrow(
            BillingAccountMachine.decide(
              { _tag: "GiveGrant", grant: { ...grant, actor: "ops", reason: "a test" } },
              before,
              noon,
              { _tag: "Clock" },
              defaultPlans
            )
          )
          if (!Array.isReadonlyArrayNonEmpty(records)) return yield* Effect.die("nothing happens")
          const intent = { _tag: "UndoCancel", externalId: ExternalId.make("sub_1") } as const
          const added = [1, 2].map(() => ({ id: OutboxId.make(newId()), purchaseId, intent }))
          yield* Effect.all([
            outbox.delivered(claimed ?? assert.fail("nothing waits"), noon),
            append({ expected: before.version, account, records, outbox: added, syncs: [] })
          ], { concurrency: "unbounded" })
          for (const entry of added) {
            const due = (yield* outbox.claim(noon, later(60), 1000)).filter((it) => it.purchaseId === purchaseId)
            assert.deepStrictEqual(due.map((it) => it.id), [entry.id])
            yield* outbox.delivered(due[0] ?? assert.fail(), noon)
          }
          assert.isFalse(yield* outbox.waits(purchaseId))
        }
      }))

    it.effect("stores an event once, and hands it out until it is processed or given up", () =>
      Effect.gen(function*() {
        const inbox = yield* WebhookInbox
        const event = eventOf(`evt_${newId()}`)
        const kept = yield* Effect.forEach(Array.range(1, 100), () => inbox.accept(event, noon), {
          concurrency: "unbounded"
        })
        assert.lengthOf(kept.filter(Boolean), 1)
        const claim = (at: DateTime.Utc) =>
          Effect.map(
            inbox.claim(at, DateTime.add(at, { seconds: 60 }), 1000),
            (rows) => rows.find(({ externalId }) => externalId === event.externalId)
          )
        assert.deepInclude(yield* claim(noon), { ...event, attempts: 1 })
        assert.isUndefined(yield* claim(later(59)))
        assert.deepInclude(yield* claim(later(60)), { attempts: 2 })
        yield* inbox.postpone(event.externalId, later(200), "no answer")
        assert.isUndefined(yield* claim(later(199)))
        yield* claim(later(200))
        yield* inbox.deadLetter(event.externalId, later(201), "given up")
        assert.isUndefined(yield* claim(later(1000)))
        assert.include((yield* inbox.list("dead", 1000)).map(({ externalId }) => externalId), event.externalId)
        assert.strictEqual(yield* inbox.replay({ externalId: event.externalId }, later(1001)), 1)
        assert.deepInclude(yield* claim(later(1001)), { attempts: 1 })
        const { purchaseId } = yield* buyer(1)
        yield* inbox.finish([{ externalId: event.externalId, purchaseId }], later(1002))
        yield* inbox.replay({ externalId: event.externalId }, later(1002))
        assert.deepInclude(yield* claim(later(1002)), { concern: { purchaseId, references: [] } })
        yield* inbox.finish([{ externalId: event.externalId }], later(1002))
        assert.deepInclude(
          (yield* inbox.list("ignored", 1000)).find((it) => it.externalId === event.externalId),
          { type: event.type }
        )
        assert.isAtLeast(yield* inbox.purge(later(1003), 1000), 1)
        assert.isTrue(yield* inbox.accept(event, later(1004)), "it was forgotten")
      }))

    it.effect("stores one customer id for each user: the first one", () =>
      Effect.gen(function*() {
        const customers = yield* BillingCustomers
        const { id } = yield* signUp()
        assert.isTrue(Option.isNone(yield* customers.find(id)))
        const names = yield* Effect.forEach(
          Array.range(1, 20),
          (index) => customers.keep(id, ExternalId.make(`cus_${id}_${index}`)),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(new Set(names).size, 1)
        assert.strictEqual(Option.getOrThrow(yield* customers.find(id)), names[0])
      }))
  })
  billingQuestionsContract(name, ports)
}

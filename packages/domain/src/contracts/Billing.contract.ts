/**
 * The contract of the ports that store deliveries, sync requests and events of a payment provider.
 */
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  BillingCustomers,
  BillingOutbox,
  BillingTurns,
  type ProviderEvent,
  SyncRequests,
  WebhookInbox
} from "../billing/index.ts"
import type { IdentityRepository } from "../identity/index.ts"
import {
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  GrantId,
  OutboxId,
  PaymentId,
  PurchaseId,
  SubscriptionRepository
} from "../subscription/index.ts"
import { noon, signUp } from "./support/identityFixtures.ts"
import { plan } from "./support/subscriptionFixtures.ts"

const later = (seconds: number) => DateTime.add(noon, { seconds })

const newId = () => SecureRandom.uuidV7Unsafe()

/** A user who has begun a purchase. The checkout and `more` further intents wait for delivery. */
export const buyer = Effect.fnUntraced(function*(more: number) {
  const { append } = yield* SubscriptionRepository
  const { id } = yield* signUp()
  const purchaseId = PurchaseId.make(newId())
  const command = {
    _tag: "Create",
    purchaseId,
    paymentId: PaymentId.make(newId()),
    method: "stripe",
    terms: plan("PRO", "monthly"),
    autoRenew: true
  } as const
  const { account, intents, records } = Result.getOrThrow(
    BillingAccountMachine.decide(command, emptyBillingAccount(id), noon, { _tag: "User" }, defaultPlans)
  )
  if (!Array.isReadonlyArrayNonEmpty(records)) return yield* Effect.die("nothing happens")
  const cancels = Array.range(1, 2).slice(2 - more).map(() => ({
    purchaseId,
    intent: { _tag: "CancelAtPeriodEnd" as const, externalId: ExternalId.make("sub_1") }
  }))
  const outbox = [...intents, ...cancels].map(({ intent }) => ({ id: OutboxId.make(newId()), purchaseId, intent }))
  yield* Effect.orDie(append({ expected: 0, account, records, outbox, syncs: [] }))
  return { id, purchaseId, outbox: outbox.map((entry) => entry.id) }
})

/** Records the delivery of the first waiting intent of a purchase. */
const tell = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
  const outbox = yield* BillingOutbox
  const claimed = yield* outbox.claimOf(purchaseId, noon, noon)
  yield* outbox.delivered(claimed ?? assert.fail("nothing waits"), noon)
})

const eventOf = (externalId: string): ProviderEvent => ({
  externalId,
  type: "a.type",
  concern: { references: [ExternalId.make(`sub_${externalId}`)] }
})

type Ports =
  | BillingCustomers
  | BillingOutbox
  | BillingTurns
  | IdentityRepository
  | SubscriptionRepository
  | SyncRequests
  | WebhookInbox

export const billingContract = (name: string, ports: Layer.Layer<Ports>): void =>
  layer(ports, { excludeTestServices: true })(name, (it) => {
    it.effect("hands out what has to be told in order, to one at a time", () =>
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

    it.effect("does not hand out before its time what was put off", () =>
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

    it.effect("asks once for all who want to know, and again for who asks meanwhile", () =>
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

    it.effect("asks what somebody wants to know before what is only reconciled", () =>
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

    it.effect("asks about what should have happened by now, and says that nobody else did", () =>
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

    it.effect("asks once about what nobody has looked at for a day, whatever the hosts, and again a day later", () =>
      Effect.gen(function*() {
        const syncs = yield* SyncRequests
        const { purchaseId } = yield* buyer(0)
        yield* tell(purchaseId)
        const day = 24 * 3600
        const turn = (at: number) =>
          syncs.requestUnseen({
            now: later(at),
            restUntil: later(at + 3600),
            limit: 100
          })
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

    it.effect("gives the turn of a chore to one host, by no clock of a host, and to the next one in time", () =>
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

    it.effect("hands out what is added while the last of the purchase is delivered", () =>
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

    it.effect("keeps an event once, and hands it out until it is out of the way", () =>
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

    it.effect("knows a person by one name, whoever comes first", () =>
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

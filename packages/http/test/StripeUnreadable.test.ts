import {
  BillingDelivery,
  BillingOutbox,
  BillingWorkers,
  DeletedUserBilling,
  SyncRequests,
  WebhookInbox
} from "@dchat/domain/billing"
import { PurchaseId } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Logger } from "effect"
import { SqlClient } from "effect/sql"
import { makeCustomer } from "./support/StripeCustomer.ts"
import { caughtUp, stripeHost, StripeStandIn, until } from "./support/StripeHost.ts"

/** The logged warnings and errors, line by line. */
const recorder = () => {
  const lines: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    if (logLevel === "Error" || logLevel === "Warn") lines.push(String(message))
  })
  return { lines, layer: Logger.layer([logger]) }
}

/** A user with a plan whose stored cancellation is unreadable. */
const damagedBuyer = Effect.gen(function*() {
  const { faults } = yield* StripeStandIn
  const sql = yield* SqlClient.SqlClient
  const customer = yield* makeCustomer
  yield* customer.buy()
  faults.plan(/^POST subscriptions/, "500")
  assert.strictEqual((yield* customer.post("cancel", {})).status, 200)
  faults.clear()
  const purchaseId = PurchaseId.make((yield* customer.me).subscription.id)
  yield* sql`UPDATE billing_outbox SET intent = '{"_tag": "OfTomorrow"}', next_attempt_at = '-infinity'
    WHERE purchase_id = ${purchaseId} AND state = 'waiting'`
  return { customer, purchaseId }
})

const attemptsOf = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly attempts: number }>`SELECT attempts FROM billing_outbox
    WHERE purchase_id = ${purchaseId} AND state = 'waiting'`
  return row?.attempts ?? assert.fail("nothing waits")
})

layer(stripeHost, { excludeTestServices: true })("Unreadable data of billing", (it) => {
  it.effect("is claimed with each delivery, logged once, and delays no other purchase", () =>
    Effect.gen(function*() {
      const { deliver } = yield* BillingDelivery
      const { purchaseId } = yield* damagedBuyer
      const before = yield* attemptsOf(purchaseId)
      const { layer: log, lines } = recorder()
      yield* Effect.gen(function*() {
        yield* deliver(purchaseId)
        yield* deliver(purchaseId)
        assert.strictEqual(yield* attemptsOf(purchaseId), before + 2)
        const other = yield* makeCustomer
        yield* other.buy()
        yield* other.agrees
      }).pipe(Effect.provide(log))
      assert.lengthOf(lines.filter((line) => line.includes("cannot be read")), 1)
    }), 30_000)

  it.effect(
    "is set aside once no newer host has read it, and the purchase continues from the provider",
    () =>
      Effect.gen(function*() {
        const { clock } = yield* StripeStandIn
        const { dead } = yield* BillingOutbox
        const { customer, purchaseId } = yield* damagedBuyer
        const listed = Effect.map(dead(1000), (entries) => entries.find((entry) => entry.purchaseId === purchaseId))
        yield* caughtUp()
        assert.deepInclude(yield* listed, { intent: undefined, isGivenUp: false })
        yield* until(clock.now() + 61 * 60_000)
        yield* caughtUp()
        assert.deepInclude(yield* listed, { intent: undefined, isGivenUp: true })
        yield* customer.agrees
        const end = new Date((yield* customer.me).subscription.paidThrough).getTime()
        yield* until(end + 3_600_000)
        yield* caughtUp()
        yield* customer.agrees
        assert.strictEqual((yield* customer.me).tier, "PRO")
      }),
    30_000
  )

  it.effect(
    "in an account prevents no other delivery, even if one has to be given up",
    () =>
      Effect.gen(function*() {
        const { clock, faults } = yield* StripeStandIn
        const { drain } = yield* BillingWorkers
        const sql = yield* SqlClient.SqlClient
        const [damaged, whole] = [yield* makeCustomer, yield* makeCustomer]
        for (const customer of [damaged, whole]) yield* customer.buy()
        faults.plan(/^POST subscriptions/, "500")
        for (const customer of [damaged, whole]) {
          assert.strictEqual((yield* customer.post("cancel", {})).status, 200)
        }
        faults.clear()
        yield* sql`UPDATE billing_outbox SET created_at = created_at - interval '31 days' FROM purchases
        WHERE purchases.id = purchase_id AND billing_outbox.state = 'waiting' AND user_id = ${damaged.id}`
        yield* sql`UPDATE subscription_accounts SET state = state - 'payments' WHERE user_id = ${damaged.id}`
        yield* until(clock.now() + 3_600_000)
        yield* drain
        assert.isNotNull((yield* whole.truth).cancel_at)
        yield* whole.agrees
      }),
    30_000
  )

  it.effect("in a prepared delivery is prepared again, and sent once", () =>
    Effect.gen(function*() {
      const { clock, faults } = yield* StripeStandIn
      const sql = yield* SqlClient.SqlClient
      const customer = yield* makeCustomer
      yield* customer.buy()
      faults.plan(/^POST subscriptions/, "500")
      assert.strictEqual((yield* customer.post("cancel", {})).status, 200)
      faults.clear()
      yield* sql`UPDATE billing_outbox SET prepared = '{"key": 1}' FROM purchases
        WHERE purchases.id = purchase_id AND billing_outbox.state = 'waiting' AND user_id = ${customer.id}`
      for (let hours = 0; hours < 2; hours += 1) {
        yield* until(clock.now() + 3_600_000)
        yield* caughtUp()
      }
      yield* customer.agrees
      assert.isNotNull((yield* customer.truth).cancel_at)
    }), 30_000)

  it.effect(
    "in an event of the provider waits, is given up in the end, and delays nothing",
    () =>
      Effect.gen(function*() {
        const { clock } = yield* StripeStandIn
        const { list } = yield* WebhookInbox
        const sql = yield* SqlClient.SqlClient
        yield* sql`INSERT INTO webhook_events (external_id, type, concern, received_at)
        VALUES ('evt_damaged', 'a.type', '{"references": 1}', now())`
        const ann = yield* makeCustomer
        yield* ann.buy()
        yield* ann.agrees
        const damaged = Effect.map(list(undefined, 1000), (entries) => entries.find(({ type }) => type === "a.type"))
        assert.deepInclude(yield* damaged, { state: "waiting", error: "the event names no readable object" })
        for (let time = 0; time < 30; time += 1) {
          yield* until(clock.now() + 3_600_000)
          yield* caughtUp()
        }
        assert.deepInclude(yield* damaged, { state: "dead", attempts: 22 })
      }),
    60_000
  )

  it.effect("in an account delays no question about another account, and no deletion", () =>
    Effect.gen(function*() {
      const { drain } = yield* BillingWorkers
      const { end } = yield* DeletedUserBilling
      const { request } = yield* SyncRequests
      const { clock } = yield* StripeStandIn
      const sql = yield* SqlClient.SqlClient
      const [damaged, whole] = [yield* makeCustomer, yield* makeCustomer]
      for (const customer of [damaged, whole]) yield* customer.buy()
      yield* sql`UPDATE subscription_accounts SET state = state - 'payments' WHERE user_id = ${damaged.id}`
      for (const { id } of [damaged, whole]) {
        yield* sql`INSERT INTO deleted_users (user_id, left_at, look_at)
          VALUES (${id}, ${new Date(clock.now() - 3_600_000)}, '-infinity')`
        const [row] = yield* sql<{ readonly id: PurchaseId }>`SELECT id FROM purchases WHERE user_id = ${id}`
        yield* request([row?.id ?? assert.fail("no purchase")], yield* now)
      }
      yield* drain
      assert.strictEqual(yield* end, 2)
      yield* drain
      assert.strictEqual((yield* whole.truth).status, "canceled")
      const left = yield* sql<{ readonly id: string; readonly rests: boolean }>`
        SELECT user_id AS id, look_at > ${new Date(clock.now() + 30 * 60_000)} AS rests FROM deleted_users`
      assert.deepStrictEqual(left, [{ id: damaged.id, rests: true }])
    }).pipe(Effect.provide(DeletedUserBilling.layer)), 30_000)
})

const now = Effect.map(StripeStandIn, ({ clock }) => DateTime.makeUnsafe(clock.now()))

const keyFaults = [
  ["401", /STRIPE_SECRET_KEY is not a key that Stripe accepts \(Stripe answered 401/],
  ["403", /STRIPE_SECRET_KEY lacks rights at Stripe \(Stripe answered 403/]
] as const

for (const [fault, words] of keyFaults) {
  layer(stripeHost, { excludeTestServices: true })(`A key to which Stripe answers ${fault}`, (it) => {
    it.effect(
      "is reported in one line a minute, whatever waits for Stripe, and gives up no delivery",
      () =>
        Effect.gen(function*() {
          const { clock, deliver, faults } = yield* StripeStandIn
          const { drain } = yield* BillingWorkers
          const people = yield* Effect.all([makeCustomer, makeCustomer, makeCustomer])
          for (const person of people) yield* person.buy()
          faults.plan(/^POST subscriptions/, "500")
          for (const person of people) assert.strictEqual((yield* person.post("cancel", {})).status, 200)
          faults.clear()
          yield* until(clock.now() + 600_000)
          yield* deliver()
          const { layer: log, lines } = recorder()
          faults.plan(/./, fault)
          yield* drain.pipe(Effect.provide(log))
          assert.lengthOf(lines, 1, lines.join("\n"))
          assert.match(lines[0] ?? "", words)
          faults.clear()
          yield* until(clock.now() + 3_600_000)
          yield* caughtUp()
          for (const person of people) yield* person.agrees
        }),
      60_000
    )
  })
}

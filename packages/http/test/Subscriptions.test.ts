import { UserId } from "@dchat/domain/identity"
import {
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  OutboxId,
  PaymentId,
  PurchaseId,
  SubscriptionAdministration,
  SubscriptionRepository,
  Tier
} from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { money, plan, providerSubscription } from "../../domain/test/subscription/accounts.ts"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const by = { actor: "ops", reason: "a test" }
const root = "/api/subscriptions"

/** A user who has just paid for PRO by the month. */
const subscriber = Effect.gen(function*() {
  const { signIn } = yield* TestHost
  const repository = yield* SubscriptionRepository
  const person = yield* signIn()
  const now = yield* DateTime.now
  const purchaseId = PurchaseId.make(SecureRandom.uuidV7Unsafe())
  const periodEnd = DateTime.add(now, { days: 30 })
  const commands = [
    {
      _tag: "Create",
      purchaseId,
      paymentId: PaymentId.make(SecureRandom.uuidV7Unsafe()),
      method: "stripe",
      terms: plan("PRO", "monthly"),
      autoRenew: true
    },
    {
      _tag: "Sync",
      snapshot: {
        purchaseId,
        observedAt: now,
        subscription: providerSubscription({
          externalId: ExternalId.make(`sub_${purchaseId}`),
          anchor: now,
          periodStart: now,
          periodEnd
        }),
        payments: [money(purchaseId, now, { from: now, to: periodEnd }, {
          id: PaymentId.make(SecureRandom.uuidV7Unsafe()),
          kind: "first"
        })]
      }
    }
  ] as const
  let account = emptyBillingAccount(UserId.make(person.id))
  for (const command of commands) {
    const step = Result.getOrThrow(BillingAccountMachine.decide(command, account, now, { _tag: "User" }, defaultPlans))
    const { records } = step
    if (!Array.isReadonlyArrayNonEmpty(records)) return yield* Effect.die("nothing happened")
    const outbox = step.intents.map((it) => ({ ...it, id: OutboxId.make(SecureRandom.uuidV7Unsafe()) }))
    yield* Effect.orDie(repository.append({
      expected: account.version,
      account: step.account,
      records,
      outbox,
      syncs: step.syncs
    }))
    account = step.account
  }
  return person
})

const codeOf = (person: SomeBody, path: string, body?: unknown) =>
  Effect.map(person.post(`${root}/${path}`, body), ({ json, status }) => [status, json?.code])

layer(memoryHost(), { excludeTestServices: true })("Subscriptions over HTTP", (it) => {
  it.effect("show plans and prices without a session", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const plans = yield* send("GET", `${root}/plans`)
      assert.strictEqual(plans.status, 200)
      assert.deepStrictEqual(plans.json.items.map(({ tier }: { tier: string }) => tier), ["FREE", "PRO", "ENTERPRISE"])
      const pricing = yield* send("GET", `${root}/pricing/PRO`)
      assert.deepStrictEqual(pricing.json, {
        tier: "PRO",
        prices: {
          monthly: { currency: "USD", minorUnits: 499 },
          yearly: { currency: "USD", minorUnits: 4999 },
          nft: { currency: "USD", minorUnits: 19900 }
        }
      })
      const unknown = yield* send("GET", `${root}/pricing/GOLD`)
      assert.deepStrictEqual([unknown.status, unknown.json.code], [404, "plan_not_found"])
    }))

  it.effect("require a session", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      for (const path of ["me", "entitlements", "history"]) {
        assert.strictEqual((yield* send("GET", `${root}/${path}`)).status, 401)
      }
      assert.strictEqual((yield* send("POST", `${root}/cancel`, { body: {} })).status, 401)
    }))

  it.effect("start with the free plan", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const person = yield* signIn()
      assert.deepStrictEqual((yield* person.get(`${root}/me`)).json, { tier: "FREE", source: "none" })
      const entitlements = (yield* person.get(`${root}/entitlements`)).json
      assert.strictEqual(entitlements.limits.callSeconds, 3600)
      assert.notInclude(entitlements.features, "call_recording")
      assert.deepStrictEqual((yield* person.get(`${root}/history`)).json, {
        subscriptions: [],
        memberships: [],
        payments: []
      })
    }))

  it.effect("cannot be bought if no payment is configured", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const person = yield* signIn()
      const order = { tier: "PRO", period: "monthly", method: "stripe" }
      assert.deepStrictEqual(yield* codeOf(person, "create", order), [503, "stripe_not_configured"])
      assert.deepStrictEqual(yield* codeOf(person, "create", { ...order, method: "web3" }), [
        503,
        "web3_not_configured"
      ])
      assert.deepStrictEqual(yield* codeOf(person, "create", { ...order, period: "weekly" }), [400, "invalid_request"])
      assert.deepStrictEqual(yield* codeOf(person, "create", { ...order, tier: "pro" }), [400, "invalid_request"])
    }))

  it.effect("are refused for an invalid order before the payment is checked", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const person = yield* signIn()
      const order = { tier: "PRO", period: "monthly", method: "stripe" }
      for (const tier of ["FREE", "GOLD"]) {
        for (const period of ["monthly", "nft"]) {
          for (const method of ["stripe", "web3"]) {
            assert.deepStrictEqual(yield* codeOf(person, "create", { tier, period, method }), [404, "plan_not_found"])
          }
        }
      }
      assert.deepStrictEqual(yield* codeOf(person, "create", { ...order, method: "web3", autoRenew: true }), [
        422,
        "auto_renewal_unsupported"
      ])
      const subscribed = yield* subscriber
      assert.deepStrictEqual(yield* codeOf(subscribed, "create", order), [409, "subscription_exists"])
    }))

  it.effect("can be granted, and calls get the granted limits", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { grant, revokeGrant } = yield* SubscriptionAdministration
      const [alice, bob] = [yield* signIn(), yield* signIn()]
      const id = UserId.make(alice.id)
      const until = DateTime.add(yield* DateTime.now, { days: 30 })
      const given = yield* grant(id, { tier: Tier.make("PRO"), until }, by)
      assert.deepStrictEqual((yield* alice.get(`${root}/me`)).json, {
        tier: "PRO",
        source: "grant",
        accessUntil: DateTime.formatIso(until)
      })
      assert.include((yield* alice.get(`${root}/entitlements`)).json.features, "call_recording")

      const lengthOfCall = (from: SomeBody, to: SomeBody) =>
        Effect.gen(function*() {
          const { json } = yield* from.post("/api/webrtc/call/initiate", { type: "audio", participants: [to.id] })
          yield* from.post(`/api/webrtc/call/${json.id}/end`, {})
          return (Date.parse(json.endsBy) - Date.parse(json.initiatedAt)) / 1000
        })
      assert.strictEqual(yield* lengthOfCall(alice, bob), 24 * 3600)
      assert.strictEqual(yield* lengthOfCall(bob, alice), 3600)

      yield* revokeGrant(id, given.id, by)
      assert.strictEqual((yield* alice.get(`${root}/me`)).json.tier, "FREE")
      assert.strictEqual(yield* lengthOfCall(alice, bob), 3600)
    }))

  it.effect("can be cancelled, and the cancellation undone", () =>
    Effect.gen(function*() {
      const person = yield* subscriber
      const me = (yield* person.get(`${root}/me`)).json
      assert.deepInclude(me, { tier: "PRO", source: "subscription" })
      assert.strictEqual(me.subscription.state, "active")

      assert.deepStrictEqual(yield* codeOf(person, "renew", {}), [409, "renews_automatically"])
      assert.deepStrictEqual(yield* codeOf(person, "undo-cancel"), [409, "not_cancelled"])
      const cancelled = yield* person.post(`${root}/cancel`, {})
      assert.strictEqual(cancelled.status, 200, cancelled.text)
      assert.strictEqual(cancelled.json.subscription.endsAt, me.subscription.paidThrough)
      assert.deepStrictEqual(yield* codeOf(person, "renew", {}), [409, "use_undo_cancel"])
      assert.deepStrictEqual(yield* codeOf(person, "change", { tier: "ENTERPRISE", period: "monthly" }), [
        409,
        "cancel_scheduled"
      ])
      const undone = yield* person.post(`${root}/undo-cancel`)
      assert.isUndefined(undone.json.subscription.endsAt)
      assert.deepStrictEqual(yield* codeOf(person, "cancel", { when: "now" }), [422, "confirmation_required"])
      const ended = yield* person.post(`${root}/cancel`, { when: "now", confirmNoRefund: true })
      assert.deepInclude(ended.json, { tier: "FREE", source: "none" })
      assert.strictEqual(ended.json.subscription.state, "cancelled")
      assert.deepStrictEqual(yield* codeOf(person, "cancel", {}), [409, "no_subscription"])
    }))

  it.effect("show their payments to their own user only", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [person, stranger] = [yield* subscriber, yield* signIn()]
      const { payments } = (yield* person.get(`${root}/history`)).json
      assert.lengthOf(payments, 1)
      assert.deepInclude(payments[0], { state: "settled", amount: { currency: "USD", minorUnits: 499 } })
      assert.deepStrictEqual((yield* person.get(`${root}/payments/${payments[0].id}`)).json, payments[0])
      const theirs = yield* stranger.get(`${root}/payments/${payments[0].id}`)
      assert.deepStrictEqual([theirs.status, theirs.json.code], [404, "payment_not_found"])
    }))

  it.effect("can be changed, at once with a payment or with the next period, and the change undone", () =>
    Effect.gen(function*() {
      const person = yield* subscriber
      assert.deepStrictEqual(yield* codeOf(person, "change", { tier: "PRO", period: "monthly" }), [409, "same_plan"])
      assert.deepStrictEqual(yield* codeOf(person, "change", { tier: "FREE", period: "monthly" }), [
        404,
        "plan_not_found"
      ])
      const changed = yield* person.post(`${root}/change`, { tier: "PRO", period: "yearly" })
      assert.deepInclude(changed.json.subscription.change, { direction: "up", tier: "PRO", period: "yearly" })
      assert.strictEqual(changed.json.subscription.period, "monthly")
      const undone = yield* person.post(`${root}/undo-change`)
      assert.isUndefined(undone.json.subscription.change)
      assert.deepStrictEqual(yield* codeOf(person, "undo-change"), [409, "no_pending_change"])
    }))

  it.effect("can be refunded once", () =>
    Effect.gen(function*() {
      const person = yield* subscriber
      const refunding = yield* person.post(`${root}/refund`)
      assert.strictEqual(refunding.status, 200, refunding.text)
      assert.isString(refunding.json.subscription.refundRequestedAt)
      assert.deepStrictEqual(yield* codeOf(person, "refund"), [409, "refund_in_progress"])
    }))
})

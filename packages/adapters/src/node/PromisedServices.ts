/**
 * The services of the domain as promises, with plain values checked on the way in.
 */
import { Webhooks } from "@dchat/domain/billing"
import { type CallBus, CallId, CallProjection, CallRequest, Calls, DeviceId, NewCall } from "@dchat/domain/call"
import { Identities, IdentityAdministration, UserId } from "@dchat/domain/identity"
import {
  BillingPeriod,
  Entitlements,
  PaymentId,
  PaymentMethod,
  StripeNotConfigured,
  type SubscriptionBus,
  Subscriptions,
  Tier,
  Usage
} from "@dchat/domain/subscription"
import { Effect, Option, Schema } from "effect"
import type { DchatCalls, DchatEntitlements, DchatIdentities, DchatSubscriptions } from "./Dchat.ts"

/** The services behind the Promise API. */
export type Needed =
  | CallBus
  | Calls
  | Entitlements
  | Identities
  | IdentityAdministration
  | SubscriptionBus
  | Subscriptions
  | Usage

/** Runs an effect over these services as a promise. */
export type Run = <A, E>(effect: Effect.Effect<A, E, Needed>) => Promise<A>

const Actor = Schema.Struct({ userId: UserId, device: Schema.optional(DeviceId) })
const Purchase = Schema.Struct({
  tier: Tier,
  period: Schema.Union([BillingPeriod, Schema.Literal("nft")]),
  method: PaymentMethod,
  autoRenew: Schema.optional(Schema.Boolean)
})
const NewPlan = Schema.Struct({ tier: Tier, period: BillingPeriod })

const readActor = Schema.decodeEffect(Actor)
const readCallId = Schema.decodeUnknownEffect(CallId)
export const readUserId = Schema.decodeUnknownEffect(UserId)
const readPaymentId = Schema.decodeUnknownEffect(PaymentId)
const readNewCall = Schema.decodeEffect(NewCall)
const readRequest = Schema.decodeEffect(CallRequest)
const readFilter = Schema.decodeEffect(CallProjection.HistoryFilter)
const readPurchase = Schema.decodeUnknownEffect(Purchase)
const readNewPlan = Schema.decodeUnknownEffect(NewPlan)

export const callsOf = (run: Run): DchatCalls => ({
  initiate: (caller, call, { idempotencyKey } = {}) =>
    run(Effect.gen(function*() {
      const calls = yield* Calls
      return yield* calls.initiate(yield* readActor(caller), yield* readNewCall(call), idempotencyKey)
    })),
  execute: (actor, callId, request) =>
    run(Effect.gen(function*() {
      const calls = yield* Calls
      return yield* calls.execute(yield* readActor(actor), yield* readCallId(callId), yield* readRequest(request))
    })),
  get: (actor, callId) =>
    run(Effect.gen(function*() {
      return yield* (yield* Calls).get(yield* readActor(actor), yield* readCallId(callId))
    })),
  open: (userId) =>
    run(Effect.gen(function*() {
      return yield* (yield* Calls).openCallsOf(yield* readUserId(userId))
    })),
  history: (userId, filter = {}, { limit = 50 } = {}) =>
    run(Effect.gen(function*() {
      const entries = yield* (yield* Calls).history(yield* readUserId(userId), yield* readFilter(filter), { limit })
      return entries.map(({ call }) => call)
    })),
  end: (callId) =>
    run(Effect.gen(function*() {
      return yield* (yield* Calls).endByAdmin(yield* readCallId(callId))
    }))
})

export const subscriptionsOf = (run: Run): DchatSubscriptions => {
  const of = <A, E>(userId: string, use: (service: Subscriptions["Service"], id: UserId) => Effect.Effect<A, E>) =>
    run(Effect.gen(function*() {
      return yield* use(yield* Subscriptions, yield* readUserId(userId))
    }))
  return {
    of: (userId) => of(userId, (service, id) => service.summary(id)),
    create: (userId, purchase, { idempotencyKey } = {}) =>
      of(
        userId,
        (service, id) =>
          Effect.flatMap(readPurchase(purchase), (request) => service.create(id, request, idempotencyKey))
      ),
    cancel: (userId, { confirmNoRefund = false, idempotencyKey, when = "period_end" } = {}) =>
      of(userId, (service, id) => service.cancel(id, { when, confirmed: confirmNoRefund }, idempotencyKey)),
    undoCancel: (userId, { idempotencyKey } = {}) =>
      of(userId, (service, id) => service.undoCancel(id, idempotencyKey)),
    change: (userId, to, { idempotencyKey } = {}) =>
      of(userId, (service, id) => Effect.flatMap(readNewPlan(to), (plan) => service.change(id, plan, idempotencyKey))),
    previewChange: (userId, to) =>
      of(userId, (service, id) => Effect.flatMap(readNewPlan(to), (plan) => service.previewChange(id, plan))),
    undoChange: (userId, { idempotencyKey } = {}) =>
      of(userId, (service, id) => service.undoChange(id, idempotencyKey)),
    refund: (userId, { idempotencyKey } = {}) =>
      of(userId, (service, id) => service.refund(id, undefined, idempotencyKey)),
    payment: (userId, paymentId) =>
      of(userId, (service, id) => Effect.flatMap(readPaymentId(paymentId), (it) => service.payment(id, it))),
    portal: (userId) => of(userId, (service, id) => service.portal(id)),
    receiveStripeEvent: (body, signature) =>
      run(Effect.gen(function*() {
        const webhooks = yield* Effect.serviceOption(Webhooks)
        if (Option.isNone(webhooks)) return yield* new StripeNotConfigured()
        return yield* webhooks.value.receive(body, signature)
      }))
  }
}

export const entitlementsOf = (run: Run): DchatEntitlements => ({
  of: (userId) =>
    run(Effect.gen(function*() {
      return yield* (yield* Entitlements).of(yield* readUserId(userId))
    })),
  consume: (userId, usage) =>
    run(Effect.gen(function*() {
      return yield* (yield* Usage).consume(yield* readUserId(userId), usage)
    }))
})

export const identitiesOf = (run: Run): DchatIdentities => ({
  get: (userId) =>
    run(Effect.gen(function*() {
      return yield* (yield* Identities).me(yield* readUserId(userId))
    })),
  disable: (userId, by) =>
    run(Effect.gen(function*() {
      return yield* (yield* IdentityAdministration).disable(yield* readUserId(userId), by)
    })),
  enable: (userId, by) =>
    run(Effect.gen(function*() {
      return yield* (yield* IdentityAdministration).enable(yield* readUserId(userId), by)
    }))
})

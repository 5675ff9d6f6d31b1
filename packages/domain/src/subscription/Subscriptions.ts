/**
 * What people do with their own subscription.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import type { UserId } from "../identity/UserId.ts"
import { decide, settledAt } from "./AccountMachine.ts"
import { type AccountContended, makeAccountSteps, type RequestOf } from "./AccountSteps.ts"
import {
  Billing,
  type MethodNotConfigured,
  type NoCustomer,
  type StripeNotConfigured,
  type StripeUnavailable
} from "./Billing.ts"
import { Catalogue, termsOf } from "./Catalogue.ts"
import type { Membership } from "./Membership.ts"
import { makeOrdering } from "./Ordering.ts"
import type { Payment } from "./Payment.ts"
import type { BillingPeriod, Tier } from "./PlanTerms.ts"
import { type Order, type Ordered, type PreviewedChange, type Renewal, type Standing, standingOf } from "./Standing.ts"
import { isLive, isOpen, type Subscription } from "./Subscription.ts"
import { paymentOf, type SubscriptionAccount } from "./SubscriptionAccount.ts"
import type { SubscriptionCommand } from "./SubscriptionCommand.ts"
import {
  PaymentNotFound,
  PlanUnknown,
  type PurchaseKeyConflict,
  type SubscriptionRefusal
} from "./SubscriptionErrors.ts"
import type { PaymentId, PurchaseId } from "./SubscriptionIds.ts"
import { SubscriptionRepository } from "./SubscriptionRepository.ts"

type Refusal = SubscriptionRefusal | AccountContended

type Closing = StripeNotConfigured | StripeUnavailable

export class Subscriptions extends Context.Service<Subscriptions, {
  standing(userId: UserId): Effect.Effect<Standing>
  /** Everything that was ever bought and paid, settled as of now. */
  account(userId: UserId): Effect.Effect<SubscriptionAccount>
  payment(userId: UserId, id: PaymentId): Effect.Effect<Payment, PaymentNotFound>
  /** Begins to buy. The same order again, or the same key, leads to the same purchase. */
  create(
    userId: UserId,
    order: Order,
    idempotencyKey?: string
  ): Effect.Effect<Ordered, Refusal | Closing | PlanUnknown | MethodNotConfigured | PurchaseKeyConflict>
  /** As `create`, of the plan that has ended unless told otherwise. */
  renew(
    userId: UserId,
    renewal: Renewal,
    idempotencyKey?: string
  ): Effect.Effect<Ordered, Refusal | Closing | PlanUnknown | MethodNotConfigured | PurchaseKeyConflict>
  cancel(
    userId: UserId,
    how: {
      readonly when: "period_end" | "now"
      readonly confirmed: boolean
      /** Which of several; the subscription, where there is one, if it is left out. */
      readonly purchaseId?: PurchaseId | undefined
    }
  ): Effect.Effect<Standing, Refusal | Closing>
  undoCancel(userId: UserId): Effect.Effect<Standing, Refusal>
  /** Counts the rest of the period against a change up as of `prorationDate`, by which it was previewed; or as of now. */
  change(
    userId: UserId,
    to: { readonly tier: Tier; readonly period: BillingPeriod; readonly prorationDate?: DateTime.Utc | undefined }
  ): Effect.Effect<Standing, Refusal | PlanUnknown>
  /** What a change would cost and when it would come about. */
  previewChange(
    userId: UserId,
    to: { readonly tier: Tier; readonly period: BillingPeriod }
  ): Effect.Effect<PreviewedChange, Refusal | Closing | PlanUnknown>
  /** The provider's page of this person. */
  portal(userId: UserId): Effect.Effect<URL, Closing | NoCustomer>
  undoChange(userId: UserId): Effect.Effect<Standing, Refusal>
  refund(userId: UserId): Effect.Effect<Standing, Refusal>
}>()("@dchat/domain/subscription/Subscriptions") {
  static readonly layer = Layer.effect(
    Subscriptions,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const billing = yield* Billing
      const catalogue = yield* Catalogue
      const { perform } = yield* makeAccountSteps

      const account = Effect.fn("Subscriptions.account")(function*(userId: UserId) {
        return settledAt(yield* repository.load(userId), yield* DateTime.now)
      })

      const standing = Effect.fn("Subscriptions.standing")(function*(userId: UserId) {
        return standingOf(yield* account(userId), yield* DateTime.now)
      })

      const take = (userId: UserId, command: SubscriptionCommand, request?: RequestOf) =>
        perform(userId, command, { _tag: "User" }, request)

      /** Tells the provider what was just decided, where there is one. */
      const settle = (purchase: Subscription | Membership | undefined) =>
        purchase?.method === "stripe" ? billing.settle(purchase.id) : Effect.void

      const act = Effect.fnUntraced(function*(userId: UserId, command: SubscriptionCommand) {
        const { account, records } = yield* take(userId, command).pipe(Effect.catchTag("AccountConflict", Effect.die))
        if (records.length > 0) yield* settle(account.subscriptions.find(isOpen) ?? account.subscriptions.at(-1))
        return yield* standing(userId)
      })

      /** Whether a period that is over was paid for again is asked before it is decided which one is the last. */
      const keepUp = Effect.fnUntraced(function*(userId: UserId) {
        const { account } = yield* take(userId, { _tag: "Tick" }).pipe(Effect.catchTag("AccountConflict", Effect.die))
        const live = account.subscriptions.find(isLive)
        if (live?.paidThrough && DateTime.isLessThanOrEqualTo(live.paidThrough, yield* DateTime.now)) {
          yield* settle(live)
        }
      })

      const { closing, create, renew } = yield* makeOrdering({ account, act, take })

      return Subscriptions.of({
        account,
        standing,
        payment: Effect.fn("Subscriptions.payment")(function*(userId, id) {
          return paymentOf(yield* account(userId), id) ?? (yield* new PaymentNotFound())
        }),
        create: Effect.fn("Subscriptions.create")(create),
        renew: Effect.fn("Subscriptions.renew")(renew),
        cancel: Effect.fn("Subscriptions.cancel")(function*(userId, { confirmed, purchaseId, when }) {
          yield* keepUp(userId)
          const open = (yield* account(userId)).subscriptions.find(isOpen)
          const isSubscription = open !== undefined && (purchaseId ?? open.id) === open.id
          const command = {
            _tag: "Cancel",
            when,
            ...(purchaseId && { purchaseId }),
            ...(confirmed && { confirmed: true as const })
          } as const
          return yield* closing(
            userId,
            isSubscription ? "subscription" : "membership",
            (closed) => act(userId, { ...command, ...closed })
          )
        }),
        undoCancel: Effect.fn("Subscriptions.undoCancel")((userId) => act(userId, { _tag: "UndoCancel" })),
        change: Effect.fn("Subscriptions.change")(function*(userId, { period, prorationDate, tier }) {
          const terms = termsOf(catalogue, tier, period)
          if (terms === undefined) return yield* new PlanUnknown()
          const now = yield* DateTime.now
          // Nobody gets a price of long ago, nor one of a time to come.
          const isRecent = prorationDate !== undefined && !DateTime.isGreaterThan(prorationDate, now) &&
            DateTime.isGreaterThan(prorationDate, DateTime.subtract(now, { hours: 1 }))
          return yield* act(userId, { _tag: "Change", terms, prorationDate: isRecent ? prorationDate : now })
        }),
        previewChange: Effect.fn("Subscriptions.previewChange")(function*(userId, { period, tier }) {
          const terms = termsOf(catalogue, tier, period)
          if (terms === undefined) return yield* new PlanUnknown()
          const prorationDate = yield* DateTime.now
          const before = yield* repository.load(userId)
          const command = { _tag: "Change" as const, terms, prorationDate }
          const { account } = yield* Effect.fromResult(decide(command, before, prorationDate, { _tag: "User" }))
          const changed = account.subscriptions.find(isLive)
          const free = { amountDue: { ...terms.price, minorUnits: 0n }, prorationDate }
          if (changed?.change?.direction !== "up") return { ...free, effective: changed?.change?.until ?? "now" }
          const cost = changed.method === "stripe" ? yield* billing.previewChange(changed, terms, prorationDate) : free
          return { ...cost, effective: "now" }
        }),
        portal: Effect.fn("Subscriptions.portal")(function*(userId) {
          const { subscriptions } = yield* account(userId)
          return yield* billing.portal(userId, subscriptions.find(isLive) ?? subscriptions.at(-1))
        }),
        undoChange: Effect.fn("Subscriptions.undoChange")((userId) => act(userId, { _tag: "UndoChange" })),
        refund: Effect.fn("Subscriptions.refund")((userId) => act(userId, { _tag: "Refund" }))
      })
    })
  )
}

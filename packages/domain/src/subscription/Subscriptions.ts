/**
 * What people do with their own subscription.
 */
import { Context, DateTime, Effect, Layer, Option } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/UserId.ts"
import { decide, settledAt } from "./AccountMachine.ts"
import { type AccountContended, makeAccountSteps } from "./AccountSteps.ts"
import {
  Billing,
  type MethodNotConfigured,
  type NoCustomer,
  type StripeNotConfigured,
  StripeUnavailable
} from "./Billing.ts"
import { Catalogue, lifetimeTermsOf, termsOf } from "./Catalogue.ts"
import type { Membership } from "./Membership.ts"
import type { Payment } from "./Payment.ts"
import type { BillingPeriod, Tier } from "./PlanTerms.ts"
import {
  openOrder,
  type Order,
  type Ordered,
  orderedOf,
  pendingOf,
  type PreviewedChange,
  renewalOf,
  type Standing,
  standingOf
} from "./Standing.ts"
import { isLive, isOpen, type PaymentMethod, type Subscription } from "./Subscription.ts"
import { paymentOf, type SubscriptionAccount } from "./SubscriptionAccount.ts"
import type { SubscriptionCommand } from "./SubscriptionCommand.ts"
import {
  NoSubscription,
  type PaymentInProgress,
  PaymentNotFound,
  PlanUnknown,
  PurchaseKeyConflict,
  type SubscriptionRefusal
} from "./SubscriptionErrors.ts"
import { PaymentId, PurchaseId } from "./SubscriptionIds.ts"
import { type PurchaseRequestKey, SubscriptionRepository } from "./SubscriptionRepository.ts"

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
    order: { readonly method?: PaymentMethod | undefined; readonly period?: BillingPeriod | undefined }
  ): Effect.Effect<Ordered, Refusal | Closing | PlanUnknown | MethodNotConfigured>
  cancel(
    userId: UserId,
    how: { readonly when: "period_end" | "now"; readonly confirmed: boolean }
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
      const random = yield* SecureRandom.SecureRandom
      const digest = yield* Digest.Digest
      const { perform } = yield* makeAccountSteps

      const account = Effect.fn("Subscriptions.account")(function*(userId: UserId) {
        return settledAt(yield* repository.load(userId), yield* DateTime.now)
      })

      const standing = Effect.fn("Subscriptions.standing")(function*(userId: UserId) {
        return standingOf(yield* account(userId), yield* DateTime.now)
      })

      const take = (userId: UserId, command: SubscriptionCommand, request?: PurchaseRequestKey) =>
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

      /** Of two purchases that cannot both be paid, the first one's page is closed before the other begins. */
      const closing = <A, E extends { readonly _tag: string }>(
        userId: UserId,
        kind: "subscription" | "membership",
        attempt: (closed: { readonly closed?: PurchaseId }) => Effect.Effect<A, E | PaymentInProgress>
      ) =>
        attempt({}).pipe(
          Effect.catchIf((error): error is PaymentInProgress => error._tag === "PaymentInProgress", (refusal) =>
            Effect.gen(function*() {
              const pending = pendingOf(yield* account(userId), kind)
              if (pending?.method !== "stripe") {
                return yield* refusal
              }
              if (!(yield* billing.close(userId, pending.id))) {
                return yield* refusal
              }
              return yield* attempt({ closed: pending.id })
            }))
        )

      /** With the page on which it can be paid. */
      const payable = Effect.fnUntraced(function*(userId: UserId, ordered: Ordered) {
        const { payment, purchase } = ordered
        if (purchase.method !== "stripe" || payment.state !== "quoted" || payment.checkout !== undefined) return ordered
        yield* billing.settle(purchase.id)
        const now = orderedOf(yield* account(userId), purchase.id, ordered.created)
        if (now?.payment.state === "quoted" && now.payment.checkout === undefined) return yield* new StripeUnavailable()
        return now ?? ordered
      })

      const commandFor = Effect.fnUntraced(
        function*(_tag: "Create" | "Renew", { autoRenew, method, period, tier }: Order) {
          yield* billing.require(method)
          const ids = {
            purchaseId: PurchaseId.make(yield* random.uuidV7()),
            paymentId: PaymentId.make(yield* random.uuidV7())
          }
          if (period === "nft") {
            const terms = lifetimeTermsOf(catalogue, tier)
            if (terms === undefined) return yield* new PlanUnknown()
            return { _tag: "CreateLifetime" as const, ...ids, method, terms }
          }
          const terms = termsOf(catalogue, tier, period)
          if (terms === undefined) return yield* new PlanUnknown()
          return { _tag, ...ids, method, terms, autoRenew: autoRenew ?? method === "stripe" }
        }
      )

      const known = Effect.fnUntraced(function*(userId: UserId, request: Omit<PurchaseRequestKey, "purchaseId">) {
        const found = yield* repository.findRequest(request, request.at)
        if (Option.isNone(found)) return undefined
        if (found.value.fingerprint !== request.fingerprint) return yield* new PurchaseKeyConflict()
        return orderedOf(yield* account(userId), found.value.purchaseId, false)
      })

      const create = Effect.fn("Subscriptions.create")(
        function*(userId: UserId, order: Order, idempotencyKey?: string) {
          const request = idempotencyKey === undefined ? undefined : {
            userId,
            operation: "subscription.create",
            key: idempotencyKey,
            fingerprint: yield* fingerprint(order),
            at: yield* DateTime.now
          }
          const place = Effect.gen(function*() {
            const before = request && (yield* known(userId, request))
            if (before !== undefined) return before
            const command = yield* commandFor("Create", order)
            const remembered = request && { ...request, purchaseId: command.purchaseId }
            const kind = order.period === "nft" ? "membership" : "subscription"
            const { account } = yield* closing(
              userId,
              kind,
              (closed) => take(userId, { ...command, ...closed }, remembered)
            )
            return orderedOf(account, command.purchaseId, true) ?? openOrder(account, order.period)
          })
          const ordered = yield* place.pipe(
            Effect.retry({ while: ({ _tag }) => _tag === "AccountConflict", times: 1 }),
            Effect.catchTag("AccountConflict", (conflict) => Effect.die(conflict))
          )
          return yield* payable(userId, ordered)
        }
      )

      const renew = Effect.fn("Subscriptions.renew")(function*(
        userId: UserId,
        { method, period }: { readonly method?: PaymentMethod | undefined; readonly period?: BillingPeriod | undefined }
      ) {
        const before = (yield* account(userId)).subscriptions.at(-1)
        if (before === undefined) return yield* new NoSubscription()
        const { terms } = before
        // Whether it can be renewed at all is said before how it could be paid.
        if (isLive(before)) {
          const open = yield* act(userId, { ...renewalOf(before), _tag: "Renew" }).pipe(
            Effect.map(() => undefined),
            Effect.catchIf(
              (error) => error._tag === "PastDue" && error.invoiceUrl !== undefined,
              () => Effect.succeed(before)
            )
          )
          // What is owed is paid on the page of the open invoice.
          const ordered = open && orderedOf(yield* account(userId), open.id, false)
          if (ordered !== undefined) return ordered
        }
        const command = yield* commandFor("Renew", {
          tier: terms.tier,
          period: period ?? terms.period,
          method: method ?? before.method,
          ...((method ?? before.method) === before.method && { autoRenew: before.autoRenew })
        })
        const taken = yield* closing(userId, "subscription", (closed) => take(userId, { ...command, ...closed })).pipe(
          Effect.catchTag("AccountConflict", (conflict) => Effect.die(conflict))
        )
        return yield* payable(
          userId,
          orderedOf(taken.account, command.purchaseId, true) ?? openOrder(taken.account, terms.period)
        )
      })

      const fingerprint = Effect.fnUntraced(function*({ autoRenew, method, period, tier }: Order) {
        const text = JSON.stringify([tier, period, method, autoRenew ?? null])
        return yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(text))
      })

      return Subscriptions.of({
        account,
        standing,
        payment: Effect.fn("Subscriptions.payment")(function*(userId, id) {
          return paymentOf(yield* account(userId), id) ?? (yield* new PaymentNotFound())
        }),
        create,
        renew,
        cancel: Effect.fn("Subscriptions.cancel")(function*(userId, { confirmed, when }) {
          yield* keepUp(userId)
          const kind = (yield* account(userId)).subscriptions.some(isOpen) ? "subscription" : "membership"
          return yield* closing(
            userId,
            kind,
            (closed) => act(userId, { _tag: "Cancel", when, ...(confirmed && { confirmed: true as const }), ...closed })
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

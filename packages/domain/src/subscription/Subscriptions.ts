/**
 * What people do with their own subscription.
 */
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/UserId.ts"
import { type Access, accessAt } from "./AccountAccess.ts"
import { settledAt } from "./AccountMachine.ts"
import { type AccountContended, makeAccountSteps } from "./AccountSteps.ts"
import { BillingMethods, type MethodNotConfigured } from "./BillingMethods.ts"
import { Catalogue, lifetimeTermsOf, termsOf } from "./Catalogue.ts"
import type { Membership } from "./Membership.ts"
import type { Payment } from "./Payment.ts"
import type { BillingPeriod, Tier } from "./PlanTerms.ts"
import { isLive, isOpen, type PaymentMethod, type Subscription } from "./Subscription.ts"
import { paymentOf, paymentsOf, type SubscriptionAccount } from "./SubscriptionAccount.ts"
import type { SubscriptionCommand } from "./SubscriptionCommand.ts"
import { NoSubscription, type SubscriptionRefusal } from "./SubscriptionErrors.ts"
import { PaymentId, PurchaseId } from "./SubscriptionIds.ts"
import { type PurchaseRequestKey, SubscriptionRepository } from "./SubscriptionRepository.ts"

/** The catalogue has no such plan, or it cannot be bought for this period. */
export class PlanUnknown extends Schema.TaggedError<PlanUnknown>()("PlanUnknown", {}) {
  override get message() {
    return "there is no such plan for this period"
  }
}

/** There is no such payment, or it is somebody else's. */
export class PaymentNotFound extends Schema.TaggedError<PaymentNotFound>()("PaymentNotFound", {}) {
  override get message() {
    return "no such payment"
  }
}

/** The key was used to ask for something else. */
export class PurchaseKeyConflict extends Schema.TaggedError<PurchaseKeyConflict>()("PurchaseKeyConflict", {}) {
  override get message() {
    return "the idempotency key was used for another request"
  }
}

/** What somebody has, as it is now. */
export interface Standing {
  readonly access: Access
  /** The open one, or else the latest. */
  readonly subscription?: Subscription
  readonly membership?: Membership
}

/** `nft` is a lifetime membership. */
export interface Order {
  readonly tier: Tier
  readonly period: BillingPeriod | "nft"
  readonly method: PaymentMethod
  readonly autoRenew?: boolean | undefined
}

/** What was ordered, and how it is paid for. */
export interface Ordered {
  readonly purchase: Subscription | Membership
  readonly payment: Payment
  /** False when it was there already. */
  readonly created: boolean
}

type Refusal = SubscriptionRefusal | AccountContended

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
  ): Effect.Effect<Ordered, Refusal | PlanUnknown | MethodNotConfigured | PurchaseKeyConflict>
  /** As `create`, of the plan that has ended unless told otherwise. */
  renew(
    userId: UserId,
    order: { readonly method?: PaymentMethod | undefined; readonly period?: BillingPeriod | undefined }
  ): Effect.Effect<Ordered, Refusal | PlanUnknown | MethodNotConfigured>
  cancel(
    userId: UserId,
    how: { readonly when: "period_end" | "now"; readonly confirmed: boolean }
  ): Effect.Effect<Standing, Refusal>
  undoCancel(userId: UserId): Effect.Effect<Standing, Refusal>
  change(
    userId: UserId,
    to: { readonly tier: Tier; readonly period: BillingPeriod }
  ): Effect.Effect<Standing, Refusal | PlanUnknown>
  undoChange(userId: UserId): Effect.Effect<Standing, Refusal>
  refund(userId: UserId): Effect.Effect<Standing, Refusal>
}>()("@dchat/domain/subscription/Subscriptions") {
  static readonly layer = Layer.effect(
    Subscriptions,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const methods = yield* BillingMethods
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

      const act = Effect.fnUntraced(function*(userId: UserId, command: SubscriptionCommand) {
        const { account } = yield* perform(userId, command, { _tag: "User" }).pipe(
          Effect.catchTag("AccountConflict", (conflict) => Effect.die(conflict))
        )
        return standingOf(account, yield* DateTime.now)
      })

      const commandFor = Effect.fnUntraced(
        function*(_tag: "Create" | "Renew", { autoRenew, method, period, tier }: Order) {
          yield* methods.require(method)
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
            const { account } = yield* perform(userId, command, { _tag: "User" }, remembered)
            return orderedOf(account, command.purchaseId, true) ?? (yield* openOrder(account, order.period))
          })
          return yield* place.pipe(
            Effect.retry({ while: ({ _tag }) => _tag === "AccountConflict", times: 1 }),
            Effect.catchTag("AccountConflict", (conflict) => Effect.die(conflict))
          )
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
          yield* act(userId, { ...renewalOf(before), _tag: "Renew" })
        }
        const command = yield* commandFor("Renew", {
          tier: terms.tier,
          period: period ?? terms.period,
          method: method ?? before.method
        })
        const taken = yield* perform(userId, command, { _tag: "User" }).pipe(
          Effect.catchTag("AccountConflict", (conflict) => Effect.die(conflict))
        )
        return orderedOf(taken.account, command.purchaseId, true) ?? (yield* openOrder(taken.account, terms.period))
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
        cancel: Effect.fn("Subscriptions.cancel")((userId, { confirmed, when }) =>
          act(userId, { _tag: "Cancel", when, ...(confirmed && { confirmed: true as const }) })
        ),
        undoCancel: Effect.fn("Subscriptions.undoCancel")((userId) => act(userId, { _tag: "UndoCancel" })),
        change: Effect.fn("Subscriptions.change")(function*(userId, { period, tier }) {
          const terms = termsOf(catalogue, tier, period)
          if (terms === undefined) return yield* new PlanUnknown()
          return yield* act(userId, { _tag: "Change", terms, prorationDate: yield* DateTime.now })
        }),
        undoChange: Effect.fn("Subscriptions.undoChange")((userId) => act(userId, { _tag: "UndoChange" })),
        refund: Effect.fn("Subscriptions.refund")((userId) => act(userId, { _tag: "Refund" }))
      })
    })
  )
}

const standingOf = (account: SubscriptionAccount, at: DateTime.Utc): Standing => {
  const { memberships, subscriptions } = account
  const subscription = subscriptions.find(isOpen) ?? subscriptions.at(-1)
  const membership = memberships.find(({ state }) => state === "held") ?? memberships.at(-1)
  return {
    access: accessAt(account, at),
    ...(subscription && { subscription }),
    ...(membership && { membership })
  }
}

const orderedOf = (account: SubscriptionAccount, id: PurchaseId, created: boolean): Ordered | undefined => {
  const purchase = [...account.subscriptions, ...account.memberships].find((it) => it.id === id)
  const [payment] = paymentsOf(account, id)
  return purchase === undefined || payment === undefined ? undefined : { purchase, payment, created }
}

/** The purchase that was there already. */
const openOrder = (account: SubscriptionAccount, period: Order["period"]): Effect.Effect<Ordered> => {
  const open = period === "nft"
    ? account.memberships.find(({ state }) => state === "pending")
    : account.subscriptions.find(isOpen)
  const ordered = open && orderedOf(account, open.id, false)
  return ordered === undefined ? Effect.die(new Error("a purchase without a payment")) : Effect.succeed(ordered)
}

const renewalOf = ({ autoRenew, id, method, terms }: Subscription) => ({
  purchaseId: id,
  paymentId: PaymentId.make(id),
  method,
  terms,
  autoRenew
})

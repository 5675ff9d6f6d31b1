/**
 * The actions of users on their own purchases.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Asked, Attempted, IdempotencyConflict, KeyedRequest } from "../idempotency/index.ts"
import type { UserId } from "../identity/model/UserId.ts"
import { makeBillingAccountSteps, type StepRefusal } from "./BillingAccountSteps.ts"
import { makeCheckouts, type OwnSteps } from "./Checkouts.ts"
import { type BillingAccount, paymentOf } from "./model/BillingAccount.ts"
import type { Membership } from "./model/Membership.ts"
import type { Payment } from "./model/Payment.ts"
import { termsOf } from "./model/Plans.ts"
import type { BillingPeriod, Tier } from "./model/PlanTerms.ts"
import { isLive, isOpen, type Subscription } from "./model/Subscription.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "./model/SubscriptionCommand.ts"
import {
  type NoSubscription,
  PaymentNotFound,
  PlanUnknown,
  type PreviewExpired,
  RefusedByProvider,
  type TooManyQuotes
} from "./model/SubscriptionErrors.ts"
import { PaymentId, type PurchaseId } from "./model/SubscriptionIds.ts"
import { makeNewsFirst } from "./NewsFirst.ts"
import {
  Billing,
  type MethodNotConfigured,
  type NoCustomer,
  type StripeNotConfigured,
  type StripeUnavailable
} from "./ports/Billing.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import type { QuoteRefusal } from "./ports/Quoting.ts"
import { type BillingAccountConflict, SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import type { PurchaseOutcome } from "./PurchaseRequests.ts"
import { accountAt, decide, type SubscriptionRefusalOf } from "./rules/BillingAccountMachine.ts"
import { changePriceOf } from "./rules/OwnChanges.ts"
import { type Action, isRefusalOf, meantBy } from "./rules/UserActions.ts"
import {
  type CheckoutRequest,
  type PreviewedChange,
  type Renewal,
  type StartedCheckout,
  type SubscriptionSummary,
  summaryOf
} from "./SubscriptionSummary.ts"

type Closing = StripeNotConfigured | StripeUnavailable

/** The refusals of a purchase by one of these commands. */
type PurchaseRefusal<Tag extends "Create" | "Renew" | "CreateLifetime"> =
  | StepRefusal<Tag>
  | Closing
  | PlanUnknown
  | MethodNotConfigured
  | QuoteRefusal
  | TooManyQuotes
  | IdempotencyConflict

/** A refusal of the rules or of the provider, or an idempotency key that was used for another request. */
type ActionRefusal<Tag extends SubscriptionCommand["_tag"]> = StepRefusal<Tag> | RefusedByProvider | IdempotencyConflict

/** How many events are searched for a refusal: more than one action can produce. */
const recent = 100

export class Subscriptions extends Context.Service<Subscriptions, {
  summary(userId: UserId): Effect.Effect<SubscriptionSummary>
  /** Everything that was ever bought and paid, as of now. */
  account(userId: UserId): Effect.Effect<BillingAccount>
  payment(userId: UserId, id: PaymentId): Effect.Effect<Payment, PaymentNotFound>
  /** Starts a purchase. The same request again, or the same key, leads to the same purchase. */
  create(
    userId: UserId,
    request: CheckoutRequest,
    idempotencyKey?: string
  ): Effect.Effect<StartedCheckout, PurchaseRefusal<"Create" | "CreateLifetime">>
  /** As `create`, by default for the plan that has ended. */
  renew(
    userId: UserId,
    renewal: Renewal,
    idempotencyKey?: string
  ): Effect.Effect<StartedCheckout, PurchaseRefusal<"Renew"> | NoSubscription>
  cancel(
    userId: UserId,
    how: {
      readonly when: "period_end" | "now"
      readonly confirmed: boolean
      /** The purchase to cancel. Defaults to the subscription, if there is one. */
      readonly purchaseId?: PurchaseId | undefined
    },
    idempotencyKey?: string
  ): Effect.Effect<SubscriptionSummary, ActionRefusal<"Cancel"> | Closing>
  undoCancel(userId: UserId, idempotencyKey?: string): Effect.Effect<SubscriptionSummary, ActionRefusal<"UndoCancel">>
  /**
   * Counts the rest of the period against a change up as of `prorationDate`, by which it was previewed; or as of now. A
   * preview of more than an hour ago, or of a period that is over, is refused.
   */
  change(
    userId: UserId,
    to: { readonly tier: Tier; readonly period: BillingPeriod; readonly prorationDate?: DateTime.Utc | undefined },
    idempotencyKey?: string
  ): Effect.Effect<SubscriptionSummary, ActionRefusal<"Change"> | PlanUnknown>
  /** The price of a change, and when it would take effect. */
  previewChange(
    userId: UserId,
    to: { readonly tier: Tier; readonly period: BillingPeriod }
  ): Effect.Effect<
    PreviewedChange,
    Exclude<SubscriptionRefusalOf<"Change">, PreviewExpired> | Closing | PlanUnknown
  >
  /** The customer portal of the provider for this user. */
  portal(userId: UserId): Effect.Effect<URL, Closing | NoCustomer>
  undoChange(userId: UserId, idempotencyKey?: string): Effect.Effect<SubscriptionSummary, ActionRefusal<"UndoChange">>
  /** Refunds a purchase. Defaults to the first purchase that can be refunded. */
  refund(
    userId: UserId,
    purchaseId?: PurchaseId,
    idempotencyKey?: string
  ): Effect.Effect<SubscriptionSummary, ActionRefusal<"Refund">>
}>()("@dchat/domain/subscription/Subscriptions") {
  static readonly layer = Layer.effect(
    Subscriptions,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const billing = yield* Billing
      const catalogue = yield* Catalogue
      const random = yield* SecureRandom.SecureRandom
      const { perform } = yield* makeBillingAccountSteps

      // Reads have the spans of their statements, and no further spans: a span costs as much as the step.
      const account = Effect.fnUntraced(function*(userId: UserId) {
        return accountAt(yield* repository.load(userId), yield* DateTime.now)
      })

      const summary = Effect.fnUntraced(function*(userId: UserId) {
        return summaryOf(yield* account(userId), yield* DateTime.now, catalogue)
      })

      const take: OwnSteps["take"] = (userId, command, request) => perform(userId, command, { _tag: "User" }, request)

      /** Sends the new intents to the provider, if the purchase has one. */
      const flush = (purchase: Subscription | Membership | undefined) =>
        purchase?.method === "stripe" ? billing.flush(purchase.id) : Effect.void

      const newsFirst = yield* makeNewsFirst
      const { closing, create, once, renew } = yield* makeCheckouts({ account, newsFirst, take })

      /** Sends the intents to the provider, and fails if the provider refuses the action. */
      const outcomeOf = Effect.fnUntraced(
        function*(userId: UserId, action: Action, { purchaseId, version }: PurchaseOutcome) {
          const { memberships, subscriptions } = yield* repository.load(userId)
          yield* flush([...subscriptions, ...memberships].find(({ id }) => id === purchaseId))
          const since = yield* repository.events(userId, { limit: recent })
          const isRefused = since.some(({ event, seq }) => seq > version && isRefusalOf(action, purchaseId, event))
          return isRefused ? yield* new RefusedByProvider() : yield* summary(userId)
        }
      )

      const act = Effect.fnUntraced(
        function*<Tag extends SubscriptionCommand["_tag"]>(
          userId: UserId,
          action: Action,
          command: SubscriptionCommandOf<Tag>,
          request: KeyedRequest | undefined
        ) {
          const resultOf = (account: BillingAccount) => ({
            purchaseId: meantBy(command, account),
            version: account.version
          })
          const recorded = request && ((account: BillingAccount) => ({ ...request, result: resultOf(account) }))
          const { account, records } = yield* take(userId, command, recorded)
          const result = resultOf(account)
          const isRecorded = records.length > 0
          const answer = isRecorded ? yield* outcomeOf(userId, action, result) : yield* summary(userId)
          return { answer, result, isRecorded }
        }
      )

      /** The same request again is answered with the outcome of the first. `content`: the body. */
      const actOnce = <E extends { readonly _tag: string }>(
        userId: UserId,
        action: Action,
        key: string | undefined,
        content: Asked["content"],
        attempt: (
          request: KeyedRequest | undefined
        ) => Effect.Effect<Attempted<SubscriptionSummary>, E | BillingAccountConflict>
      ) =>
        once(
          { userId, operation: `subscription.${action}`, key, content },
          (known) => outcomeOf(userId, action, known),
          (request) => newsFirst(userId, attempt(request))
        )

      const simply =
        <Tag extends SubscriptionCommand["_tag"]>(action: Action, command: SubscriptionCommandOf<Tag>) =>
        (userId: UserId, key?: string) =>
          actOnce(userId, action, key, [], (request) => act(userId, action, command, request))

      /** Asks whether the next period is paid, before a cancellation decides which period is the last. */
      const keepUp = Effect.fnUntraced(function*(userId: UserId) {
        const { account } = yield* take(userId, { _tag: "Tick" }).pipe(
          Effect.catchTag("BillingAccountConflict", Effect.die)
        )
        const live = account.subscriptions.find(isLive)
        if (live?.paidThrough && DateTime.isLessThanOrEqualTo(live.paidThrough, yield* DateTime.now)) {
          if (live.method === "stripe") yield* billing.ask(live.id)
        }
      })

      return Subscriptions.of({
        account,
        summary,
        payment: Effect.fn("Subscriptions.payment")(function*(userId, id) {
          return paymentOf(yield* account(userId), id) ?? (yield* new PaymentNotFound())
        }),
        create: Effect.fn("Subscriptions.create")(create),
        renew: Effect.fn("Subscriptions.renew")(renew),
        cancel: Effect.fn("Subscriptions.cancel")(function*(userId, { confirmed, purchaseId, when }, key) {
          const command = {
            _tag: "Cancel",
            when,
            ...(purchaseId && { purchaseId }),
            ...(confirmed && { confirmed: true as const })
          } as const
          return yield* actOnce(
            userId,
            "cancel",
            key,
            [when, confirmed, purchaseId ?? null],
            (request) =>
              Effect.gen(function*() {
                yield* keepUp(userId)
                const open = (yield* account(userId)).subscriptions.find(isOpen)
                const isSubscription = open !== undefined && (purchaseId ?? open.id) === open.id
                return yield* closing(
                  userId,
                  isSubscription ? "subscription" : "membership",
                  (closed) => act(userId, "cancel", { ...command, ...closed }, request)
                )
              })
          )
        }),
        undoCancel: Effect.fn("Subscriptions.undoCancel")(simply("undoCancel", { _tag: "UndoCancel" })),
        change: Effect.fn("Subscriptions.change")(function*(userId, { period, prorationDate, tier }, key) {
          const terms = termsOf(catalogue, tier, period)
          if (terms === undefined) return yield* new PlanUnknown()
          const asOf = prorationDate === undefined
            ? { prorationDate: yield* DateTime.now }
            : { prorationDate, promised: true as const }
          const paymentId = PaymentId.make(yield* random.uuidV7())
          const command = { _tag: "Change", terms, paymentId, ...asOf } as const
          const asked = [tier, period, prorationDate === undefined ? null : DateTime.formatIso(prorationDate)]
          return yield* actOnce(userId, "change", key, asked, (request) => act(userId, "change", command, request))
        }),
        previewChange: Effect.fn("Subscriptions.previewChange")(function*(userId, { period, tier }) {
          const terms = termsOf(catalogue, tier, period)
          if (terms === undefined) return yield* new PlanUnknown()
          const prorationDate = yield* DateTime.now
          const command = { _tag: "Change" as const, terms, prorationDate }
          const { account } = yield* newsFirst(
            userId,
            Effect.flatMap(
              repository.load(userId),
              (before) => Effect.fromResult(decide(command, before, prorationDate, { _tag: "User" }, catalogue))
            )
          ).pipe(Effect.catchTag("PreviewExpired", Effect.die))
          const changed = account.subscriptions.find(isLive)
          const free = { amountDue: { ...terms.price, minorUnits: 0n }, prorationDate }
          if (changed?.change?.direction !== "up") return { ...free, effective: changed?.change?.until ?? "now" }
          const cost = changed.method === "stripe"
            ? yield* billing.previewChange(changed, terms, prorationDate)
            : { ...free, amountDue: changePriceOf(account, changed, terms, prorationDate).amountDue }
          return { ...cost, effective: "now" }
        }),
        portal: Effect.fn("Subscriptions.portal")(function*(userId) {
          const { subscriptions } = yield* account(userId)
          return yield* billing.portal(userId, subscriptions.find(isLive) ?? subscriptions.at(-1))
        }),
        undoChange: Effect.fn("Subscriptions.undoChange")(simply("undoChange", { _tag: "UndoChange" })),
        refund: Effect.fn("Subscriptions.refund")((userId, purchaseId, key) => {
          const command = { _tag: "Refund", ...(purchaseId && { purchaseId }) } as const
          return actOnce(
            userId,
            "refund",
            key,
            purchaseId === undefined ? [] : [purchaseId],
            (request) => act(userId, "refund", command, request)
          )
        })
      })
    })
  )
}

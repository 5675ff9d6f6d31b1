/**
 * Starts purchases: the same request, or the same idempotency key, leads to the same purchase and to its payment page.
 */
import { DateTime, Effect, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Asked, Attempted, KeyedRequest } from "../idempotency/index.ts"
import type { UserId } from "../identity/model/UserId.ts"
import type { RequestOf, StepRefusal, StepTaken } from "./BillingAccountSteps.ts"
import type { BillingAccount } from "./model/BillingAccount.ts"
import { isUnpaid } from "./model/Payment.ts"
import { lifetimeTermsOf, termsOf } from "./model/Plans.ts"
import type { BillingPeriod, Tier } from "./model/PlanTerms.ts"
import { isLive, type PaymentMethod } from "./model/Subscription.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "./model/SubscriptionCommand.ts"
import { NoSubscription, type PaymentInProgress, PlanUnknown } from "./model/SubscriptionErrors.ts"
import { PaymentId, PurchaseId } from "./model/SubscriptionIds.ts"
import type { makeNewsFirst } from "./NewsFirst.ts"
import { Billing, type MethodNotConfigured, StripeUnavailable } from "./ports/Billing.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { type QuoteWish, Quoting } from "./ports/Quoting.ts"
import { type BillingAccountConflict, SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import { makePurchaseRequests } from "./PurchaseRequests.ts"
import { decide } from "./rules/BillingAccountMachine.ts"
import {
  checkoutOf,
  type CheckoutRequest,
  openCheckoutOf,
  pendingOf,
  type PurchaseKind,
  type Renewal,
  renewalOf,
  type StartedCheckout
} from "./SubscriptionSummary.ts"
import { makeWalletPayments } from "./WalletPayments.ts"

type PurchaseTag = "Create" | "Renew" | "CreateLifetime"

/** The steps that users take in their own account. */
export interface OwnSteps {
  /** Asks the provider before a refusal that news from the provider may make wrong. */
  newsFirst: Effect.Success<typeof makeNewsFirst>
  /** The account as of now. */
  account(userId: UserId): Effect.Effect<BillingAccount>
  take<Tag extends SubscriptionCommand["_tag"]>(
    userId: UserId,
    command: SubscriptionCommandOf<Tag>,
    request?: RequestOf
  ): Effect.Effect<StepTaken, StepRefusal<Tag> | BillingAccountConflict>
}

export const makeCheckouts = Effect.fnUntraced(function*({ account, newsFirst, take }: OwnSteps) {
  const repository = yield* SubscriptionRepository
  const billing = yield* Billing
  const quoting = yield* Quoting
  const wallets = yield* makeWalletPayments
  const catalogue = yield* Catalogue
  const random = yield* SecureRandom.SecureRandom
  const once = yield* makePurchaseRequests

  /** Closes the payment page of a pending purchase before another purchase takes its place. */
  const closing = <A, E extends { readonly _tag: string }>(
    userId: UserId,
    kind: PurchaseKind,
    attempt: (closed: { readonly closed?: PurchaseId }) => Effect.Effect<A, E | PaymentInProgress>
  ) =>
    attempt({}).pipe(
      Effect.catchIf((error): error is PaymentInProgress => error._tag === "PaymentInProgress", (refusal) =>
        Effect.gen(function*() {
          const pending = pendingOf(yield* account(userId), kind)
          if (pending?.method !== "stripe") {
            return yield* refusal
          }
          const isClosed = yield* billing.close(userId, pending.id)
          // If the page could not be closed, the purchase was paid, and the payment is recorded by now.
          return yield* attempt(isClosed ? { closed: pending.id } : {})
        }))
    )

  /** Adds the payment page to a checkout. */
  const payable = Effect.fnUntraced(function*(userId: UserId, started: StartedCheckout) {
    const { payment, purchase } = started
    if (purchase.method !== "stripe" || payment.state !== "quoted" || payment.checkout !== undefined) return started
    yield* billing.flush(purchase.id)
    const now = checkoutOf(yield* account(userId), purchase.id, started.created)
    if (now?.payment.state === "quoted" && now.payment.checkout === undefined) return yield* new StripeUnavailable()
    return now ?? started
  })

  const newIds = Effect.gen(function*() {
    return {
      purchaseId: PurchaseId.make(yield* random.uuidV7()),
      paymentId: PaymentId.make(yield* random.uuidV7())
    }
  })

  const termsFor = Effect.fnUntraced(function*(tier: Tier, period: BillingPeriod) {
    return termsOf(catalogue, tier, period) ?? (yield* new PlanUnknown())
  })

  const subscribing = Effect.fnUntraced(
    function*({ autoRenew, method, tier }: CheckoutRequest, period: BillingPeriod) {
      const terms = yield* termsFor(tier, period)
      return { _tag: "Create" as const, ...yield* newIds, method, terms, autoRenew: autoRenew ?? method === "stripe" }
    }
  )

  const buyingForLife = Effect.fnUntraced(function*({ method, tier }: CheckoutRequest) {
    const terms = lifetimeTermsOf(catalogue, tier)
    if (terms === undefined) return yield* new PlanUnknown()
    return { _tag: "CreateLifetime" as const, ...yield* newIds, method, terms }
  })

  const isSetUp = (method: PaymentMethod): Effect.Effect<void, MethodNotConfigured> =>
    method === "web3" ? quoting.require : billing.require

  /** Refuses a method that is not set up; a refusal of the purchase itself comes first. */
  const requireMethod = <Tag extends PurchaseTag>(userId: UserId, command: SubscriptionCommandOf<Tag>) =>
    isSetUp(command.method).pipe(
      Effect.catch((missing) =>
        Effect.gen(function*() {
          const decided = decide(
            command,
            yield* repository.load(userId),
            yield* DateTime.now,
            { _tag: "User" },
            catalogue
          )
          const isRefused = Result.isFailure(decided) && decided.failure._tag !== "PaymentInProgress"
          return yield* isRefused ? decided.failure : missing
        })
      )
    )

  const start = Effect.fnUntraced(
    function*<Tag extends PurchaseTag>(
      userId: UserId,
      command: SubscriptionCommandOf<Tag>,
      request: KeyedRequest | undefined
    ) {
      yield* requireMethod(userId, command)
      const kind = command._tag === "CreateLifetime" ? "membership" : "subscription"
      const startedIn = (account: BillingAccount) =>
        checkoutOf(account, command.purchaseId, true) ?? openCheckoutOf(account, kind)
      const recorded = request &&
        ((account: BillingAccount) => ({ ...request, result: outcomeOf(startedIn(account), account) }))
      const { account, records } = yield* closing(
        userId,
        kind,
        (closed) => take<Tag>(userId, { ...command, ...closed }, recorded)
      )
      return attempted(startedIn(account), account, records.length > 0)
    }
  )

  /** Adds a quote to a checkout. */
  const quoted = Effect.fnUntraced(
    function*(userId: UserId, started: StartedCheckout, wish: QuoteWish | undefined) {
      if (wish === undefined || started.purchase.method !== "web3" || !isUnpaid(started.payment)) return started
      yield* wallets.quote(userId, started.payment.id, wish).pipe(
        Effect.catchTag("PaymentNotFound", Effect.die),
        // The payment has arrived meanwhile.
        Effect.catchTag("PaymentNotOpen", () => Effect.void)
      )
      return checkoutOf(yield* account(userId), started.purchase.id, started.created) ?? started
    }
  )

  /** A wish that no quote can meet is refused before anything is ordered. */
  const checked = (userId: UserId, wish: QuoteWish | undefined) =>
    wish === undefined ? Effect.void : quoting.check(userId, wish)

  /** Answers with the checkout that the key led to before, or else with the checkout of the attempt. */
  const startOnce = <E extends { readonly _tag: string }>(
    asked: Omit<Asked, "at">,
    wish: QuoteWish | undefined,
    attempt: (
      request: KeyedRequest | undefined
    ) => Effect.Effect<Attempted<StartedCheckout>, E | BillingAccountConflict>
  ) =>
    once(
      asked,
      ({ purchaseId }) => Effect.map(account(asked.userId), (account) => checkoutOf(account, purchaseId, false)),
      (request) => newsFirst(asked.userId, attempt(request))
    ).pipe(
      Effect.flatMap((started) => payable(asked.userId, started)),
      Effect.flatMap((started) => quoted(asked.userId, started, wish))
    )

  const create = (userId: UserId, wanted: CheckoutRequest, key?: string) => {
    const { autoRenew = null, method, period, tier } = wanted
    const asked = { userId, operation: "subscription.create", key, content: [tier, period, method, autoRenew] }
    return Effect.andThen(
      checked(userId, wanted.web3),
      startOnce(asked, wanted.web3, (request) =>
        period === "nft"
          ? Effect.flatMap(buyingForLife(wanted), (command) => start(userId, command, request))
          : Effect.flatMap(subscribing(wanted, period), (command) => start(userId, command, request)))
    )
  }

  /** The open invoice of a subscription whose payment failed. Fails if the subscription cannot be renewed. */
  const openInvoiceOf = Effect.fnUntraced(function*(now: BillingAccount) {
    const live = now.subscriptions.find(isLive)
    if (live === undefined) return undefined
    const command = { ...renewalOf(live), _tag: "Renew" } as const
    const decided = decide(command, now, yield* DateTime.now, { _tag: "User" }, catalogue)
    if (Result.isSuccess(decided)) return undefined
    const refusal = decided.failure
    if (refusal._tag === "PastDue" && refusal.invoiceUrl !== undefined) return checkoutOf(now, live.id, false)
    return yield* Effect.fail(refusal)
  })

  const renewed = Effect.fnUntraced(
    function*(userId: UserId, { method, period }: Renewal, request: KeyedRequest | undefined) {
      const live = (yield* account(userId)).subscriptions.find(isLive)
      // The user may have paid the open invoice since the last look.
      if (live?.state === "past_due" && live.method === "stripe") yield* billing.ask(live.id)
      const now = yield* account(userId)
      const before = now.subscriptions.at(-1)
      if (before === undefined) return yield* new NoSubscription()
      // A refusal to renew comes before a refusal of the payment method.
      const open = yield* openInvoiceOf(now)
      if (open !== undefined) return attempted(open, now, false)
      const terms = yield* termsFor(before.terms.tier, period ?? before.terms.period)
      const command = { _tag: "Renew", ...yield* newIds, method: method ?? before.method, terms } as const
      return yield* start(userId, command, request)
    }
  )

  const renew = (userId: UserId, renewal: Renewal, key?: string) => {
    const { method = null, period = null } = renewal
    const asked = { userId, operation: "subscription.renew", key, content: [method, period] }
    return Effect.andThen(
      checked(userId, renewal.web3),
      startOnce(asked, renewal.web3, (request) => renewed(userId, renewal, request))
    )
  }

  return { closing, create, once, renew }
})

const outcomeOf = ({ purchase }: StartedCheckout, { version }: BillingAccount) => ({ purchaseId: purchase.id, version })

const attempted = (
  answer: StartedCheckout,
  account: BillingAccount,
  isRecorded: boolean
): Attempted<StartedCheckout> => ({ answer, result: outcomeOf(answer, account), isRecorded })

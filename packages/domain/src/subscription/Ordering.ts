/**
 * How people begin to buy: the same order, or the same idempotency key, leads to the same purchase, and to the page on
 * which it is paid.
 */
import { DateTime, Effect, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/model/UserId.ts"
import type { AccountContended, RequestOf, StepTaken } from "./BillingAccountSteps.ts"
import type { BillingAccount } from "./model/BillingAccount.ts"
import { lifetimeTermsOf, termsOf } from "./model/Plans.ts"
import { isLive } from "./model/Subscription.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "./model/SubscriptionCommand.ts"
import {
  NoSubscription,
  type PaymentInProgress,
  PlanUnknown,
  type SubscriptionRefusal
} from "./model/SubscriptionErrors.ts"
import { PaymentId, PurchaseId } from "./model/SubscriptionIds.ts"
import type { makeNewsFirst } from "./NewsFirst.ts"
import { Billing, StripeUnavailable } from "./ports/Billing.ts"
import { Catalogue } from "./ports/Catalogue.ts"
import { type BillingAccountConflict, SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import { type Attempted, type KeyedRequest, makeRequestKeys } from "./RequestKeys.ts"
import { decide } from "./rules/BillingAccountMachine.ts"
import { openOrder, type Order, type Ordered, orderedOf, pendingOf, type Renewal, renewalOf } from "./Standing.ts"

type Refusal = SubscriptionRefusal | AccountContended

/** The steps of an account that its owner takes. */
interface OwnSteps {
  /** Asks the provider before something is refused for what that may not have told yet. */
  newsFirst: Effect.Success<typeof makeNewsFirst>
  /** Settled as of now. */
  account(userId: UserId): Effect.Effect<BillingAccount>
  take(
    userId: UserId,
    command: SubscriptionCommand,
    request?: RequestOf
  ): Effect.Effect<StepTaken, Refusal | BillingAccountConflict>
}

export const makeOrdering = Effect.fnUntraced(function*({ account, newsFirst, take }: OwnSteps) {
  const repository = yield* SubscriptionRepository
  const billing = yield* Billing
  const catalogue = yield* Catalogue
  const random = yield* SecureRandom.SecureRandom
  const keys = yield* makeRequestKeys

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
          const isClosed = yield* billing.close(userId, pending.id)
          // What was paid instead is heard of by now.
          return yield* attempt(isClosed ? { closed: pending.id } : {})
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

  /** An order that is wrong in itself is told so, also where nobody can pay for it. */
  const requireMethod = (userId: UserId, command: SubscriptionCommandOf<"Create" | "Renew" | "CreateLifetime">) =>
    billing.require(command.method).pipe(
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

  const place = Effect.fnUntraced(
    function*(userId: UserId, _tag: "Create" | "Renew", order: Order, request: KeyedRequest | undefined) {
      const command = yield* commandFor(_tag, order)
      yield* requireMethod(userId, command)
      const orderedIn = (account: BillingAccount) =>
        orderedOf(account, command.purchaseId, true) ?? openOrder(account, order.period)
      const remembered = request && ((account: BillingAccount) => ({
        ...request,
        purchaseId: orderedIn(account).purchase.id,
        version: account.version
      }))
      const kind = order.period === "nft" ? "membership" : "subscription"
      const { account, records } = yield* closing(
        userId,
        kind,
        (closed) => take(userId, { ...command, ...closed }, remembered)
      )
      return attempted(orderedIn(account), account, records.length > 0)
    }
  )

  /** What the key led to before, or else what it leads to now: an order that was there already is remembered as well. */
  const once = <E extends { readonly _tag: string }>(
    userId: UserId,
    request: KeyedRequest | undefined,
    order: Effect.Effect<Attempted<Ordered>, E | BillingAccountConflict>
  ) =>
    keys.once(
      request,
      ({ purchaseId }) => Effect.map(account(userId), (account) => orderedOf(account, purchaseId, false)),
      order
    )

  const create = Effect.fnUntraced(function*(userId: UserId, order: Order, idempotencyKey?: string) {
    const { autoRenew = null, method, period, tier } = order
    const asked = [tier, period, method, autoRenew]
    const request = yield* keys.requestOf(userId, "subscription.create", idempotencyKey, asked)
    return yield* payable(
      userId,
      yield* once(userId, request, newsFirst(userId, place(userId, "Create", order, request)))
    )
  })

  /** What is owed is paid on the page of the open invoice. Whether anything else can be renewed is only looked at. */
  const owed = Effect.fnUntraced(function*(now: BillingAccount) {
    const live = now.subscriptions.find(isLive)
    if (live === undefined) return undefined
    const command = { ...renewalOf(live), _tag: "Renew" } as const
    const decided = decide(command, now, yield* DateTime.now, { _tag: "User" }, catalogue)
    if (Result.isSuccess(decided)) return undefined
    const refusal = decided.failure
    if (refusal._tag === "PastDue" && refusal.invoiceUrl !== undefined) return orderedOf(now, live.id, false)
    return yield* Effect.fail(refusal)
  })

  const renewed = Effect.fnUntraced(
    function*(userId: UserId, { method, period }: Renewal, request: KeyedRequest | undefined) {
      const live = (yield* account(userId)).subscriptions.find(isLive)
      // What is owed may have been paid since.
      if (live?.state === "past_due" && live.method === "stripe") yield* billing.ask(live.id)
      const now = yield* account(userId)
      const before = now.subscriptions.at(-1)
      if (before === undefined) return yield* new NoSubscription()
      // Whether it can be renewed at all is said before how it could be paid.
      const open = yield* owed(now)
      if (open !== undefined) return attempted(open, now, false)
      const order = {
        tier: before.terms.tier,
        period: period ?? before.terms.period,
        method: method ?? before.method,
        ...((method ?? before.method) === before.method && { autoRenew: before.autoRenew })
      }
      return yield* place(userId, "Renew", order, request)
    }
  )

  const renew = Effect.fnUntraced(function*(userId: UserId, renewal: Renewal, idempotencyKey?: string) {
    const { method = null, period = null } = renewal
    const request = yield* keys.requestOf(userId, "subscription.renew", idempotencyKey, [method, period])
    return yield* payable(userId, yield* once(userId, request, newsFirst(userId, renewed(userId, renewal, request))))
  })

  return { closing, create, keys, renew }
})

const attempted = (
  answer: Ordered,
  { version }: BillingAccount,
  isRemembered: boolean
): Attempted<Ordered> => ({ answer, purchaseId: answer.purchase.id, version, isRemembered })

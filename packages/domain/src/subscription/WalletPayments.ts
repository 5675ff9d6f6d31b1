/**
 * Payments by wallet: quotes, and the transactions that users name.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { makeBillingAccountSteps, type StepRefusal } from "./BillingAccountSteps.ts"
import { paymentOf } from "./model/BillingAccount.ts"
import { isUnpaid, type Payment } from "./model/Payment.ts"
import type { Bytes32, Quote } from "./model/Quote.ts"
import { PaymentNotFound } from "./model/SubscriptionErrors.ts"
import type { PaymentId } from "./model/SubscriptionIds.ts"
import { type Inspection, type QuoteRefusal, type QuoteWish, Quoting } from "./ports/Quoting.ts"
import { SubscriptionRepository } from "./ports/SubscriptionRepository.ts"
import { freeCredit } from "./rules/WalletCredit.ts"

/** How long a quote has to hold to be shown again, in minutes. */
const holdsMinutes = 2

/** The quote that meets the wish and holds for a while. */
const meets = (
  { asset, chainId, charged, expiresAt, payer }: Quote,
  wish: QuoteWish,
  now: DateTime.Utc,
  isCharged: boolean
): boolean =>
  (charged === true) === isCharged && chainId === wish.chainId && (asset.token ?? "native") === wish.asset &&
  payer === (wish.payer ?? payer) &&
  DateTime.isGreaterThan(expiresAt, DateTime.add(now, { minutes: holdsMinutes }))

export interface SubmittedPayment {
  readonly payment: Payment
  readonly inspection: Inspection
}

export class WalletPayments extends Context.Service<WalletPayments, {
  /**
   * Quotes a payment in an asset. The credit of the user counts first. An earlier quote stays valid until its limit.
   * `isCharged`: dchat takes the amount by the authorisation of the user.
   */
  quote(
    userId: UserId,
    paymentId: PaymentId,
    wish: QuoteWish,
    isCharged?: boolean
  ): Effect.Effect<Payment, PaymentNotFound | QuoteRefusal | StepRefusal<"QuotePayment">>
  /** The user names the transaction that pays. The name is a hint: the transfer on the chain decides. */
  submit(
    userId: UserId,
    paymentId: PaymentId,
    transactionHash: Bytes32
  ): Effect.Effect<SubmittedPayment, PaymentNotFound | StepRefusal<"SubmitPayment">>
}>()("@dchat/domain/subscription/WalletPayments") {
  static readonly layer = Layer.effect(WalletPayments, Effect.suspend(() => makeWalletPayments))
}

export const makeWalletPayments = Effect.gen(function*() {
  const repository = yield* SubscriptionRepository
  const quoting = yield* Quoting
  const { perform } = yield* makeBillingAccountSteps

  const find = Effect.fnUntraced(function*(userId: UserId, paymentId: PaymentId) {
    const account = yield* repository.load(userId)
    const payment = paymentOf(account, paymentId)
    return payment === undefined ? yield* new PaymentNotFound() : { account, payment }
  })

  const quote = Effect.fn("WalletPayments.quote")(
    function*(userId: UserId, paymentId: PaymentId, wish: QuoteWish, isCharged = false) {
      const { account, payment } = yield* find(userId, paymentId)
      const { amount, quotes = [] } = payment
      const now = yield* DateTime.now
      const latest = quotes.at(-1)
      if (isUnpaid(payment) && latest !== undefined && meets(latest, wish, now, isCharged)) return payment
      const free = freeCredit(account, paymentId)
      const used = free < amount.minorUnits ? free : amount.minorUnits
      const offered = yield* quoting.quote({
        userId,
        paymentId,
        wish,
        price: { ...amount, minorUnits: amount.minorUnits - used },
        ...(used > 0n && { credit: { ...amount, minorUnits: used } })
      })
      const quote: Quote = { ...offered, ...(isCharged && { charged: true }) }
      const cause = isCharged ? { _tag: "Clock" } as const : { _tag: "User" } as const
      yield* perform(userId, { _tag: "QuotePayment", paymentId, quote }, cause).pipe(
        Effect.catchTag("BillingAccountConflict", Effect.die)
      )
      return (yield* find(userId, paymentId)).payment
    }
  )

  const submit = Effect.fn("WalletPayments.submit")(
    function*(userId: UserId, paymentId: PaymentId, transactionHash: Bytes32) {
      const { payment } = yield* find(userId, paymentId)
      const inspection = yield* quoting.inspect(payment, transactionHash)
      yield* perform(userId, { _tag: "SubmitPayment", paymentId, transactionHash }, { _tag: "User" }).pipe(
        Effect.catchTag("BillingAccountConflict", Effect.die)
      )
      return { payment: (yield* find(userId, paymentId)).payment, inspection }
    }
  )

  return WalletPayments.of({ quote, submit })
})

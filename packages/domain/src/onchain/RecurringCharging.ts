/**
 * Charges renewals by the authorisations of users. A charge is a transfer of the quoted amount of the renewal: the scan
 * of the chain finds the transfer and settles the payment, as it does with every other payment.
 */
import { Context, DateTime, Effect, Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/model/UserId.ts"
import { repeat } from "../loop/index.ts"
import {
  accountAt,
  type Authorization,
  type BillingAccount,
  type ChargeFault,
  isUnpaid,
  makeBillingAccountSteps,
  PaymentId,
  paymentOf,
  paymentsOf,
  type PurchaseId,
  type Subscription,
  type SubscriptionCommand,
  type SubscriptionCommandOf,
  subscriptionOf,
  SubscriptionRepository,
  WalletPayments
} from "../subscription/index.ts"
import type { Chain } from "./model/Chain.ts"
import type { OperatorTransaction } from "./model/OperatorTransaction.ts"
import { OperatorTransactions } from "./OperatorTransactions.ts"
import { Chains } from "./ports/Chains.ts"
import { ChargeJournal } from "./ports/ChargeJournal.ts"
import { LinkedWallets } from "./ports/LinkedWallets.ts"
import { RecurringAuthorization } from "./ports/RecurringAuthorization.ts"
import { chargeOf, isBeingPaid, isStillDue, lookAt, mayCharge, renewalAmount } from "./rules/ChargeSchedule.ts"

/** How many due subscriptions are looked at in one round. */
const batch = 50

/** How many subscriptions are looked at at once. */
const concurrency = 8

/** How many transactions of a subscription count for the next charge. */
const remembered = 100

const byClock = { _tag: "Clock" } as const

/** A subscription whose renewals are charged, with its user. */
interface Charged {
  readonly userId: UserId
  readonly account: BillingAccount
  readonly subscription: Subscription
  readonly authorization: Authorization
}

export class RecurringCharging extends Context.Service<RecurringCharging, {
  /** Looks at the due subscriptions, and moves the transactions of all chains on. Returns how many were looked at. */
  readonly sweep: Effect.Effect<number>
}>()("@dchat/domain/onchain/RecurringCharging") {
  static readonly layer = Layer.effect(
    RecurringCharging,
    Effect.gen(function*() {
      const chains = yield* Chains
      const journal = yield* ChargeJournal
      const operator = yield* RecurringAuthorization
      const payments = yield* WalletPayments
      const random = yield* SecureRandom.SecureRandom
      const repository = yield* SubscriptionRepository
      const transactions = yield* OperatorTransactions
      const wallets = yield* LinkedWallets
      const { perform } = yield* makeBillingAccountSteps

      const find = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
        const userId = Option.getOrUndefined(yield* repository.ownerOf(purchaseId))
        if (userId === undefined) return undefined
        const account = accountAt(yield* repository.load(userId), yield* DateTime.now)
        const subscription = subscriptionOf(account, purchaseId)
        const authorization = subscription?.authorization
        return subscription === undefined || authorization === undefined
          ? undefined
          : { userId, account, subscription, authorization }
      })

      /** A refusal means that the account has changed since it was read: the next look decides. */
      const tell = <Tag extends SubscriptionCommand["_tag"]>(userId: UserId, command: SubscriptionCommandOf<Tag>) =>
        perform(userId, command, byClock).pipe(
          Effect.as(true),
          Effect.catch(() => Effect.succeed(false))
        )

      /** Why the next charge would fail; undefined if it would work. */
      const tryOut = Effect.fnUntraced(
        function*({ account, authorization, subscription }: Charged): Effect.fn.Return<ChargeFault | undefined> {
          const { asset: token, chainId, kind, payer, spender } = authorization
          const chain = chains.of(chainId)
          const asset = chain?.tokens.find((it) => it.token === token)
          if (chain === undefined || asset === undefined) return "unavailable"
          // The operator charges by another account since: the user has to authorise that account.
          if (spender !== operator.account) return "allowance"
          const amount = renewalAmount(asset, subscription, account)
          if (amount === 0n) return undefined
          return yield* operator.faultOf(chainId, {
            _tag: "Charge",
            kind,
            token,
            payer,
            recipient: chain.recipient,
            amount
          })
        }
      )

      /** The open payment of the renewal. A payment that the user pays by hand now is left alone. */
      const renewalOf = Effect.fnUntraced(function*({ subscription, userId }: Charged) {
        const { id: purchaseId, method, terms } = subscription
        const paymentId = PaymentId.make(yield* random.uuidV7())
        if (!(yield* tell(userId, { _tag: "Renew", purchaseId, paymentId, method, terms }))) return undefined
        const account = yield* repository.load(userId)
        const payment = paymentsOf(account, purchaseId).findLast((it) => it.kind === "renewal" && isUnpaid(it))
        return payment === undefined || isBeingPaid(payment, yield* DateTime.now) ? undefined : payment
      })

      const charge = Effect.fnUntraced(function*(charged: Charged, chain: Chain) {
        const { authorization, subscription: { id: purchaseId }, userId } = charged
        const payment = yield* renewalOf(charged)
        const earlier = yield* journal.ofPurchase(purchaseId, remembered)
        if (payment === undefined || !mayCharge(payment, earlier, yield* DateTime.now)) return
        const { asset, chainId, payer } = authorization
        const quoted = yield* payments.quote(userId, payment.id, { chainId, asset, payer }, true)
        const quote = quoted.quotes?.at(-1)
        const action = quote && isUnpaid(quoted) ? chargeOf(authorization, quote) : undefined
        if (action === undefined) return
        const issued = yield* transactions.issue(chain, { key: payment.id, purchaseId, action })
        if (issued === undefined) return
        const { hash: transactionHash } = issued.signed[0]
        yield* tell(userId, { _tag: "SubmitPayment", paymentId: payment.id, transactionHash })
      })

      const isHandingIn = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
        const earlier = yield* journal.ofPurchase(purchaseId, remembered)
        return earlier.some(({ action, state }) => action._tag === "Permit" && state === "open")
      })

      /** Returns when to look again; undefined if there is nothing to charge any more. */
      const look = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
        const charged = yield* find(purchaseId)
        if (charged === undefined) return undefined
        const { authorization: { chainId, payer }, subscription, userId } = charged
        if ((yield* wallets.ownerOf(chainId, payer)) !== userId) {
          yield* tell(userId, { _tag: "RevokeAuthorization", cause: "unlinked" })
          return undefined
        }
        const now = yield* DateTime.now
        const { _tag, nextAt } = lookAt(subscription, now)
        if (_tag === "Rest") return nextAt
        if (_tag === "TryOut" && (yield* isHandingIn(purchaseId))) return DateTime.add(now, { minutes: 10 })
        const reason = yield* tryOut(charged)
        const soon = DateTime.min(nextAt, DateTime.add(now, { hours: 1 }))
        // A chain that does not answer now may answer until the charge is due.
        if (reason === "unavailable" && _tag === "TryOut") return soon
        if (reason !== undefined) {
          yield* tell(userId, { _tag: "WarnRenewal", purchaseId, reason })
          return _tag === "TryOut" ? nextAt : soon
        }
        const chain = chains.of(chainId)
        if (_tag === "Charge" && chain !== undefined) yield* charge(charged, chain)
        return nextAt
      })

      /** A look that fails leaves the subscription due again soon. */
      const lookOnce = (purchaseId: PurchaseId) =>
        look(purchaseId).pipe(
          Effect.flatMap((nextAt) =>
            nextAt === undefined ? journal.forget(purchaseId) : journal.schedule(purchaseId, nextAt)
          ),
          Effect.catchCause((cause) => Effect.logWarning(`could not charge the renewal of ${purchaseId}`, cause))
        )

      const isWanted = Effect.fnUntraced(function*({ action, key, purchaseId }: OperatorTransaction) {
        const now = yield* DateTime.now
        if (action._tag === "Permit") return now.epochMilliseconds < action.permit.deadline * 1000
        const charged = yield* find(purchaseId)
        const payment = charged && paymentOf(charged.account, PaymentId.make(key))
        return charged !== undefined && payment !== undefined && isStillDue(payment, charged.subscription, now)
      })

      const advance = (chain: Chain) =>
        transactions.advance(chain, isWanted).pipe(
          Effect.catchCause((cause) => Effect.logWarning(`could not follow the charges on ${chain.name}`, cause))
        )

      return RecurringCharging.of({
        sweep: Effect.gen(function*() {
          if (operator.account === undefined) return 0
          const now = yield* DateTime.now
          const due = yield* journal.claim({ now, until: DateTime.add(now, { minutes: 5 }), limit: batch })
          yield* Effect.forEach(due, lookOnce, { concurrency, discard: true })
          yield* Effect.forEach(chains.all, advance, { concurrency, discard: true })
          return due.length
        }).pipe(Effect.withSpan("RecurringCharging.sweep"))
      })
    })
  )

  /** Sweeps every 15 seconds for as long as the layer lives. */
  static readonly layerSweeping = Layer.effectDiscard(
    Effect.gen(function*() {
      const charging = yield* RecurringCharging
      yield* repeat(
        { name: "charge renewals", every: "15 seconds", within: "5 minutes", isVital: false },
        charging.sweep
      )
    })
  )
}

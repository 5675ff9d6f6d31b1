/**
 * Users authorise dchat to charge their renewals, and revoke that.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import type { ChainId } from "../identity/model/ChainId.ts"
import type { UserId } from "../identity/model/UserId.ts"
import type { WalletAddress } from "../identity/model/WalletAddress.ts"
import {
  accountAt,
  type AccountContended,
  AssetNotOffered,
  type AuthorizationKind,
  type AuthorizationTerms,
  type BillingAccount,
  type ChargeFault,
  isLive,
  makeBillingAccountSteps,
  NoSubscription,
  periodEnd,
  type QuoteRefusal,
  Quoting,
  type StepRefusal,
  type Subscription,
  SubscriptionRepository
} from "../subscription/index.ts"
import type { Chain } from "./model/Chain.ts"
import {
  AuthorizationIneffective,
  ChargingNotConfigured,
  ChargingUnavailable,
  PermitRejected,
  TooManyPermits
} from "./model/ChargingErrors.ts"
import type { PermitAction, SignedPermit } from "./model/OperatorTransaction.ts"
import { OperatorTransactions } from "./OperatorTransactions.ts"
import { Chains } from "./ports/Chains.ts"
import { ChargeJournal } from "./ports/ChargeJournal.ts"
import { LinkedWallets } from "./ports/LinkedWallets.ts"
import { type GrantInstructions, RecurringAuthorization } from "./ports/RecurringAuthorization.ts"
import { firstLookMinutes, renewalPrice } from "./rules/ChargeSchedule.ts"
import { stablecoinAmount } from "./rules/QuoteAmounts.ts"

/** How many permits the operator hands in for a subscription. */
const mostPermits = 5

/** The way, the token and the linked wallet by which a user lets dchat charge. */
export interface AuthorizationWish {
  readonly kind: AuthorizationKind
  readonly chainId: ChainId
  /** The ERC-20 contract. */
  readonly asset: WalletAddress
  readonly payer: WalletAddress
}

const liveOf = ({ subscriptions }: BillingAccount) => subscriptions.find(isLive)

/** The allowance is missing, or the token refuses: these do not pass by themselves. */
const isObstacle = (fault: ChargeFault | undefined): fault is ChargeFault =>
  fault === "allowance" || fault === "blocked" || fault === "unavailable"

type Refusal = ChargingNotConfigured | QuoteRefusal | NoSubscription

type Authorizing = Refusal | AuthorizationIneffective | StepRefusal<"AuthorizeRenewal">

export class RenewalAuthorizations extends Context.Service<RenewalAuthorizations, {
  /** The messages to sign and the transactions to send, so that dchat can charge this number of periods. */
  instructions(
    userId: UserId,
    wish: AuthorizationWish,
    periods: number
  ): Effect.Effect<GrantInstructions & { readonly terms: AuthorizationTerms }, Refusal | ChargingUnavailable>
  /** The user has sent the transactions of the instructions. */
  authorize(userId: UserId, wish: AuthorizationWish): Effect.Effect<void, Authorizing>
  /** As `authorize`, by a signed permit that the operator hands in. */
  authorizeByPermit(
    userId: UserId,
    wish: AuthorizationWish,
    permit: SignedPermit
  ): Effect.Effect<void, Authorizing | ChargingUnavailable | PermitRejected | TooManyPermits>
  /** The allowance on the chain stays until the user takes it back. */
  revoke(userId: UserId): Effect.Effect<void, AccountContended>
  /** Ends the authorisation of a wallet that the user does not hold any more. */
  review(userId: UserId): Effect.Effect<void>
}>()("@dchat/domain/onchain/RenewalAuthorizations") {
  static readonly layer = Layer.effect(
    RenewalAuthorizations,
    Effect.gen(function*() {
      const chains = yield* Chains
      const journal = yield* ChargeJournal
      const operator = yield* RecurringAuthorization
      const quoting = yield* Quoting
      const repository = yield* SubscriptionRepository
      const transactions = yield* OperatorTransactions
      const wallets = yield* LinkedWallets
      const { perform } = yield* makeBillingAccountSteps

      const account = Effect.fnUntraced(function*(userId: UserId) {
        return accountAt(yield* repository.load(userId), yield* DateTime.now)
      })

      /** The wallet has to be linked to the user, who proved to hold its key. */
      const wanted = Effect.fnUntraced(function*(userId: UserId, wish: AuthorizationWish) {
        const spender = operator.account
        if (spender === undefined) return yield* new ChargingNotConfigured()
        yield* quoting.check(userId, wish)
        const chain = chains.of(wish.chainId)
        const asset = chain?.tokens.find(({ token }) => token === wish.asset)
        if (chain === undefined || asset === undefined) return yield* new AssetNotOffered()
        const subscription = liveOf(yield* account(userId)) ?? (yield* new NoSubscription())
        const { chainId, kind, payer } = wish
        const terms: AuthorizationTerms = { kind, chainId, asset: wish.asset, payer, spender }
        return { chain, subscription, terms, amount: stablecoinAmount(asset, renewalPrice(subscription)) }
      })
      type Wanted = Effect.Success<ReturnType<typeof wanted>>

      const faultOf = ({ amount, chain, terms }: Wanted) => {
        const { asset: token, chainId, kind, payer } = terms
        return operator.faultOf(chainId, { _tag: "Charge", kind, token, payer, recipient: chain.recipient, amount })
      }

      /** The subscription is watched first: a watched subscription without an authorisation is forgotten. */
      const keep = Effect.fnUntraced(function*(userId: UserId, { subscription, terms }: Wanted) {
        const firstLook = DateTime.add(yield* DateTime.now, { minutes: firstLookMinutes })
        yield* journal.watch(subscription.id, firstLook)
        yield* perform(userId, { _tag: "AuthorizeRenewal", terms }, { _tag: "User" }).pipe(
          Effect.catchTag("BillingAccountConflict", Effect.die)
        )
      })

      const handIn = Effect.fnUntraced(function*(
        chain: Chain,
        { id: purchaseId }: Subscription,
        action: PermitAction
      ) {
        const earlier = (yield* journal.ofPurchase(purchaseId, 100)).filter((it) => it.action._tag === "Permit")
        if (earlier.length >= mostPermits) return yield* new TooManyPermits()
        const key = `permit:${purchaseId}:${earlier.length}`
        yield* transactions.issue(chain, { key, purchaseId, action }).pipe(
          Effect.catchTag(
            "NotSigned",
            ({ reason }) => Effect.fail(reason === "refused" ? new PermitRejected() : new ChargingUnavailable())
          )
        )
      })

      const end = (userId: UserId, cause: "user" | "unlinked") =>
        perform(userId, { _tag: "RevokeAuthorization", cause }, { _tag: "User" }).pipe(
          Effect.catchTag("BillingAccountConflict", Effect.die),
          Effect.asVoid
        )

      return RenewalAuthorizations.of({
        instructions: Effect.fn("RenewalAuthorizations.instructions")(function*(userId, wish, periods) {
          const { amount, subscription, terms } = yield* wanted(userId, wish)
          const until = periodEnd(yield* DateTime.now, subscription.terms.period, periods + 1)
          return { ...yield* operator.instructions(terms, amount * BigInt(periods), until), terms }
        }),
        authorize: Effect.fn("RenewalAuthorizations.authorize")(function*(userId, wish) {
          const checked = yield* wanted(userId, wish)
          const reason = yield* faultOf(checked)
          if (isObstacle(reason)) return yield* new AuthorizationIneffective({ reason })
          yield* keep(userId, checked)
        }),
        authorizeByPermit: Effect.fn("RenewalAuthorizations.authorizeByPermit")(function*(userId, wish, permit) {
          const checked = yield* wanted(userId, wish)
          const { amount, chain, subscription, terms: { asset: token, chainId, kind, payer } } = checked
          const reason = yield* faultOf(checked)
          if (isObstacle(reason) && reason !== "allowance") return yield* new AuthorizationIneffective({ reason })
          // Anybody can hand in a permit that was seen on its way. Then the allowance is there already.
          if (reason === "allowance") {
            const action: PermitAction = { _tag: "Permit", kind, token, payer, permit }
            const isGood = permit.amount >= amount && (yield* operator.isAccepted(chainId, action))
            if (isGood) yield* handIn(chain, subscription, action)
            else if (isObstacle(yield* faultOf(checked))) return yield* new PermitRejected()
          }
          yield* keep(userId, checked)
        }),
        revoke: Effect.fn("RenewalAuthorizations.revoke")((userId) => end(userId, "user")),
        review: Effect.fn("RenewalAuthorizations.review")(function*(userId) {
          const authorization = liveOf(yield* account(userId))?.authorization
          if (authorization === undefined) return
          const { chainId, payer } = authorization
          if ((yield* wallets.ownerOf(chainId, payer)) !== userId) yield* Effect.orDie(end(userId, "unlinked"))
        })
      })
    })
  )
}

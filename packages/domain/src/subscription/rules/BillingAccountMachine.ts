/**
 * The rules of an account: pure functions from a command to events and to intents for the provider.
 */
import { DateTime, Result } from "effect"
import { type RefusalsOf, rule } from "../../decision/Rule.ts"
import { type BillingAccount, membershipOf, paymentOf, subscriptionOf } from "../model/BillingAccount.ts"
import { type PurchaseIntent, refusableIntents } from "../model/BillingIntent.ts"
import type { Plans } from "../model/Plans.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { GrantNotFound, GrantOver } from "../model/SubscriptionErrors.ts"
import type { SubscriptionCause, SubscriptionRecord } from "../model/SubscriptionEvent.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"
import { applyDeadlines } from "./BillingAccountDeadlines.ts"
import { BillingAccountDraft, TimeDraft } from "./BillingAccountDraft.ts"
import { evolve } from "./BillingAccountEvolution.ts"
import * as CancelMachine from "./CancelMachine.ts"
import * as ChangeMachine from "./ChangeMachine.ts"
import * as DeletedUserMachine from "./DeletedUserMachine.ts"
import * as LifetimeMachine from "./LifetimeMachine.ts"
import * as ManualRefund from "./ManualRefund.ts"
import * as PurchaseMachine from "./PurchaseMachine.ts"
import * as RefundMachine from "./RefundMachine.ts"
import * as RenewalAuthorization from "./RenewalAuthorization.ts"
import * as ReorganisationMachine from "./ReorganisationMachine.ts"
import * as SettlementMachine from "./SettlementMachine.ts"
import * as SyncMachine from "./SyncMachine.ts"
import * as TransferMachine from "./TransferMachine.ts"
import { returnCredit } from "./WalletCredit.ts"

/** The outcome of a command, without records if nothing changes. */
export interface BillingAccountStep {
  readonly account: BillingAccount
  readonly records: ReadonlyArray<SubscriptionRecord>
  /** The intents for the provider, in order. */
  readonly intents: ReadonlyArray<PurchaseIntent>
  /** The purchases about which the provider has to be asked. */
  readonly syncs: ReadonlyArray<PurchaseId>
}

const checkoutOpened = (
  { checkout, paymentId }: SubscriptionCommandOf<"CheckoutOpened">,
  draft: BillingAccountDraft
) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.state === "quoted" && payment.checkout?.sessionId !== checkout.sessionId) {
    draft.emit({ _tag: "CheckoutOpened", paymentId, checkout })
  }
  return Result.void
}

const intentRefused = ({ intent, purchaseId }: SubscriptionCommandOf<"IntentRefused">, draft: BillingAccountDraft) => {
  const refused = refusableIntents.find((tag) => tag === intent._tag)
  const subscription = subscriptionOf(draft.account, purchaseId)
  const isHere = subscription !== undefined || membershipOf(draft.account, purchaseId) !== undefined
  if (refused === undefined || !isHere) return Result.void
  draft.emit({ _tag: "IntentRefused", purchaseId, intent: refused })
  if (intent._tag === "Refund") RefundMachine.refused(intent.paymentId, draft)
  const isChange = intent._tag === "ChangeUp" || intent._tag === "ChangeDown"
  if (isChange && subscription !== undefined) ChangeMachine.refused(subscription, intent, draft)
  return Result.void
}

const giveGrant = rule(({ grant }: SubscriptionCommandOf<"GiveGrant">, draft: BillingAccountDraft) => {
  if (draft.account.grants.some(({ id }) => id === grant.id)) return Result.void
  const { from, until } = grant
  if (until !== undefined && !DateTime.isGreaterThan(until, DateTime.max(from, draft.at))) {
    return Result.fail(new GrantOver())
  }
  draft.emit({ _tag: "Granted", grant })
  return Result.void
})

const revokeGrant = rule(({ grantId }: SubscriptionCommandOf<"RevokeGrant">, draft: BillingAccountDraft) => {
  const grant = draft.account.grants.find(({ id }) => id === grantId)
  if (grant === undefined) return Result.fail(new GrantNotFound({ grantId }))
  if (grant.revokedAt === undefined) draft.emit({ _tag: "GrantRevoked", grantId })
  return Result.void
})

const mergeOut = ({ to }: SubscriptionCommandOf<"MergeOut">, draft: BillingAccountDraft) => {
  draft.emit({ _tag: "MergedOut", to })
  return Result.void
}

const mergeIn = ({ account }: SubscriptionCommandOf<"MergeIn">, draft: BillingAccountDraft) => {
  draft.emit({ _tag: "MergedIn", account })
  return Result.void
}

const rules = {
  Create: PurchaseMachine.create,
  Renew: PurchaseMachine.renew,
  CreateLifetime: PurchaseMachine.createLifetime,
  CheckoutOpened: checkoutOpened,
  Cancel: CancelMachine.cancel,
  UndoCancel: (_: SubscriptionCommandOf<"UndoCancel">, draft: BillingAccountDraft) => CancelMachine.undoCancel(draft),
  Change: ChangeMachine.change,
  UndoChange: (_: SubscriptionCommandOf<"UndoChange">, draft: BillingAccountDraft) => ChangeMachine.undoChange(draft),
  Refund: RefundMachine.refund,
  IntentRefused: intentRefused,
  Sync: SyncMachine.sync,
  PaymentSettled: SettlementMachine.settlePayment,
  PaymentReversed: ReorganisationMachine.reversed,
  PaymentRestored: ReorganisationMachine.restored,
  QuotePayment: TransferMachine.quotePayment,
  SubmitPayment: TransferMachine.submitPayment,
  FollowTransfer: TransferMachine.followTransfer,
  ReturnCredit: returnCredit,
  RecordRefund: ManualRefund.recordRefund,
  AuthorizeRenewal: RenewalAuthorization.authorize,
  RevokeAuthorization: RenewalAuthorization.revoke,
  WarnRenewal: RenewalAuthorization.warn,
  GiveGrant: giveGrant,
  RevokeGrant: revokeGrant,
  HoldToken: LifetimeMachine.holdToken,
  TokenGone: LifetimeMachine.tokenGone,
  MergeOut: mergeOut,
  MergeIn: mergeIn,
  EndBilling: DeletedUserMachine.endBilling,
  Tick: () => Result.void
}

type Refusals = RefusalsOf<typeof rules>

/** The refusals of a command. */
export type SubscriptionRefusalOf<Tag extends SubscriptionCommand["_tag"]> = Refusals[Tag]

/** The refusals of all commands. */
export type SubscriptionRefusal = SubscriptionRefusalOf<SubscriptionCommand["_tag"]>

const ruleOf: {
  readonly [Tag in SubscriptionCommand["_tag"]]: (
    command: SubscriptionCommandOf<Tag>,
    draft: BillingAccountDraft
  ) => Result.Result<void, Refusals[Tag]>
} = rules

/** Applies every deadline that has passed by `at`, each dated when it was due, and then the command, by these plans. */
export const decide = <Tag extends SubscriptionCommand["_tag"]>(
  command: SubscriptionCommandOf<Tag>,
  before: BillingAccount,
  at: DateTime.Utc,
  cause: SubscriptionCause,
  plans: Plans
): Result.Result<BillingAccountStep, SubscriptionRefusalOf<Tag>> => {
  const draft = new BillingAccountDraft(before, at, cause, plans)
  applyDeadlines(draft)
  return Result.map(ruleOf[command._tag](command, draft), () => {
    // Any command can make a lifetime membership cover the subscription.
    CancelMachine.cancelIfCovered(draft)
    RenewalAuthorization.endWithSubscription(before, draft)
    const { account, intents, records, syncs } = draft
    return { account, intents, records, syncs }
  })
}

/** The account at a time: every deadline until then has passed, whether or not a host has applied it. */
export const accountAt = (account: BillingAccount, at: DateTime.Utc): BillingAccount => {
  const draft = new TimeDraft(account, at, { _tag: "Clock" })
  applyDeadlines(draft)
  return draft.account
}

/** The state after a history. */
export const replay = (
  account: BillingAccount,
  records: ReadonlyArray<Pick<SubscriptionRecord, "event" | "at">>
): BillingAccount => records.reduce((state, { at, event }) => evolve(state, event, at), account)

/**
 * The rules of an account: pure functions from a command to events and to intents for the provider.
 */
import { DateTime, Result } from "effect"
import { type BillingAccount, membershipOf, paymentOf, subscriptionOf } from "../model/BillingAccount.ts"
import { type PurchaseIntent, refusableIntents } from "../model/BillingIntent.ts"
import type { Plans } from "../model/Plans.ts"
import type { SubscriptionCommand, SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { GrantNotFound, GrantOver, type SubscriptionRefusal } from "../model/SubscriptionErrors.ts"
import type { SubscriptionCause, SubscriptionRecord } from "../model/SubscriptionEvent.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"
import { applyDeadlines } from "./BillingAccountDeadlines.ts"
import { BillingAccountDraft, TimeDraft } from "./BillingAccountDraft.ts"
import { evolve } from "./BillingAccountEvolution.ts"
import * as CancelMachine from "./CancelMachine.ts"
import * as ChangeMachine from "./ChangeMachine.ts"
import * as DeletedUserMachine from "./DeletedUserMachine.ts"
import * as LifetimeMachine from "./LifetimeMachine.ts"
import * as PurchaseMachine from "./PurchaseMachine.ts"
import * as RefundMachine from "./RefundMachine.ts"
import * as SettlementMachine from "./SettlementMachine.ts"
import * as SyncMachine from "./SyncMachine.ts"

/** The outcome of a command, without records if nothing changes. */
export interface BillingAccountStep {
  readonly account: BillingAccount
  readonly records: ReadonlyArray<SubscriptionRecord>
  /** The intents for the provider, in order. */
  readonly intents: ReadonlyArray<PurchaseIntent>
  /** The purchases about which the provider has to be asked. */
  readonly syncs: ReadonlyArray<PurchaseId>
}

/** Applies every deadline that has passed by `at`, each dated when it was due, and then the command, by these plans. */
export const decide = (
  command: SubscriptionCommand,
  account: BillingAccount,
  at: DateTime.Utc,
  cause: SubscriptionCause,
  plans: Plans
): Result.Result<BillingAccountStep, SubscriptionRefusal> => {
  const draft = new BillingAccountDraft(account, at, cause, plans)
  applyDeadlines(draft)
  return Result.map(handle(command, draft), () => {
    // Any command can make a lifetime membership cover the subscription.
    CancelMachine.cancelIfCovered(draft)
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

const handle = (command: SubscriptionCommand, draft: BillingAccountDraft): Result.Result<void, SubscriptionRefusal> => {
  switch (command._tag) {
    case "Create":
      return PurchaseMachine.create(command, draft)
    case "Renew":
      return PurchaseMachine.renew(command, draft)
    case "CreateLifetime":
      return PurchaseMachine.createLifetime(command, draft)
    case "CheckoutOpened":
      return checkoutOpened(command, draft)
    case "Cancel":
      return CancelMachine.cancel(command, draft)
    case "UndoCancel":
      return CancelMachine.undoCancel(draft)
    case "Change":
      return ChangeMachine.change(command, draft)
    case "UndoChange":
      return ChangeMachine.undoChange(draft)
    case "Refund":
      return RefundMachine.refund(command, draft)
    case "IntentRefused":
      return intentRefused(command, draft)
    case "Sync":
      return SyncMachine.sync(command, draft)
    case "PaymentSettled":
      return SettlementMachine.settlePayment(command, draft)
    case "PaymentReversed":
      return RefundMachine.reversed(command, draft)
    case "PaymentRestored":
      return RefundMachine.restored(command, draft)
    case "GiveGrant":
      return giveGrant(command, draft)
    case "RevokeGrant":
      return revokeGrant(command, draft)
    case "HoldToken":
      return LifetimeMachine.holdToken(command, draft)
    case "TokenGone":
      return LifetimeMachine.tokenGone(command, draft)
    case "MergeOut":
      draft.emit({ _tag: "MergedOut", to: command.to })
      return done
    case "MergeIn":
      draft.emit({ _tag: "MergedIn", account: command.account })
      return done
    case "EndBilling":
      return DeletedUserMachine.endBilling(command, draft)
    case "Tick":
      return done
  }
}

const checkoutOpened = (
  { checkout, paymentId }: SubscriptionCommandOf<"CheckoutOpened">,
  draft: BillingAccountDraft
) => {
  const payment = paymentOf(draft.account, paymentId)
  if (payment?.state === "quoted" && payment.checkout?.sessionId !== checkout.sessionId) {
    draft.emit({ _tag: "CheckoutOpened", paymentId, checkout })
  }
  return done
}

const intentRefused = ({ intent, purchaseId }: SubscriptionCommandOf<"IntentRefused">, draft: BillingAccountDraft) => {
  const refused = refusableIntents.find((tag) => tag === intent._tag)
  const subscription = subscriptionOf(draft.account, purchaseId)
  const isHere = subscription !== undefined || membershipOf(draft.account, purchaseId) !== undefined
  if (refused === undefined || !isHere) return done
  draft.emit({ _tag: "IntentRefused", purchaseId, intent: refused })
  if (intent._tag === "Refund") RefundMachine.refused(intent.paymentId, draft)
  const isChange = intent._tag === "ChangeUp" || intent._tag === "ChangeDown"
  if (isChange && subscription !== undefined) ChangeMachine.refused(subscription, intent, draft)
  return done
}

const giveGrant = ({ grant }: SubscriptionCommandOf<"GiveGrant">, draft: BillingAccountDraft) => {
  if (draft.account.grants.some(({ id }) => id === grant.id)) return done
  const { from, until } = grant
  if (until !== undefined && !DateTime.isGreaterThan(until, DateTime.max(from, draft.at))) {
    return Result.fail(new GrantOver())
  }
  draft.emit({ _tag: "Granted", grant })
  return done
}

const revokeGrant = ({ grantId }: SubscriptionCommandOf<"RevokeGrant">, draft: BillingAccountDraft) => {
  const grant = draft.account.grants.find(({ id }) => id === grantId)
  if (grant === undefined) return Result.fail(new GrantNotFound({ grantId }))
  if (grant.revokedAt === undefined) draft.emit({ _tag: "GrantRevoked", grantId })
  return done
}

const done: Result.Result<void, SubscriptionRefusal> = Result.succeed(undefined)

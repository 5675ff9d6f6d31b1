/**
 * A decision in progress: its events, the account after them, and the intents for the provider.
 */
import { DateTime } from "effect"
import type { BillingAccount } from "../model/BillingAccount.ts"
import type { BillingIntent } from "../model/BillingIntent.ts"
import type { PurchaseIntent } from "../model/BillingIntent.ts"
import type { Plans } from "../model/Plans.ts"
import type { SubscriptionCause, SubscriptionEvent, SubscriptionRecord } from "../model/SubscriptionEvent.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"
import { evolve } from "./BillingAccountEvolution.ts"

/** A decision that applies deadlines only. */
export class TimeDraft {
  readonly records: Array<SubscriptionRecord> = []
  readonly syncs: Array<PurchaseId> = []
  account: BillingAccount
  /** The time of the command. */
  readonly at: DateTime.Utc
  private readonly cause: SubscriptionCause

  constructor(account: BillingAccount, at: DateTime.Utc, cause: SubscriptionCause) {
    this.account = account
    this.at = account.updatedAt === undefined ? at : DateTime.max(account.updatedAt, at)
    this.cause = cause
  }

  emit(event: SubscriptionEvent): void {
    this.record(event, this.at, this.cause)
  }

  /** Records a passed deadline at the time of the deadline, even if it is applied later. */
  emitDue(event: SubscriptionEvent, due: DateTime.Utc): void {
    const { updatedAt } = this.account
    this.record(event, updatedAt === undefined ? due : DateTime.max(updatedAt, due), { _tag: "Clock" })
  }

  sync(purchaseId: PurchaseId): void {
    if (!this.syncs.includes(purchaseId)) this.syncs.push(purchaseId)
  }

  private record(event: SubscriptionEvent, at: DateTime.Utc, cause: SubscriptionCause): void {
    this.account = evolve(this.account, event, at)
    this.records.push({ seq: this.account.version, at, event, cause })
  }
}

/** A decision about a command, by the current plans. */
export class BillingAccountDraft extends TimeDraft {
  readonly intents: Array<PurchaseIntent> = []
  readonly plans: Plans

  constructor(account: BillingAccount, at: DateTime.Utc, cause: SubscriptionCause, plans: Plans) {
    super(account, at, cause)
    this.plans = plans
  }

  enqueue(purchaseId: PurchaseId, intent: BillingIntent): void {
    this.intents.push({ purchaseId, intent })
  }
}

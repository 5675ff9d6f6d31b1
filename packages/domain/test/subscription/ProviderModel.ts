/**
 * What a provider would do with one subscription of its own, by dice: the truth that accounts have to follow.
 */
import {
  type BillingIntent,
  isSamePlan,
  periodEnd,
  type PlanTerms,
  type ProviderPayment,
  type ProviderSnapshot,
  type ProviderSubscription,
  type PurchaseId
} from "@dchat/domain/subscription"
import { DateTime } from "effect"
import type { Dice } from "../call/support/Dice.ts"
import { external, money, plan } from "./given.ts"

export class ProviderModel {
  readonly id: PurchaseId
  private readonly name: string
  private subscription: ProviderSubscription | undefined
  private checkout: "open" | "complete" | "expired" = "open"
  private payments: ReadonlyArray<ProviderPayment> = []
  private terms: PlanTerms
  private periods = 1
  private changes = 0
  /** We had it end with the period because of a dispute, as we do until that is won. */
  private endsByDispute = false

  constructor(id: PurchaseId, terms: PlanTerms) {
    this.id = id
    this.name = id.slice(-4)
    this.terms = terms
  }

  snapshot(observedAt: DateTime.Utc): ProviderSnapshot {
    return {
      purchaseId: this.id,
      observedAt,
      checkout: { sessionId: external(`cs_${this.name}`), state: this.checkout },
      ...(this.subscription && { subscription: this.subscription }),
      payments: this.payments
    }
  }

  /** The checkout can be paid no more; false when it was. */
  close(): boolean {
    if (this.checkout === "complete") return false
    this.checkout = "expired"
    return true
  }

  /** Something happens there. */
  happen(dice: Dice, at: DateTime.Utc): void {
    const { subscription } = this
    if (subscription === undefined) {
      if (this.checkout === "open" && dice.below(3) > 0) this.begin(at)
      return
    }
    if (subscription.status === "canceled") return
    switch (dice.below(10)) {
      case 0:
      case 1:
      case 2:
        return this.renew(at, true)
      case 3:
        return this.renew(at, false)
      case 4:
        return this.recover(at)
      case 5:
        return this.isDisputed() ? undefined : this.set({ endsAt: subscription.periodEnd })
      case 6:
        return this.isDisputed() ? undefined : this.goOn()
      case 7:
        return this.refund(at)
      case 8:
        return this.dispute(dice, at)
      default:
        return subscription.terms?.tier === "PRO" ? this.change(plan("ENTERPRISE", "monthly"), at) : this.cancel(at)
    }
  }

  /** What it was told. */
  obey(intent: BillingIntent, at: DateTime.Utc): void {
    if (this.subscription === undefined) return
    if (intent._tag === "CancelNow") this.cancel(at)
    if (intent._tag === "CancelAtPeriodEnd") this.set({ endsAt: this.subscription.periodEnd })
    if (intent._tag === "UndoCancel") this.goOn()
    if (intent._tag === "Refund") this.refund(at)
  }

  private begin(at: DateTime.Utc): void {
    this.checkout = "complete"
    const to = periodEnd(at, this.terms.period, 1)
    this.payments = [money(`${this.name}_1`, at, { from: at, to }, { kind: "first" })]
    this.subscription = {
      externalId: external(`sub_${this.name}`),
      status: "active",
      terms: this.terms,
      anchor: at,
      periodStart: at,
      periodEnd: to,
      endedUnpaid: false
    }
  }

  private renew(at: DateTime.Utc, isPaid: boolean): void {
    const { subscription } = this
    if (subscription?.status !== "active" || DateTime.isLessThan(at, subscription.periodEnd)) return
    if (subscription.endsAt !== undefined) return this.cancel(at)
    const periodStart = subscription.periodEnd
    this.periods++
    const end = periodEnd(subscription.anchor, this.terms.period, this.periods)
    this.set({ periodStart, periodEnd: end, status: isPaid ? "active" : "past_due" })
    if (isPaid) this.pay(at)
  }

  private recover(at: DateTime.Utc): void {
    if (this.subscription?.status !== "past_due") return
    this.set({ status: "active" })
    this.pay(at)
  }

  private pay(at: DateTime.Utc): void {
    const { periodEnd: to, periodStart: from } = this.subscription ?? {}
    if (from === undefined || to === undefined) return
    this.payments = [...this.payments, money(`${this.name}_${this.changes}_${this.periods}`, at, { from, to })]
  }

  /** At once, against the rest of what was paid: its period begins now. Not while that may be taken back. */
  private change(terms: PlanTerms, at: DateTime.Utc): void {
    if (isSamePlan(terms, this.terms) || this.subscription?.status !== "active" || this.isDisputed()) return
    this.terms = terms
    this.periods = 1
    this.changes++
    const to = periodEnd(at, terms.period, 1)
    const ending = this.subscription.endsAt === undefined ? {} : { endsAt: to }
    this.set({ terms, anchor: at, periodStart: at, periodEnd: to, ...ending })
    const paid = money(`${this.name}_change_${this.changes}`, at, { from: at, to }, { kind: "change" })
    this.payments = [...this.payments, paid]
  }

  /** Whoever gets all of the current period back has no subscription any more, as we would say to the provider. */
  private refund(at: DateTime.Utc): void {
    const last = this.payments.at(-1)
    if (last === undefined || last.refunds.length > 0 || this.subscription?.status !== "active") return
    const refund = { externalId: external(`re_${this.name}`), amount: last.amount, state: "succeeded" as const, at }
    this.payments = [...this.payments.slice(0, -1), { ...last, refunds: [refund] }]
    this.cancel(at)
  }

  private dispute(dice: Dice, at: DateTime.Utc): void {
    const last = this.payments.at(-1)
    if (last === undefined || this.subscription?.status !== "active") return
    const [known] = last.disputes
    if (known !== undefined && known.state !== "open") return
    const state = known === undefined ? "open" as const : dice.pick(["won", "lost"] as const)
    const dispute = {
      externalId: external(`dp_${this.name}`),
      openedAt: at,
      ...known,
      state,
      ...(known && { closedAt: at })
    }
    this.payments = [...this.payments.slice(0, -1), { ...last, disputes: [dispute] }]
    if (state === "lost") this.cancel(at)
    if (state === "open" && this.subscription.endsAt === undefined) {
      this.endsByDispute = true
      this.set({ endsAt: this.subscription.periodEnd })
    }
    if (state === "won" && this.endsByDispute) this.goOn()
  }

  private isDisputed(): boolean {
    return this.payments.some(({ disputes }) => disputes.some(({ state }) => state === "open"))
  }

  private goOn(): void {
    this.endsByDispute = false
    if (this.subscription === undefined || this.subscription.status === "canceled") return
    const { endsAt: _, ...rest } = this.subscription
    this.subscription = rest
  }

  private cancel(endedAt: DateTime.Utc): void {
    if (this.subscription?.status === "canceled") return
    this.set({ status: "canceled", endedAt, endedUnpaid: this.subscription?.status === "past_due" })
  }

  private set(fields: Partial<ProviderSubscription>): void {
    if (this.subscription !== undefined) this.subscription = { ...this.subscription, ...fields }
  }
}

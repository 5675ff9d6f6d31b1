/**
 * What a provider would do with one subscription of its own, by dice: the truth that accounts have to follow.
 */
import {
  type BillingIntent,
  isSamePlan,
  periodEnd,
  type PlanTerms,
  type ProviderSnapshot,
  type ProviderSubscription,
  type PurchaseId
} from "@dchat/domain/subscription"
import { DateTime } from "effect"
import type { Dice } from "../call/support/Dice.ts"
import { external, money, plan } from "./accounts.ts"
import { ProviderMoney } from "./ProviderMoney.ts"

export class ProviderModel {
  readonly id: PurchaseId
  private readonly name: string
  private subscription: ProviderSubscription | undefined
  private checkout: "open" | "complete" | "expired" = "open"
  private readonly money: ProviderMoney
  private terms: PlanTerms
  private periods = 1
  private changes = 0
  /** We had it end with the period because of a dispute, as we do until that is won. */
  private endsByDispute = false
  private isPaidLate = false

  constructor(id: PurchaseId, terms: PlanTerms) {
    this.id = id
    this.name = id.slice(-4)
    this.terms = terms
    this.money = new ProviderMoney(this.name)
  }

  /** The plan for which it will charge again. */
  get renewing(): PlanTerms | undefined {
    const { subscription } = this
    return subscription?.status === "canceled" || subscription?.endsAt !== undefined ? undefined : subscription?.terms
  }

  snapshot(observedAt: DateTime.Utc): ProviderSnapshot {
    return {
      purchaseId: this.id,
      observedAt,
      checkout: { sessionId: external(`cs_${this.name}`), state: this.checkout },
      ...(this.subscription && { subscription: this.subscription }),
      payments: this.money.payments
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
    if (subscription.status === "canceled") {
      if (dice.below(3) === 0) this.payLate(at)
      else if (dice.below(2) === 0) this.money.resolveRefunds(dice)
      return
    }
    if (this.money.isDisputed() && dice.below(3) === 0) return this.dispute(dice, at)
    switch (dice.below(11)) {
      case 0:
      case 1:
      case 2:
        return this.renew(at, true)
      case 3:
        return this.renew(at, false)
      case 4:
        return dice.below(4) === 0 ? this.cutOff(at) : this.recover(at)
      case 5:
        return this.money.isDisputed() ? undefined : this.set({ endsAt: subscription.periodEnd })
      case 6:
        return this.money.isDisputed() ? undefined : this.uncancel()
      case 7:
        return this.refund(dice, at)
      case 8:
        return this.dispute(dice, at)
      case 9:
        return this.money.resolveRefunds(dice)
      default:
        return subscription.terms?.tier === "PRO" ? this.change(plan("ENTERPRISE", "monthly"), at) : this.cancel(at)
    }
  }

  /** Carries out an instruction; false if it refuses. */
  obey(intent: BillingIntent, dice: Dice, at: DateTime.Utc): boolean {
    if (intent._tag === "Refund") return this.money.refundRemainder(intent, dice, at)
    if (this.subscription === undefined) return true
    if (intent._tag === "CancelNow") {
      if (intent.ifUnpaid !== true) this.cancel(at, false)
      else if (dice.below(3) === 0) this.cutOff(at)
      else if (this.subscription.status === "past_due") this.cancel(at)
    }
    if (intent._tag === "CancelAtPeriodEnd") this.set({ endsAt: this.subscription.periodEnd })
    if (intent._tag === "UndoCancel") this.uncancel()
    return true
  }

  /** Nothing is under way any more. */
  resolveRefunds(dice: Dice): void {
    this.money.resolveRefunds(dice)
  }

  private begin(at: DateTime.Utc): void {
    this.checkout = "complete"
    const to = periodEnd(at, this.terms.period, 1)
    this.money.take(money(`${this.name}_1`, at, { from: at, to }, { kind: "first" }))
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
    this.money.take(money(`${this.name}_${this.changes}_${this.periods}`, at, { from, to }))
  }

  /** The invoice that was under way when it ended is paid after all. */
  private payLate(at: DateTime.Utc): void {
    const { endedUnpaid, periodEnd: end, periodStart } = this.subscription ?? {}
    if (periodStart === undefined || end === undefined || this.isPaidLate) return
    this.isPaidLate = true
    const period = endedUnpaid === true
      ? { from: periodStart, to: end }
      : { from: end, to: periodEnd(end, this.terms.period, 1) }
    this.money.take(money(`${this.name}_late`, at, period))
  }

  /** At once, against the rest of what was paid: its period begins now. Not while that may be taken back. */
  private change(terms: PlanTerms, at: DateTime.Utc): void {
    if (isSamePlan(terms, this.terms) || this.subscription?.status !== "active" || this.money.isDisputed()) return
    this.terms = terms
    this.periods = 1
    this.changes++
    const to = periodEnd(at, terms.period, 1)
    const ending = this.subscription.endsAt === undefined ? {} : { endsAt: to }
    this.set({ terms, anchor: at, periodStart: at, periodEnd: to, ...ending })
    this.money.take(money(`${this.name}_change_${this.changes}`, at, { from: at, to }, { kind: "change" }))
  }

  /** A full refund of the current period ends the subscription, as our side would tell the provider. */
  private refund(dice: Dice, at: DateTime.Utc): void {
    const last = this.money.last()
    if (last === undefined || this.subscription?.status !== "active") return
    // No partial refund by hand after a full refund has failed, or while one is in progress.
    const isPart = dice.below(3) === 0 && last.refunds.every(({ state }) => state === "succeeded")
    if (this.money.refund(last, "succeeded", at, isPart)) this.cancel(at)
  }

  private dispute(dice: Dice, at: DateTime.Utc): void {
    if (this.subscription?.status !== "active") return
    const state = this.money.dispute(dice, at)
    if (state === "lost") this.cancel(at)
    if (state === "open" && this.subscription.endsAt === undefined) {
      this.endsByDispute = true
      this.set({ endsAt: this.subscription.periodEnd })
    }
    if (state === "won" && this.endsByDispute) this.uncancel()
  }

  private uncancel(): void {
    this.endsByDispute = false
    if (this.subscription === undefined || this.subscription.status === "canceled") return
    const { endsAt: _, ...rest } = this.subscription
    this.subscription = rest
  }

  private cancel(endedAt: DateTime.Utc, endedUnpaid = this.subscription?.status === "past_due"): void {
    if (this.subscription?.status === "canceled") return
    this.set({ status: "canceled", endedAt, endedUnpaid })
  }

  /** The open invoice is paid while the subscription is being ended for it. */
  private cutOff(at: DateTime.Utc): void {
    if (this.subscription?.status !== "past_due") return
    this.isPaidLate = true
    this.pay(at)
    this.cancel(at)
  }

  private set(fields: Partial<ProviderSubscription>): void {
    if (this.subscription !== undefined) this.subscription = { ...this.subscription, ...fields }
  }
}

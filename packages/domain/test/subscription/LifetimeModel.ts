/**
 * What a provider would do with one lifetime that is bought there, by dice.
 */
import type { BillingIntent, LifetimeTerms, ProviderSnapshot, PurchaseId } from "@dchat/domain/subscription"
import type { DateTime } from "effect"
import type { Dice } from "../call/support/Dice.ts"
import { external, money } from "./accounts.ts"
import { ProviderMoney } from "./ProviderMoney.ts"

export class LifetimeModel {
  readonly id: PurchaseId
  /** Nothing is charged again for it. */
  readonly renewing = undefined
  private readonly name: string
  private readonly terms: LifetimeTerms
  private readonly money: ProviderMoney
  private checkout: "open" | "complete" | "expired" = "open"

  constructor(id: PurchaseId, terms: LifetimeTerms) {
    this.id = id
    this.name = id.slice(-4)
    this.terms = terms
    this.money = new ProviderMoney(this.name)
  }

  snapshot(observedAt: DateTime.Utc): ProviderSnapshot {
    return {
      purchaseId: this.id,
      observedAt,
      checkout: { sessionId: external(`cs_${this.name}`), state: this.checkout },
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
    const last = this.money.last()
    if (last === undefined) {
      if (this.checkout === "open" && dice.below(3) > 0) this.pay(at)
      return
    }
    switch (dice.below(12)) {
      case 0:
      case 1:
        this.money.refund(last, dice.pick(["succeeded", "pending", "failed"] as const), at, dice.below(3) === 0)
        return
      case 2:
      case 3:
        return this.money.resolveRefunds(dice)
      case 4:
      case 5:
      case 6:
        this.money.dispute(dice, at)
        return
    }
  }

  /** Carries out an instruction; false if it refuses. */
  obey(intent: BillingIntent, dice: Dice, at: DateTime.Utc): boolean {
    return intent._tag !== "Refund" || this.money.refundRemainder(intent, dice, at)
  }

  /** Nothing is under way any more. */
  resolveRefunds(dice: Dice): void {
    this.money.resolveRefunds(dice)
  }

  private pay(at: DateTime.Utc): void {
    this.checkout = "complete"
    this.money.take(money(`${this.name}_life`, at, {}, { kind: "lifetime", amount: this.terms.price }))
  }
}

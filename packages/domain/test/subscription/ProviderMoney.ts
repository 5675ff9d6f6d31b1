/**
 * What was paid to a provider for one purchase, and what became of that: refunds and disputes.
 */
import type { ProviderPayment, Refund } from "@dchat/domain/subscription"
import type { DateTime } from "effect"
import type { Dice } from "../call/support/Dice.ts"
import { external } from "./accounts.ts"

type Intent = { readonly paymentIntent: ProviderPayment["paymentIntent"] }

export class ProviderMoney {
  payments: ReadonlyArray<ProviderPayment> = []
  private readonly name: string
  private refunds = 0

  constructor(name: string) {
    this.name = name
  }

  take(payment: ProviderPayment): void {
    this.payments = [...this.payments, payment]
  }

  last(): ProviderPayment | undefined {
    return this.payments.at(-1)
  }

  /** All that is left of a payment goes back, or a part of it; or is said to. Answers whether all of it is back. */
  refund(payment: ProviderPayment, state: Refund["state"], at: DateTime.Utc, isPart = false): boolean {
    const left = leftOf(payment)
    if (left <= 0n) return false
    const amount = { ...payment.amount, minorUnits: isPart ? left / 2n : left }
    const refund = { externalId: external(`re_${this.name}_${++this.refunds}`), amount, state, at }
    this.replace({ ...payment, refunds: [...payment.refunds, refund] })
    return state === "succeeded" && amount.minorUnits === left
  }

  /** A refund as a user requests it; false if it is refused. */
  refundRemainder({ paymentIntent }: Intent, dice: Dice, at: DateTime.Utc): boolean {
    const payment = this.payments.find((it) => it.paymentIntent === paymentIntent)
    if (payment === undefined || leftOf(payment) <= 0n || isDisputed(payment) || dice.below(6) === 0) return false
    this.refund(payment, dice.pick(["succeeded", "succeeded", "pending", "failed"] as const), at)
    return true
  }

  /** Refunds that were under way have come through, or not. */
  resolveRefunds(dice: Dice): void {
    for (const payment of this.payments) {
      if (!payment.refunds.some(isPending)) continue
      const refunds = payment.refunds.map((it) =>
        isPending(it) ? { ...it, state: dice.pick(["succeeded", "failed"] as const) } : it
      )
      this.replace({ ...payment, refunds })
    }
  }

  /** Disputes the last payment, or decides that dispute; answers what it came to. */
  dispute(dice: Dice, at: DateTime.Utc): "open" | "won" | "lost" | undefined {
    const last = this.last()
    const [known] = last?.disputes ?? []
    if (last === undefined || (known !== undefined && known.state !== "open")) return undefined
    const state = known === undefined ? "open" as const : dice.pick(["won", "lost"] as const)
    const dispute = {
      externalId: external(`dp_${this.name}_${this.payments.length}`),
      openedAt: at,
      ...known,
      state,
      ...(known && { closedAt: at })
    }
    this.replace({ ...last, disputes: [dispute] })
    return state
  }

  isDisputed(): boolean {
    return this.payments.some(isDisputed)
  }

  private replace(payment: ProviderPayment): void {
    this.payments = this.payments.map((it) => it.id === payment.id ? payment : it)
  }
}

const isPending = ({ state }: Refund): boolean => state === "pending"

const isDisputed = ({ disputes }: ProviderPayment): boolean => disputes.some(({ state }) => state === "open")

/** The payments that are neither refunded nor about to be. */
const leftOf = ({ amount, refunds }: ProviderPayment): bigint =>
  refunds.reduce(
    (left, { amount: { minorUnits }, state }) => state === "failed" ? left : left - minorUnits,
    amount.minorUnits
  )

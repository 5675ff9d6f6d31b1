/**
 * The credit of a user: money that arrived on a chain and paid for nothing yet.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import type { BillingAccount } from "../model/BillingAccount.ts"
import type { Money } from "../model/Money.ts"
import { isUnpaid, type Payment } from "../model/Payment.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import { CreditTooLow } from "../model/SubscriptionErrors.ts"
import type { SubscriptionEventOf } from "../model/SubscriptionEvent.ts"
import type { PaymentId } from "../model/SubscriptionIds.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"

type Cause = SubscriptionEventOf<"WalletCreditChanged">["cause"]

/** The part of the credit that no open quote of another payment uses. */
export const freeCredit = ({ payments, walletCredit }: BillingAccount, paymentId: PaymentId): bigint => {
  const used = payments.filter((it) => it.id !== paymentId && isUnpaid(it)).reduce((sum, it) => sum + usedBy(it), 0n)
  const free = (walletCredit?.minorUnits ?? 0n) - used
  return free > 0n ? free : 0n
}

const usedBy = ({ quotes = [] }: Payment): bigint =>
  quotes.reduce((most, { credit }) => credit !== undefined && credit.minorUnits > most ? credit.minorUnits : most, 0n)

export const addCredit = (amount: Money, cause: Cause, paymentId: PaymentId, draft: BillingAccountDraft): void =>
  change(amount.minorUnits, amount, cause, paymentId, draft)

export const useCredit = (amount: Money, cause: Cause, paymentId: PaymentId, draft: BillingAccountDraft): void =>
  change(-amount.minorUnits, amount, cause, paymentId, draft)

export const returnCredit = rule(({ amount }: SubscriptionCommandOf<"ReturnCredit">, draft: BillingAccountDraft) => {
  const { walletCredit } = draft.account
  if (walletCredit?.currency !== amount.currency || walletCredit.minorUnits < amount.minorUnits) {
    return Result.fail(new CreditTooLow())
  }
  change(-amount.minorUnits, amount, "returned", undefined, draft)
  return Result.void
})

const change = (
  units: bigint,
  { currency }: Money,
  cause: Cause,
  paymentId: PaymentId | undefined,
  draft: BillingAccountDraft
): void => {
  if (units === 0n) return
  const next = (draft.account.walletCredit?.minorUnits ?? 0n) + units
  draft.emit({
    _tag: "WalletCreditChanged",
    cause,
    ...(next > 0n && { credit: { currency, minorUnits: next } }),
    ...(paymentId !== undefined && { paymentId })
  })
}

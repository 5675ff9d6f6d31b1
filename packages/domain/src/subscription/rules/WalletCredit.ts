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
import { creditOf, netCredit } from "../model/WalletBalance.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"

type Cause = SubscriptionEventOf<"WalletCreditChanged">["cause"]

/** The part of the credit that no open quote and no confirming transfer of another payment uses. */
export const freeCredit = (account: BillingAccount, paymentId?: PaymentId): bigint => {
  const used = account.payments
    .filter((it) => it.id !== paymentId && (isUnpaid(it) || it.state === "confirming"))
    .reduce((sum, it) => sum + usedBy(it), 0n)
  const free = netCredit(account) - used
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
  if (walletCredit?.currency !== amount.currency || freeCredit(draft.account) < amount.minorUnits) {
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
  const { walletCredit: credit, walletDebt: debt } = creditOf(netCredit(draft.account) + units, currency)
  draft.emit({
    _tag: "WalletCreditChanged",
    cause,
    ...(credit && { credit }),
    ...(debt && { debt }),
    ...(paymentId !== undefined && { paymentId })
  })
}

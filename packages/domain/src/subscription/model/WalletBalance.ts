/**
 * The credit of a user, or the debt that a reorganisation has left.
 */
import type { BillingAccount } from "./BillingAccount.ts"
import type { Money } from "./Money.ts"

/** In minor units; negative for a debt. */
export const netCredit = ({ walletCredit, walletDebt }: BillingAccount): bigint =>
  (walletCredit?.minorUnits ?? 0n) - (walletDebt?.minorUnits ?? 0n)

export const creditOf = (
  net: bigint,
  currency: Money["currency"]
): Pick<BillingAccount, "walletCredit" | "walletDebt"> => ({
  ...(net > 0n && { walletCredit: { currency, minorUnits: net } }),
  ...(net < 0n && { walletDebt: { currency, minorUnits: -net } })
})

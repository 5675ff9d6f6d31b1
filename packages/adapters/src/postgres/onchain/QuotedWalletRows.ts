/**
 * The rows that steps of accounts leave behind for `PgQuotedPayments`, as JSON for one statement.
 */
import { type AwaitedUntil, quotedWallets } from "@dchat/domain/onchain"
import type { AccountAppend, Payment } from "@dchat/domain/subscription"
import { DateTime } from "effect"

const timestampOf = (until: AwaitedUntil | undefined): string | null => {
  if (until === undefined) return null
  return until === "confirmed" ? "infinity" : DateTime.formatIso(until)
}

/** Whether an event may have changed the quotes, the state or the owner of a payment. */
const touches = ({ event }: AccountAppend["records"][number], { id, purchaseId }: Payment): boolean =>
  event._tag === "MergedIn" ||
  ("payment" in event && event.payment.id === id) ||
  ("paymentId" in event && event.paymentId === id) ||
  // The end of a purchase, or of a change, makes its unpaid payments lapse.
  ("purchaseId" in event && event.purchaseId === purchaseId)

export const quotedWalletRows = (steps: ReadonlyArray<AccountAppend>): ReadonlyArray<object> =>
  steps.flatMap(({ account: { payments, userId }, records }) =>
    payments
      .filter((payment) => payment.quotes !== undefined && records.some((record) => touches(record, payment)))
      .flatMap((payment) =>
        quotedWallets(payment).map(({ awaitedUntil, chainId, isUnpaid, nativeUntil, payer, quotedAt }) => ({
          payment_id: payment.id,
          chain_id: chainId,
          payer,
          user_id: userId,
          quoted_at: DateTime.formatIso(quotedAt),
          is_unpaid: isUnpaid,
          awaited_until: timestampOf(awaitedUntil),
          native_until: timestampOf(nativeUntil)
        }))
      )
  )

/**
 * Finds quoted payments among the accounts in memory: for tests and examples.
 */
import { type AwaitedUntil, QuotedPayments, type QuotedWallet, quotedWallets } from "@dchat/domain/onchain"
import type { PaymentId } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer } from "effect"
import { MemoryAccounts } from "../subscription/MemorySubscriptionRepository.ts"

const isAfter = (until: AwaitedUntil | undefined, now: DateTime.Utc): boolean =>
  until === "confirmed" || (until !== undefined && DateTime.isGreaterThan(until, now))

interface Found {
  readonly wallet: QuotedWallet
  readonly paymentId: PaymentId
}

const unpaidFirst = (one: Found, other: Found): number =>
  Number(other.wallet.isUnpaid) - Number(one.wallet.isUnpaid) ||
  DateTime.Order(other.wallet.quotedAt, one.wallet.quotedAt) ||
  (other.paymentId < one.paymentId ? -1 : 1)

export const layer = Layer.effect(
  QuotedPayments,
  Effect.map(MemoryAccounts, (accounts) => {
    const all = () =>
      [...accounts.values()].flatMap(({ payments, userId }) =>
        payments.flatMap((payment) =>
          quotedWallets(payment).map((wallet) => ({ wallet, userId, paymentId: payment.id }))
        )
      )

    return QuotedPayments.of({
      ofPayer: (chainId, payer, limit) =>
        Effect.sync(() =>
          all()
            .filter(({ wallet }) => wallet.chainId === chainId && wallet.payer === payer)
            .toSorted(unpaidFirst)
            .slice(0, limit)
            .map(({ paymentId, userId }) => ({ userId, paymentId }))
        ),
      ownerOf: (id) => Effect.sync(() => all().find(({ paymentId }) => paymentId === id)?.userId),
      interest: (chainId, now) =>
        Effect.sync(() => {
          const here = all().flatMap(({ wallet }) => wallet.chainId === chainId ? [wallet] : [])
          return {
            isAwaited: here.some(({ awaitedUntil }) => isAfter(awaitedUntil, now)),
            isNativeAwaited: here.some(({ nativeUntil }) => isAfter(nativeUntil, now))
          }
        })
    })
  })
)

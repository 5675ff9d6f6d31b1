/**
 * Finds quoted payments among the accounts in memory: for tests and examples.
 */
import { QuotedPayments } from "@dchat/domain/onchain"
import { isUnpaid, type Payment, type Quote } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer } from "effect"
import { MemoryAccounts } from "../subscription/MemorySubscriptionRepository.ts"

const quotedAt = ({ quotes = [] }: Payment): number => quotes.at(-1)?.quotedAt.epochMilliseconds ?? 0

const isAwaited = ({ acceptedUntil }: Quote, now: DateTime.Utc) => DateTime.isGreaterThan(acceptedUntil, now)

export const layer = Layer.effect(
  QuotedPayments,
  Effect.map(MemoryAccounts, (accounts) => {
    const all = () =>
      [...accounts.values()].flatMap(({ payments, userId }) => payments.map((payment) => ({ userId, payment })))

    return QuotedPayments.of({
      ofPayer: (chainId, payer, limit) =>
        Effect.sync(() =>
          all()
            .filter(({ payment: { quotes = [] } }) =>
              quotes.some((quote) => quote.chainId === chainId && quote.payer === payer)
            )
            .toSorted(({ payment: one }, { payment: other }) =>
              Number(isUnpaid(other)) - Number(isUnpaid(one)) || quotedAt(other) - quotedAt(one)
            )
            .slice(0, limit)
            .map(({ payment, userId }) => ({ userId, paymentId: payment.id }))
        ),
      ownerOf: (paymentId) =>
        Effect.sync(() =>
          all().find(({ payment }) => payment.id === paymentId && payment.quotes !== undefined)?.userId
        ),
      interest: (chainId, now) =>
        Effect.sync(() => {
          const quotes = all().flatMap(({ payment }) =>
            (payment.quotes ?? []).filter((quote) => quote.chainId === chainId).map((quote) => ({ payment, quote }))
          )
          const open = quotes.filter(({ payment, quote }) => isUnpaid(payment) && isAwaited(quote, now))
          return {
            isAwaited: open.length > 0 || quotes.some(({ payment }) => payment.state === "confirming"),
            isNativeAwaited: quotes.some(({ payment, quote }) =>
              quote.asset.token === undefined && quote.router === undefined &&
              (payment.state === "confirming" || isAwaited(quote, now))
            )
          }
        })
    })
  })
)

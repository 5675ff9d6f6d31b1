/**
 * Checks what is left of a played history: every transfer of the canonical chain pays exactly one payment or waits with a
 * reason, and every settled payment has its transfer.
 */
import type { StoredTransfer } from "@dchat/domain/onchain"
import { isUnpaid, type Payment, type Quote, type Transfer } from "@dchat/domain/subscription"
import { assert } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import type { Played } from "./playHistory.ts"
import { isLog, movementsOf } from "./SimulatedChain.ts"
import { nativePerCent } from "./TrialHosts.ts"

/** The value of an amount in cents. */
const centsOf = ({ amount, token }: Transfer): bigint => token === undefined ? amount / nativePerCent : amount / 10_000n

/** Whether a transfer meets a quote, by the text of the specification. */
const meets = ({ amount, paidAt, payer, recipient, token }: Transfer, quote: Quote): boolean =>
  token === quote.asset.token && payer === quote.payer && recipient === quote.recipient && amount >= quote.amount &&
  DateTime.isGreaterThanOrEqualTo(paidAt, DateTime.subtract(quote.quotedAt, { seconds: 60 })) &&
  DateTime.isLessThanOrEqualTo(paidAt, quote.acceptedUntil)

/** The outcome of a history in numbers. */
export interface Outcome {
  readonly transfers: number
  readonly paid: number
  readonly unmatched: ReadonlyMap<string, number>
  readonly reversed: number
}

export const accountForHistory = Effect.fnUntraced(function*({ accounts, history, hosts, seed }: Played) {
  const fail = (detail: string) => assert.fail(`seed ${seed}: ${detail}`)
  const payments = accounts.flatMap((account) => account.payments)
  const stored: Array<StoredTransfer> = []
  const unmatched = new Map<string, number>()
  const quotes = payments.flatMap(({ quotes = [] }) => quotes)
  const canonical = history.flatMap(movementsOf)
  for (const moved of canonical) {
    const { transfer } = moved
    const { externalId } = transfer
    const found = yield* hosts.ledger.transfer(externalId)
    if (found === undefined) {
      // Nobody looks for values of transactions at a time without a quote in the native currency.
      const isLookedFor = isLog(moved) || quotes.some((quote) => meets(transfer, quote))
      if (isLookedFor) fail(`${externalId} was lost`)
      continue
    }
    stored.push(found)
    if (found.stage !== "final" || found.moved.block.hash !== moved.block.hash) {
      fail(`${externalId} is ${found.stage} in block ${found.moved.block.number} instead of ${moved.block.number}`)
    }
    const { verdict } = found
    if (verdict._tag === "Unjudged") fail(`${externalId} was never judged`)
    if (verdict._tag === "Unmatched") unmatched.set(verdict.reason, (unmatched.get(verdict.reason) ?? 0) + 1)
    if (verdict._tag !== "Paid") continue
    const payment = payments.find(({ id }) => id === verdict.paymentId)
    if (payment?.state !== "settled" || payment.transfer?.externalId !== externalId) {
      fail(`${externalId} pays a payment that is ${payment?.state}`)
    }
  }
  const paid = stored.filter(({ verdict }) => verdict._tag === "Paid")
  const used = payments.flatMap(({ state, transfer }) => state === "settled" && transfer ? [transfer.externalId] : [])
  assert.strictEqual(new Set(used).size, used.length, `seed ${seed}: a transfer pays twice`)
  assert.sameMembers(used, paid.map(({ moved }) => moved.transfer.externalId), `seed ${seed}: paid`)
  for (const { id, state } of payments) if (state === "confirming") fail(`${id} is confirming forever`)

  const waiting = stored.filter(({ verdict }) => verdict._tag === "Unmatched")
  for (const payment of payments.filter((it) => isUnpaid(it) || it.state === "lapsed")) {
    const missed = waiting.find(({ moved: { transfer } }) =>
      (payment.quotes ?? []).some((quote) => quote.credit === undefined && quote.amount > 0n && meets(transfer, quote))
    )
    if (missed !== undefined) {
      fail(
        `${missed.moved.transfer.externalId} (${JSON.stringify(missed.verdict)}) fits ${payment.id}, ${payment.state}`
      )
    }
  }

  for (const { payments: own, userId, walletCredit, walletDebt } of accounts) {
    const received = own.filter(({ state, transfer }) => state === "settled" && transfer !== undefined)
      .reduce((sum, { transfer }) => sum + (transfer ? centsOf(transfer) : 0n), 0n)
    const spent = own.filter(isKept).reduce((sum, { amount }) => sum + amount.minorUnits, 0n)
    const credit = (walletCredit?.minorUnits ?? 0n) - (walletDebt?.minorUnits ?? 0n)
    if (received !== spent + credit) fail(`${userId} sent ${received}, spent ${spent} and has a credit of ${credit}`)
  }
  const outcome: Outcome = {
    transfers: canonical.length,
    paid: paid.length,
    unmatched,
    reversed: payments.filter(({ state }) => state === "reversed").length
  }
  return outcome
})

/** The payment was used, and is not a credit. */
const isKept = ({ method, reason, state }: Payment): boolean =>
  method === "web3" && state === "settled" && reason !== "returned"

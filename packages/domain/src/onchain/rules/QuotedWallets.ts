/**
 * The wallets to which a payment was quoted, and for how long a transfer from each of them is awaited.
 */
import { DateTime } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import { isUnpaid, type Payment, type Quote } from "../../subscription/index.ts"

/** `confirmed`: until the transfer is settled or dropped. */
export type AwaitedUntil = DateTime.Utc | "confirmed"

/** A wallet on a chain, to which a payment was quoted. */
export interface QuotedWallet {
  readonly chainId: ChainId
  readonly payer: WalletAddress
  /** The time of the newest quote. */
  readonly quotedAt: DateTime.Utc
  readonly isUnpaid: boolean
  /** Until when a transfer is awaited. Absent: none is. */
  readonly awaitedUntil: AwaitedUntil | undefined
  /** Until when a transfer of the native currency may arrive. Absent: none may. */
  readonly nativeUntil: AwaitedUntil | undefined
}

/** A wallet may send the native currency directly, also where the quote names a router. */
const isNative = ({ asset }: Quote): boolean => asset.token === undefined

const latest = (times: ReadonlyArray<DateTime.Utc>): DateTime.Utc | undefined =>
  times.reduce<DateTime.Utc | undefined>(
    (last, at) => last === undefined || DateTime.isGreaterThan(at, last) ? at : last,
    undefined
  )

const walletOf = (payment: Payment, quotes: readonly [Quote, ...ReadonlyArray<Quote>]): QuotedWallet => {
  const [{ chainId, payer, quotedAt }] = quotes
  const isConfirming = payment.state === "confirming" && payment.transfer?.chainId === chainId
  const isOpen = isUnpaid(payment)
  const native = quotes.filter(isNative)
  const until = (of: ReadonlyArray<Quote>) => latest(of.map(({ acceptedUntil }) => acceptedUntil))
  return {
    chainId,
    payer,
    quotedAt: latest(quotes.map((quote) => quote.quotedAt)) ?? quotedAt,
    isUnpaid: isOpen,
    awaitedUntil: isConfirming ? "confirmed" : isOpen ? until(quotes) : undefined,
    nativeUntil: isConfirming && native.length > 0 ? "confirmed" : until(native)
  }
}

/** One for each pair of a chain and a wallet. */
export const quotedWallets = (payment: Payment): ReadonlyArray<QuotedWallet> => {
  const groups = Map.groupBy(payment.quotes ?? [], ({ chainId, payer }) => `${chainId} ${payer}`)
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [walletOf(payment, [first, ...others])]
  )
}

/**
 * The fees of a transaction of the charging account, up to a limit of the operator.
 */
import type { GasFees } from "@dchat/domain/onchain"

/** The prices that the chain states now, in wei for each unit of gas. Absent `base`: the chain has no EIP-1559. */
export interface GasPrices {
  readonly base?: bigint | undefined
  /** The tip, or without EIP-1559 the price. */
  readonly price: bigint
}

/** Nodes take a replacement only if both fees are a tenth higher; some want an eighth. */
const raised = (fee: bigint): bigint => fee + fee / 8n + 1n

const max = (one: bigint, other: bigint): bigint => one > other ? one : other

/**
 * The fees leave room for a base fee that doubles. Undefined if the prices of now, or the fees of a replacement, are above
 * the limit.
 */
export const feesOf = ({ base, price }: GasPrices, limit: bigint, above: GasFees | undefined): GasFees | undefined => {
  const lowest = above === undefined ? 0n : raised(above.most)
  const tip = above === undefined ? price : max(price, raised(above.tip ?? 0n))
  const needed = max(base === undefined ? price : base + tip, lowest)
  if (needed > limit) return undefined
  if (base === undefined) return { most: needed }
  const roomy = max(2n * base + tip, needed)
  return { most: roomy < limit ? roomy : limit, tip }
}

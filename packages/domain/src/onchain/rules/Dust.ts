/**
 * Transfers that are too small to be stored. Anybody can send a transfer, and every stored transfer costs space and time.
 * What is stored has therefore brought this installation at least the minimum.
 */
import type { Transfer } from "../../subscription/index.ts"
import type { AcceptedAsset, Chain } from "../model/Chain.ts"

/**
 * The default minimum of a stablecoin is a cent, which is the smallest price. The default minimum of a native currency is
 * a millionth of its unit.
 */
const digits = { token: 2, native: 6 }

/** The smallest amount that is stored, in base units. */
export const minimumOf = ({ decimals, minimum, token }: AcceptedAsset): bigint =>
  minimum ?? 10n ** BigInt(Math.max(0, decimals - (token === undefined ? digits.native : digits.token)))

/** An asset that the chain does not accept any more has the minimum 1. */
export const isDust = ({ native, tokens }: Chain, { amount, token }: Transfer): boolean => {
  const asset = token === undefined ? native : tokens.find((it) => it.token === token)
  return amount < (asset === undefined ? 1n : minimumOf(asset))
}

/**
 * The URI that a wallet opens to pay a quote (EIP-681, https://eips.ethereum.org/EIPS/eip-681). Wallets ignore parts of
 * such a URI, so the chain, the asset and the amount have to stand beside it in words.
 */
import type { Asset, Quote } from "./Quote.ts"

export const paymentUri = ({ amount, asset, chainId, recipient }: Quote): string =>
  asset.token === undefined
    ? `ethereum:${recipient}@${chainId}?value=${amount}`
    : `ethereum:${asset.token}@${chainId}/transfer?address=${recipient}&uint256=${amount}`

/** An amount in whole units with all its digits, such as `4.99` for 4990000 base units of a token with 6 decimals. */
export const amountText = (amount: bigint, { decimals }: Asset): string => {
  const digits = amount.toString().padStart(decimals + 1, "0")
  const point = digits.length - decimals
  let end = digits.length
  while (end > point && digits[end - 1] === "0") end -= 1
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
}

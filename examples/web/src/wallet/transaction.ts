/** The transaction that pays a quote. */
import { encodeFunctionData, erc20Abi, numberToHex, parseAbi } from "viem"
import { type Quote } from "../dchat-subscription.ts"

const routerAbi = parseAbi(["function payNative(address recipient, bytes32 paymentReference) payable"])

type Bytes = `0x${string}`

/**
 * A token moves by its own transfer, without the router, because the router would need an approval first. The router
 * gives a payment in the native currency its reference, so that a contract wallet can pay as well.
 */
export const transactionOf = ({ amount, asset, payer: from, recipient, reference, router }: Quote) => {
  const value = numberToHex(BigInt(amount))
  if (asset.asset !== "native") {
    const args = [recipient as Bytes, BigInt(amount)] as const
    return { from, to: asset.asset, data: encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args }) }
  }
  if (router === undefined) return { from, to: recipient, value }
  const args = [recipient as Bytes, reference as Bytes] as const
  return { from, to: router, value, data: encodeFunctionData({ abi: routerAbi, functionName: "payNative", args }) }
}

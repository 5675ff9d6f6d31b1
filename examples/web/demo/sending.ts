/** A transaction in words, as the simulated wallet shows it before it sends it. */
import { decodeFunctionData, erc20Abi, formatEther, formatUnits } from "viem"

export interface Transaction {
  readonly from?: string
  readonly to?: string
  readonly value?: string
  readonly data?: string
}

type Bytes = `0x${string}`

const transferOf = (data: string | undefined) => {
  try {
    const { args, functionName } = decodeFunctionData({ abi: erc20Abi, data: (data ?? "0x") as Bytes })
    return functionName === "transfer" ? { to: args[0], amount: args[1] } : undefined
  } catch {
    return undefined
  }
}

export const transactionWords = (
  { data, to = "", value = "0x0" }: Transaction,
  usdc: string
): ReadonlyArray<string> => {
  const isUsdc = to.toLowerCase() === usdc.toLowerCase()
  const transfer = isUsdc ? transferOf(data) : undefined
  if (transfer !== undefined) return [`Send ${formatUnits(transfer.amount, 6)} test USDC`, `to ${transfer.to}.`]
  const sends = `Send ${formatEther(BigInt(value))} test ETH`
  return data === undefined || data === "0x" ? [sends, `to ${to}.`] : [`${sends} with a call`, `of the contract ${to}.`]
}

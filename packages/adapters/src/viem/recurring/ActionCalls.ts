/**
 * The calls of contracts by which the charging account acts.
 */
import type { WalletAddress } from "@dchat/domain/identity"
import type { OperatorAction, PermitAction } from "@dchat/domain/onchain"
import { encodeFunctionData, type Hex, parseSignature } from "viem"
import { hexOf, mostPermit2Amount, permit2Abi, permit2Address, tokenAbi } from "./AllowanceContracts.ts"

export interface ContractCall {
  readonly to: Hex
  readonly data: Hex
}

/** Undefined if the permit cannot be written as a call: it lacks a part, or a number is too large. */
const permitCall = ({ kind, payer, permit, token }: PermitAction, account: WalletAddress): ContractCall | undefined => {
  const { amount, deadline, expiration, nonce, signature } = permit
  if (kind === "permit2") {
    if (expiration === undefined || nonce === undefined || amount > mostPermit2Amount) return undefined
    const details = { token: hexOf(token), amount, expiration, nonce }
    const single = { details, spender: hexOf(account), sigDeadline: BigInt(deadline) }
    return {
      to: permit2Address,
      data: encodeFunctionData({
        abi: permit2Abi,
        functionName: "permit",
        args: [hexOf(payer), single, hexOf(signature)]
      })
    }
  }
  if (!/^0x[0-9a-f]{128}(?:1b|1c|00|01)$/u.test(signature) || amount >= 2n ** 256n) return undefined
  const { r, s, yParity } = parseSignature(hexOf(signature))
  return {
    to: hexOf(token),
    data: encodeFunctionData({
      abi: tokenAbi,
      functionName: "permit",
      args: [hexOf(payer), hexOf(account), amount, BigInt(deadline), 27 + yParity, r, s]
    })
  }
}

/** The call for an action of this account. A permit names no other spender. */
export const callOf = (action: OperatorAction, account: WalletAddress): ContractCall | undefined => {
  switch (action._tag) {
    case "Void":
      return { to: hexOf(account), data: "0x" }
    case "Permit":
      return permitCall(action, account)
    case "Charge": {
      const { amount, kind, payer, recipient, token } = action
      if (kind === "permit2") {
        if (amount > mostPermit2Amount) return undefined
        const args = [hexOf(payer), hexOf(recipient), amount, hexOf(token)] as const
        return {
          to: permit2Address,
          data: encodeFunctionData({ abi: permit2Abi, functionName: "transferFrom", args })
        }
      }
      const args = [hexOf(payer), hexOf(recipient), amount] as const
      return { to: hexOf(token), data: encodeFunctionData({ abi: tokenAbi, functionName: "transferFrom", args }) }
    }
  }
}

/**
 * Tries a charge or a permit out on the newest block, and finds the reason of a failure.
 */
import type { WalletAddress } from "@dchat/domain/identity"
import type { ChargeAction, ChargingUnavailable, PermitAction } from "@dchat/domain/onchain"
import type { ChargeFault } from "@dchat/domain/subscription"
import { Effect } from "effect"
import type { Hex } from "viem"
import { callOf, type ContractCall } from "./ActionCalls.ts"
import { hexOf, permit2Abi, permit2Address, tokenAbi } from "./AllowanceContracts.ts"
import { type ChargingNodes, Reverted } from "./ChargingNodes.ts"

/** Some tokens answer false instead of failing, and some answer nothing on success. */
const isFalse = (data: Hex | undefined): boolean => data !== undefined && /^0x0{64}$/u.test(data)

const works = (nodes: ChargingNodes, account: WalletAddress, { data, to }: ContractCall) =>
  nodes.ask((node) => node.call({ account: hexOf(account), to, data })).pipe(
    Effect.map((answer) => !isFalse(answer.data)),
    Effect.catchIf((error) => error instanceof Reverted, () => Effect.succeed(false))
  )

export const tokenAllowance = (nodes: ChargingNodes, token: string, owner: string, spender: string) =>
  nodes.read((node) =>
    node.readContract({
      abi: tokenAbi,
      address: hexOf(token),
      functionName: "allowance",
      args: [hexOf(owner), hexOf(spender)]
    })
  )

/** The allowance of Permit2: the amount, the last second, and the nonce of the next permit. */
export const permit2Allowance = (nodes: ChargingNodes, token: string, owner: string, spender: string) =>
  nodes.read(async (node) => {
    const [amount, expiration, nonce] = await node.readContract({
      abi: permit2Abi,
      address: permit2Address,
      functionName: "allowance",
      args: [hexOf(owner), hexOf(token), hexOf(spender)]
    })
    return { amount, expiration, nonce }
  })

const isAllowed = Effect.fnUntraced(function*(nodes: ChargingNodes, account: WalletAddress, charge: ChargeAction) {
  const { amount, kind, payer, token } = charge
  if (kind === "allowance") return (yield* tokenAllowance(nodes, token, payer, account)) >= amount
  if ((yield* tokenAllowance(nodes, token, payer, permit2Address)) < amount) return false
  const allowed = yield* permit2Allowance(nodes, token, payer, account)
  const { timestamp } = yield* nodes.read((node) => node.getBlock())
  return allowed.amount >= amount && BigInt(allowed.expiration) >= timestamp
})

const isPaused = (nodes: ChargingNodes, token: WalletAddress) =>
  nodes.ask((node) => node.readContract({ abi: tokenAbi, address: hexOf(token), functionName: "paused" })).pipe(
    // A token without a pause.
    Effect.catch(() => Effect.succeed(false))
  )

const diagnose = Effect.fnUntraced(
  function*(
    nodes: ChargingNodes,
    account: WalletAddress,
    charge: ChargeAction
  ): Effect.fn.Return<ChargeFault, ChargingUnavailable> {
    const { amount, payer, token } = charge
    if (!(yield* isAllowed(nodes, account, charge))) return "allowance"
    const balance = yield* nodes.read((node) =>
      node.readContract({ abi: tokenAbi, address: hexOf(token), functionName: "balanceOf", args: [hexOf(payer)] })
    )
    if (balance < amount) return "balance"
    return (yield* isPaused(nodes, token)) ? "paused" : "blocked"
  }
)

/** Undefined if the charge would work. */
export const faultOf = Effect.fnUntraced(
  function*(
    nodes: ChargingNodes,
    account: WalletAddress,
    charge: ChargeAction
  ): Effect.fn.Return<ChargeFault | undefined, ChargingUnavailable> {
    const call = callOf(charge, account)
    if (call === undefined) return "blocked"
    return (yield* works(nodes, account, call)) ? undefined : yield* diagnose(nodes, account, charge)
  }
)

/** Whether the permit would be accepted now. Permit2 also needs an allowance of the token itself. */
export const isAccepted = Effect.fnUntraced(
  function*(nodes: ChargingNodes, account: WalletAddress, action: PermitAction) {
    const { kind, payer, permit, token } = action
    const call = callOf(action, account)
    if (call === undefined || !(yield* works(nodes, account, call))) return false
    return kind === "allowance" || (yield* tokenAllowance(nodes, token, payer, permit2Address)) >= permit.amount
  }
)

/**
 * What a user has to sign or to send, so that the charging account can take a token from the wallet.
 */
import { WalletAddress } from "@dchat/domain/identity"
import type { ChargingUnavailable, GrantInstructions, GrantTransaction, TypedData } from "@dchat/domain/onchain"
import { HexBytes } from "@dchat/domain/onchain"
import { type AuthorizationTerms } from "@dchat/domain/subscription"
import { DateTime, Effect } from "effect"
import { encodeFunctionData, hashDomain, type Hex, keccak256, toHex } from "viem"
import {
  hexOf,
  mostPermit2Amount,
  permit2Abi,
  permit2Address,
  permit2Types,
  permitTypes,
  tokenAbi
} from "./AllowanceContracts.ts"
import { permit2Allowance, tokenAllowance } from "./ChargeTrial.ts"
import type { ChargingNodes } from "./ChargingNodes.ts"

/** How long a permit can be handed in, in minutes. */
const permitMinutes = 60

/** Of the type `Permit` of EIP-2612. Tokens with another type, such as DAI, cannot be given this permit. */
const permitTypeHash = keccak256(
  toHex("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
)

const domainTypes = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" }
] as const

const approve = (token: string, spender: string, amount: bigint, purpose: GrantTransaction["purpose"]) => ({
  purpose,
  to: WalletAddress.make(token),
  data: HexBytes.make(
    encodeFunctionData({ abi: tokenAbi, functionName: "approve", args: [hexOf(spender), amount] })
  )
})

const approvePermit2 = (
  { asset, spender }: AuthorizationTerms,
  amount: bigint,
  expiration: number,
  purpose: GrantTransaction["purpose"]
): GrantTransaction => ({
  purpose,
  to: WalletAddress.make(permit2Address),
  data: HexBytes.make(encodeFunctionData({
    abi: permit2Abi,
    functionName: "approve",
    args: [hexOf(asset), hexOf(spender), amount, expiration]
  }))
})

/** Tokens like USDT refuse to change an allowance that is not zero. */
const approvals = Effect.fnUntraced(
  function*(nodes: ChargingNodes, token: string, owner: string, spender: string, amount: bigint) {
    const allowed = yield* tokenAllowance(nodes, token, owner, spender)
    if (allowed >= amount) return []
    const granting = approve(token, spender, amount, "approve")
    return allowed > 0n ? [approve(token, spender, 0n, "reset"), granting] : [granting]
  }
)

/** Undefined if the token has no such function. */
const optional = <A>(question: Effect.Effect<A, ChargingUnavailable | Error>) =>
  Effect.catch(question, () => Effect.succeed(undefined))

/** The domain that the token states (EIP-5267), or else its name and version, if the hash of the domain confirms it. */
const domainOf = Effect.fnUntraced(function*(nodes: ChargingNodes, token: Hex) {
  const contract = { abi: tokenAbi, address: token } as const
  const read = (functionName: "name" | "version" | "DOMAIN_SEPARATOR" | "PERMIT_TYPEHASH") =>
    optional(nodes.ask((node) => node.readContract({ ...contract, functionName })))
  const typeHash = yield* read("PERMIT_TYPEHASH")
  if (typeHash !== undefined && typeHash !== permitTypeHash) return undefined
  const stated = yield* optional(nodes.ask((node) => node.readContract({ ...contract, functionName: "eip712Domain" })))
  const [name, version] = stated === undefined
    ? [yield* read("name"), (yield* read("version")) ?? "1"]
    : [stated[1], stated[2]]
  if (name === undefined) return undefined
  const domain = { name, version, chainId: nodes.chainId, verifyingContract: token }
  const separator = yield* read("DOMAIN_SEPARATOR")
  const hash = hashDomain({
    domain: { ...domain, chainId: BigInt(nodes.chainId) },
    types: { EIP712Domain: domainTypes }
  })
  return separator === hash ? domain : undefined
})

const permitOf = Effect.fnUntraced(
  function*(nodes: ChargingNodes, { asset, payer, spender }: AuthorizationTerms, amount: bigint, deadline: number) {
    const token = hexOf(asset)
    const domain = yield* domainOf(nodes, token)
    const nonce = yield* optional(
      nodes.ask((node) =>
        node.readContract({ abi: tokenAbi, address: token, functionName: "nonces", args: [hexOf(payer)] })
      )
    )
    if (domain === undefined || nonce === undefined) return undefined
    const typedData: TypedData = {
      domain,
      types: { EIP712Domain: domainTypes, ...permitTypes },
      primaryType: "Permit",
      message: { owner: payer, spender, value: String(amount), nonce: String(nonce), deadline: String(deadline) }
    }
    return { typedData, deadline }
  }
)

const byAllowance = Effect.fnUntraced(
  function*(nodes: ChargingNodes, terms: AuthorizationTerms, amount: bigint, deadline: number) {
    const { asset, payer, spender } = terms
    const transactions = yield* approvals(nodes, asset, payer, spender, amount)
    const permit = transactions.length === 0 ? undefined : yield* permitOf(nodes, terms, amount, deadline)
    return { amount, transactions, permit, revocation: approve(asset, spender, 0n, "revoke") }
  }
)

const byPermit2 = Effect.fnUntraced(
  function*(
    nodes: ChargingNodes,
    terms: AuthorizationTerms,
    amount: bigint,
    { deadline, expiration }: { readonly deadline: number; readonly expiration: number }
  ) {
    const { asset, payer, spender } = terms
    const approving = yield* approvals(nodes, asset, payer, permit2Address, amount)
    const allowed = yield* permit2Allowance(nodes, asset, payer, spender)
    const revocation = approvePermit2(terms, 0n, 0, "revoke")
    if (allowed.amount >= amount && allowed.expiration >= expiration) {
      return { amount, transactions: approving, permit: undefined, revocation }
    }
    const { nonce } = allowed
    const details = { token: asset, amount: String(amount), expiration: String(expiration), nonce: String(nonce) }
    const typedData: TypedData = {
      domain: { name: "Permit2", chainId: nodes.chainId, verifyingContract: permit2Address },
      types: { EIP712Domain: domainTypes.filter(({ name }) => name !== "version"), ...permit2Types },
      primaryType: "PermitSingle",
      message: { details, spender, sigDeadline: String(deadline) }
    }
    return {
      amount,
      transactions: [...approving, approvePermit2(terms, amount, expiration, "approve_permit2")],
      permit: { typedData, deadline, expiration, nonce },
      revocation
    }
  }
)

export const instructions = Effect.fnUntraced(
  function*(
    nodes: ChargingNodes,
    terms: AuthorizationTerms,
    wanted: bigint,
    until: DateTime.Utc
  ): Effect.fn.Return<GrantInstructions, ChargingUnavailable> {
    const now = yield* DateTime.now
    const deadline = Math.floor(DateTime.add(now, { minutes: permitMinutes }).epochMilliseconds / 1000)
    const expiration = Math.floor(until.epochMilliseconds / 1000)
    return terms.kind === "allowance"
      ? yield* byAllowance(nodes, terms, wanted, deadline)
      : yield* byPermit2(nodes, terms, wanted < mostPermit2Amount ? wanted : mostPermit2Amount, {
        deadline,
        expiration
      })
  }
)

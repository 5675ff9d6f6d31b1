/**
 * One object of the variable `EVM_CHAINS`, as an operator writes it.
 */
import { ChainId } from "@dchat/domain/identity"
import { Chain, Depth } from "@dchat/domain/onchain"
import { Asset, Tier } from "@dchat/domain/subscription"
import { Schema } from "effect"
import { ContractAddress } from "./ContractAddress.ts"
import { PriceSource } from "./PriceSource.ts"
import { shippedChain } from "./ShippedChains.ts"

const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)

const isOverTls = ({ hostname, protocol }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && isLoopback(hostname))

/** Over https, because an answer that is altered on its way would let a stranger sign in; http on this machine only. */
const RpcUrl = Schema.String.check(
  Schema.makeFilter((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return (url !== undefined && isOverTls(url)) || "expected an https URL, or an http URL of a loopback address"
  })
)

const Explorer = Schema.String.check(
  Schema.makeFilter((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isPlain = url !== undefined && isOverTls(url) && url.username === "" && url.search === "" && url.hash === ""
    return (isPlain && !text.endsWith("/")) ||
      "expected an https URL, or an http URL of a loopback address, without a slash at its end"
  })
)

const TokenId = Schema.BigIntFromString.check(Schema.isGreaterThanOrEqualToBigInt(0n))

const { decimals, symbol } = Asset.fields
const { maxRange, name } = Chain.fields

const own = Schema.optionalKey

/** In base units, as text: JSON has no exact number of this size. */
const minimum = own(Schema.BigIntFromString.check(Schema.isGreaterThanBigInt(0n)))

/** The members that only a chain with payments may have. */
const payments = {
  name: own(name),
  native: own(Schema.Union([Schema.Boolean, Schema.Struct({ symbol, decimals, minimum })])),
  price: own(PriceSource),
  tokens: own(Schema.Array(Schema.Struct({ token: ContractAddress, symbol, decimals, minimum }))),
  router: own(ContractAddress),
  provisionalAt: own(Depth),
  settledAt: own(Depth),
  finalAt: own(Depth),
  maxRange: own(maxRange),
  memberships: own(
    Schema.Array(Schema.Struct({ contract: ContractAddress, tier: Tier, from: own(TokenId), to: own(TokenId) }))
  ),
  subscriptionManager: own(ContractAddress),
  explorer: own(Explorer)
}

const members = Schema.Struct({
  chainId: ChainId,
  /** In the order in which they are asked. They may hold API keys: never to be shown or logged. */
  rpcUrls: Schema.NonEmptyArray(RpcUrl),
  /** The account that receives payments. Without a recipient, the chain verifies signatures of contract wallets only. */
  recipient: own(ContractAddress),
  ...payments
})
type Members = typeof members.Type

const isTwice = (values: ReadonlyArray<string>): boolean => new Set(values).size < values.length

/** The members that a chain needs for payments, and that are neither written nor shipped. */
const missingIn = (settings: Members): ReadonlyArray<string> => {
  if (settings.recipient === undefined || shippedChain(settings.chainId) !== undefined) return []
  const needed = ["name", "tokens", "provisionalAt", "settledAt", "finalAt"] as const
  return [
    ...needed.filter((member) => settings[member] === undefined),
    ...(settings.native === undefined || settings.native === true
      ? ["native (false, or its symbol and decimals)"]
      : []),
    ...(typeof settings.native === "object" && settings.price === undefined ? ["price"] : [])
  ]
}

/** Contradictions between members. */
const problemsOf = (settings: Members): ReadonlyArray<Schema.FilterIssue> => {
  const { memberships = [], recipient, router, tokens = [] } = settings
  const useless = recipient === undefined ? Object.keys(payments).filter((member) => member in settings) : []
  const contracts = [
    ...tokens.map(({ token }) => token),
    ...new Set(memberships.map(({ contract }) => contract)),
    ...(router === undefined ? [] : [router])
  ]
  return [
    ...useless.map((member) => ({ path: [member], issue: "needs a recipient" })),
    ...missingIn(settings).map((member) => `expected ${member}, because this chain is not known`),
    ...(isTwice(contracts) ? ["expected each contract once among tokens, router and memberships"] : []),
    ...(recipient !== undefined && contracts.includes(recipient)
      ? ["expected a recipient that is no contract of the chain"]
      : []),
    ...(isTwice(settings.rpcUrls) ? [{ path: ["rpcUrls"], issue: "expected each URL once" }] : [])
  ]
}

export const ChainSettings = members.check(Schema.makeFilter(problemsOf))
export type ChainSettings = typeof ChainSettings.Type

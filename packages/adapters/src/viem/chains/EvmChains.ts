/**
 * The configuration of the chains of an installation.
 */
import type { AcceptedAsset, Chain } from "@dchat/domain/onchain"
import { Effect, Schema } from "effect"
import type { RpcChain } from "../ChainRpc.ts"
import { ChainSettings } from "./ChainSettings.ts"
import type { PriceSource } from "./PriceSource.ts"
import { shippedChain } from "./ShippedChains.ts"

/** A chain whose contract wallets can sign in, and on which users can pay if it has `payments`. */
export interface EvmChain extends RpcChain {
  readonly payments?: EvmPayments | undefined
}

export interface EvmPayments {
  readonly chain: Chain
  /** The price of the native currency. Absent if the native currency is not accepted. */
  readonly price?: PriceSource | undefined
}

export type EvmChains = ReadonlyArray<EvmChain>

/** The most blocks in a request for logs. A smaller limit of a provider is found by halving. */
const defaultRange = 1000

const Text = Schema.fromJsonString(Schema.Unknown)

const Settings = Schema.Array(ChainSettings).check(
  Schema.makeFilter((chains) =>
    new Set(chains.map(({ chainId }) => chainId)).size === chains.length || "expected each chain once"
  )
)

const nativeOf = ({ chainId, native = true }: ChainSettings): AcceptedAsset | undefined => {
  if (typeof native === "object") return native
  return native ? shippedChain(chainId)?.native : undefined
}

const paymentsOf = (settings: ChainSettings): EvmPayments | undefined => {
  const { chainId, memberships = [], recipient, router } = settings
  const { name, provisionalAt, settledAt, finalAt, explorer, tokens } = { ...shippedChain(chainId), ...settings }
  const isComplete = recipient !== undefined && name !== undefined && tokens !== undefined &&
    provisionalAt !== undefined && settledAt !== undefined && finalAt !== undefined
  if (!isComplete) return undefined
  const native = nativeOf(settings)
  return {
    chain: {
      chainId,
      name,
      ...(native && { native }),
      tokens,
      recipient,
      ...(router && { router }),
      provisionalAt,
      settledAt,
      finalAt,
      maxRange: settings.maxRange ?? defaultRange,
      memberships,
      ...(settings.subscriptionManager && { subscriptionManager: settings.subscriptionManager }),
      ...(explorer !== undefined && { explorer })
    },
    ...(native && { price: settings.price ?? shippedChain(chainId)?.price })
  }
}

/**
 * Decodes the JSON of the variable `EVM_CHAINS`: an array with an object for each chain, each once. A chain that is
 * shipped needs no more than its id, its URLs and, for payments, a recipient. The error names all mistakes, and repeats
 * no URL.
 */
export const decodeEvmChains = (text: string): Effect.Effect<EvmChains, Schema.SchemaError> =>
  Schema.decodeEffect(Text)(text).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Settings, { errors: "all", onExcessProperty: "error" })),
    Effect.map((chains) =>
      chains.map((settings): EvmChain => {
        const { chainId, rpcUrls } = settings
        const payments = paymentsOf(settings)
        return payments === undefined ? { chainId, rpcUrls } : { chainId, rpcUrls, payments }
      })
    )
  )

/**
 * The charging account of the operator by viem.
 */
import { type ChainId, WalletAddress } from "@dchat/domain/identity"
import { ChargingUnavailable, NotSigned, RecurringAuthorization } from "@dchat/domain/onchain"
import { Duration, Effect, Layer, Redacted } from "effect"
import { parseGwei } from "viem"
import { privateKeyToAccount } from "viem/accounts"
import type { RpcChain } from "../ChainRpc.ts"
import { hexOf } from "./AllowanceContracts.ts"
import { countOf, outcomeOf } from "./ChargeOutcomes.ts"
import { sign } from "./ChargeSigning.ts"
import { faultOf, isAccepted } from "./ChargeTrial.ts"
import * as ChargingNodes from "./ChargingNodes.ts"
import { instructions } from "./Grants.ts"

export interface Options {
  /** The private key: `0x` and 64 hexadecimal digits. */
  readonly key: Redacted.Redacted
  readonly chains: ReadonlyArray<RpcChain>
  /** The most fees for each unit of gas, in gwei. 200 by default. */
  readonly mostGwei?: number | undefined
  /** Of each request; 5 seconds by default. */
  readonly timeout?: Duration.Input | undefined
}

export const layer = ({ chains, key, mostGwei = 200, timeout = "5 seconds" }: Options) => {
  const signer = privateKeyToAccount(hexOf(Redacted.value(key)))
  const account = WalletAddress.make(signer.address.toLowerCase())
  const limit = parseGwei(String(mostGwei))
  const millis = Duration.toMillis(Duration.fromInputUnsafe(timeout))
  const all = new Map(chains.map((chain) => [chain.chainId, ChargingNodes.make(chain, millis)]))

  const on = (chainId: ChainId) => {
    const nodes = all.get(chainId)
    return nodes === undefined ? Effect.fail(new ChargingUnavailable()) : Effect.succeed(nodes)
  }

  return Layer.succeed(
    RecurringAuthorization,
    RecurringAuthorization.of({
      account,
      instructions: Effect.fn("RecurringAuthorization.instructions")(function*(terms, amount, until) {
        return yield* instructions(yield* on(terms.chainId), terms, amount, until)
      }),
      faultOf: Effect.fn("RecurringAuthorization.faultOf")((chainId, charge) =>
        Effect.flatMap(on(chainId), (nodes) => faultOf(nodes, account, charge)).pipe(
          Effect.catchTag("ChargingUnavailable", () => Effect.succeed("unavailable" as const))
        )
      ),
      isAccepted: Effect.fn("RecurringAuthorization.isAccepted")(function*(chainId, permit) {
        return yield* isAccepted(yield* on(chainId), account, permit)
      }),
      count: Effect.fn("RecurringAuthorization.count")(function*(chain) {
        return yield* countOf(yield* on(chain.chainId), chain, signer.address)
      }),
      sign: Effect.fn("RecurringAuthorization.sign")(function*(chainId, action, { above, nonce }) {
        const nodes = yield* Effect.mapError(on(chainId), () => new NotSigned({ reason: "unavailable" }))
        return yield* sign(nodes, signer, { above, action, limit, nonce })
      }),
      send: Effect.fn("RecurringAuthorization.send")(function*(chainId, raw) {
        const nodes = yield* on(chainId)
        const hashes = yield* nodes.askAll((node) => node.sendRawTransaction({ serializedTransaction: hexOf(raw) }))
        if (hashes.length === 0) return yield* new ChargingUnavailable()
      }),
      outcome: Effect.fn("RecurringAuthorization.outcome")(function*(chain, hash) {
        return yield* outcomeOf(yield* on(chain.chainId), chain, hexOf(hash))
      })
    })
  )
}

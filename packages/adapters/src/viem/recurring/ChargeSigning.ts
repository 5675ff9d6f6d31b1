/**
 * Signs the transactions of the charging account.
 */
import type { WalletAddress } from "@dchat/domain/identity"
import { type GasFees, HexBytes, NotSigned, type OperatorAction, type SignedTransaction } from "@dchat/domain/onchain"
import { Bytes32 } from "@dchat/domain/subscription"
import { DateTime, Effect } from "effect"
import { keccak256, type LocalAccount } from "viem"
import { callOf, type ContractCall } from "./ActionCalls.ts"
import { hexOf } from "./AllowanceContracts.ts"
import { type ChargingNodes, Reverted } from "./ChargingNodes.ts"
import { feesOf, type GasPrices } from "./Fees.ts"

/** A token that needs more gas is none that the operator should pay for. */
const mostGas = 1_000_000n

const pricesOf = (nodes: ChargingNodes) =>
  nodes.read(async (node): Promise<GasPrices> => {
    const { baseFeePerGas: base } = await node.getBlock()
    // A chain without EIP-1559 has no base fee.
    return base === null
      ? { price: await node.getGasPrice() }
      : { base, price: await node.estimateMaxPriorityFeePerGas({ chain: null }) }
  })

/** The additional gas of a transfer to an account without this token (EIP-2929). */
const firstTransferGas = 20_000n

/**
 * The needed gas by the newest block, and more, because the state may change until the transaction is included. Without
 * the tag, some nodes estimate after the transaction that is to be replaced.
 */
const gasOf = (nodes: ChargingNodes, address: string, { data, to }: ContractCall) =>
  nodes.ask((node) => node.estimateGas({ account: hexOf(address), to, data, blockTag: "latest" })).pipe(
    Effect.map((gas) => gas + gas / 4n + firstTransferGas)
  )

const failed = (reason: NotSigned["reason"]) => Effect.fail(new NotSigned({ reason }))

/** `limit`: the most fees in wei for each unit of gas. */
export const sign = Effect.fnUntraced(function*(
  nodes: ChargingNodes,
  signer: LocalAccount,
  { above, action, limit, nonce }: {
    readonly action: OperatorAction
    readonly nonce: number
    readonly above: GasFees | undefined
    readonly limit: bigint
  }
): Effect.fn.Return<SignedTransaction, NotSigned> {
  const address = signer.address.toLowerCase() as WalletAddress
  const call = callOf(action, address)
  if (call === undefined) return yield* failed("refused")
  const gas = yield* Effect.catch(
    gasOf(nodes, address, call),
    (error) => failed(error instanceof Reverted ? "refused" : "unavailable")
  )
  if (gas > mostGas) return yield* failed("refused")
  const prices = yield* Effect.catch(pricesOf(nodes), () => failed("unavailable"))
  const fees = feesOf(prices, limit, above)
  if (fees === undefined) return yield* failed("fees")
  const balance = yield* Effect.catch(
    nodes.read((node) => node.getBalance({ address: signer.address })),
    () => failed("unavailable")
  )
  if (balance < gas * fees.most) return yield* failed("funds")
  const { most, tip } = fees
  const common = { chainId: nodes.chainId, nonce, to: call.to, data: call.data, value: 0n, gas }
  const raw = yield* Effect.promise(() =>
    tip === undefined
      ? signer.signTransaction({ ...common, type: "legacy", gasPrice: most })
      : signer.signTransaction({ ...common, type: "eip1559", maxFeePerGas: most, maxPriorityFeePerGas: tip })
  )
  return {
    raw: HexBytes.make(raw),
    hash: Bytes32.make(keccak256(raw)),
    fees,
    ...(action._tag === "Void" && { isVoid: true as const }),
    signedAt: yield* DateTime.now
  }
})

/**
 * Signs and sends transactions on a simulated chain.
 */
import { Effect, Semaphore } from "effect"
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hash,
  type Hex,
  type LocalAccount,
  parseGwei,
  type TransactionReceipt
} from "viem"
import type { Client } from "./Client.ts"
import type { Mining } from "./Mining.ts"

export interface Transaction {
  readonly from: LocalAccount
  /** Absent if the transaction deploys a contract. */
  readonly to?: Address
  readonly data?: Hex
  /** In wei. */
  readonly value?: bigint
  /** By default, the number of transactions of the account, with those that wait for a block. */
  readonly nonce?: number
  /** The limit. A million by default: the node estimates nothing, so a transaction may also fail. */
  readonly gas?: bigint
  /** In wei. 20 gwei by default. To replace a waiting transaction, send the same nonce with higher fees. */
  readonly maxFeePerGas?: bigint
  /** In wei. 1 gwei by default. */
  readonly maxPriorityFeePerGas?: bigint
}

export interface Artefact {
  readonly abi: Abi
  readonly bytecode: Hex
}

export interface Deployed<abi extends Abi = Abi> {
  readonly address: Address
  readonly abi: abi
}

type Mutability = "nonpayable" | "payable"

export interface Transactions {
  /** Signs a transaction and returns its raw bytes, without sending them. */
  sign(transaction: Transaction): Effect.Effect<Hex>
  /** Sends a transaction and does not wait for a block. */
  send(transaction: Transaction): Effect.Effect<Hash>
  /** Sends the raw bytes of a signed transaction. */
  sendRaw(raw: Hex): Effect.Effect<Hash>
  /** Waits until a block has the transaction. While the chain mines on demand, this mines a block. */
  include(hash: Hash): Effect.Effect<TransactionReceipt>
  /** Sends a call of a contract and does not wait for a block. */
  write<const abi extends Abi, name extends ContractFunctionName<abi, Mutability>>(
    from: LocalAccount,
    contract: Deployed<abi>,
    functionName: name,
    args: ContractFunctionArgs<abi, Mutability, name>,
    options?: Omit<Transaction, "data" | "from" | "to">
  ): Effect.Effect<Hash>
  /** Deploys a contract from the first account and waits for the block. */
  deploy<const artefact extends Artefact>(
    artefact: artefact,
    ...args: ReadonlyArray<unknown>
  ): Effect.Effect<Deployed<artefact["abi"]>>
}

export const make = (client: Client, mining: Mining, deployer: LocalAccount): Transactions => {
  const chainId = client.chain.id
  // Two transactions of one account must not get the same nonce.
  const turn = Semaphore.makeUnsafe(1)

  const sign: Transactions["sign"] = ({ from, nonce, ...rest }) =>
    Effect.promise(async () =>
      from.signTransaction({
        gas: 1_000_000n,
        maxFeePerGas: parseGwei("20"),
        maxPriorityFeePerGas: parseGwei("1"),
        ...rest,
        type: "eip1559",
        chainId,
        nonce: nonce ?? await client.getTransactionCount({ address: from.address, blockTag: "pending" })
      })
    )
  const sendRaw: Transactions["sendRaw"] = (serializedTransaction) =>
    Effect.promise(() => client.sendRawTransaction({ serializedTransaction }))
  const send: Transactions["send"] = (transaction) => turn.withPermit(Effect.flatMap(sign(transaction), sendRaw))
  const include = Effect.fnUntraced(function*(hash: Hash) {
    if (mining.current() === "on-demand") {
      const isIncluded = yield* Effect.promise(() =>
        client.getTransactionReceipt({ hash }).then(() => true, () => false)
      )
      if (!isIncluded) yield* mining.mine()
    }
    return yield* Effect.promise(() => client.waitForTransactionReceipt({ hash }))
  })

  return {
    sign,
    send,
    sendRaw,
    include,
    write: (from, { abi, address }, functionName, args, options) =>
      send({ ...options, from, to: address, data: encodeFunctionData({ abi, functionName, args } as never) }),
    deploy: Effect.fnUntraced(function*({ abi, bytecode }, ...args) {
      const data = encodeDeployData({ abi, bytecode, args })
      const { contractAddress } = yield* include(yield* send({ from: deployer, data, gas: 5_000_000n }))
      if (!contractAddress) return yield* Effect.die(new Error("The contract was not deployed"))
      return { abi, address: getAddress(contractAddress) }
    })
  }
}

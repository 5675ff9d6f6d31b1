/**
 * The movements of a transaction, by its receipt.
 */
import { WalletAddress } from "@dchat/domain/identity"
import type { BlockRef, Chain, Movement, TokenMoved, TransferMoved } from "@dchat/domain/onchain"
import { Bytes32, ExternalId } from "@dchat/domain/subscription"
import type { DateTime } from "effect"
import type { Interest } from "./Interest.ts"
import type { RpcLog, RpcReceipt, RpcTransaction } from "./RpcSchemas.ts"

/** A block with its time. */
export interface TimedBlock extends BlockRef {
  readonly at: DateTime.Utc
}

/** The address in a topic or in a word of data; undefined for the zero address and for a longer number. */
export const addressIn = (word: string | undefined): WalletAddress | undefined => {
  const digits = /^(?:0x)?0{24}([0-9a-f]{40})$/.exec(word ?? "")?.[1]
  return digits === undefined || /^0{40}$/.test(digits) ? undefined : WalletAddress.make(`0x${digits}`)
}

/** Whether data is one word of 32 bytes. */
export const isWord = (data: string): boolean => data.length === 66

/** The words of 32 bytes; undefined if there are not exactly so many. */
const wordsOf = (data: string, count: number): ReadonlyArray<string> | undefined =>
  data.length === 2 + 64 * count
    ? Array.from({ length: count }, (_, index) => data.slice(2 + 64 * index, 2 + 64 * (index + 1)))
    : undefined

const noWord = "0".repeat(64)

interface Placed {
  readonly log: RpcLog
  /** Among the logs of the transaction. */
  readonly position: number
}

/** Reads the logs of one successful transaction. */
class ReceiptReader {
  readonly #chain: Chain
  readonly #block: TimedBlock
  /** Transfers of tokens since the last payment through the router: the reference belongs to the newest that fits. */
  #open: Array<TransferMoved> = []
  readonly found: Array<Movement> = []

  constructor(chain: Chain, block: TimedBlock) {
    this.#chain = chain
    this.#block = block
  }

  #place({ log: { logIndex, transactionHash }, position }: Placed) {
    const { hash, number } = this.#block
    const externalId = ExternalId.make(`${this.#chain.chainId}:${transactionHash}:${position}`)
    return { externalId, place: { block: { number, hash }, logIndex, transactionHash } }
  }

  #transfer(
    placed: Placed,
    of: Pick<TransferMoved["transfer"], "amount" | "payer" | "reference" | "token">
  ): TransferMoved {
    const { externalId, place } = this.#place(placed)
    const { chainId, recipient } = this.#chain
    return {
      _tag: "TransferMoved",
      ...place,
      transfer: { externalId, chainId, recipient, paidAt: this.#block.at, ...of }
    }
  }

  /** A transfer of nothing needs no consent of the payer, and a mint has no payer: both pay nothing. */
  token(placed: Placed): void {
    const { address, data, topics } = placed.log
    const [value] = wordsOf(data, 1) ?? []
    const payer = addressIn(topics[1])
    if (topics.length !== 3 || value === undefined || value === noWord || payer === undefined) return
    const moved = this.#transfer(placed, { token: WalletAddress.make(address), payer, amount: BigInt(`0x${value}`) })
    this.#open.push(moved)
    this.found.push(moved)
  }

  /** The payment of a token is its own log, which gets the reference. The payment of the native currency is this log. */
  paid(placed: Placed): void {
    const { data, topics } = placed.log
    const [token, value] = wordsOf(data, 2) ?? []
    const payer = addressIn(topics[3])
    const open = this.#open
    this.#open = []
    if (topics.length !== 4 || token === undefined || value === undefined || payer === undefined) return
    const reference = Bytes32.make(`${topics[1]}`)
    if (token === noWord) {
      if (this.#chain.native === undefined) return
      this.found.push(this.#transfer(placed, { payer, amount: BigInt(`0x${value}`), reference }))
      return
    }
    const address = addressIn(token)
    const moved = open.findLast(({ transfer }) => transfer.token === address && transfer.payer === payer)
    const index = moved === undefined ? -1 : this.found.indexOf(moved)
    if (moved !== undefined) this.found[index] = { ...moved, transfer: { ...moved.transfer, reference } }
  }

  membership(placed: Placed): void {
    const { address, data, topics } = placed.log
    if (topics.length !== 4 || data !== "0x") return
    const { externalId, place } = this.#place(placed)
    const to = addressIn(topics[2])
    const moved: TokenMoved = {
      _tag: "TokenMoved",
      ...place,
      externalId,
      contract: WalletAddress.make(address),
      tokenId: BigInt(`${topics[3]}`),
      ...(to !== undefined && { to })
    }
    this.found.push(moved)
  }
}

/** The movements by the logs of a receipt, whose logs are in the order of the block. */
export const movementsOf = (
  chain: Chain,
  { kindOf }: Interest,
  block: TimedBlock,
  { logs }: RpcReceipt
): ReadonlyArray<Movement> => {
  const reader = new ReceiptReader(chain, block)
  for (const [position, log] of logs.entries()) {
    const kind = kindOf(log)
    if (kind === "token") reader.token({ log, position })
    else if (kind === "router") reader.paid({ log, position })
    else if (kind === "membership") reader.membership({ log, position })
  }
  return reader.found
}

/** Whether a transaction itself sends native currency to the recipient. Calls of contracts that do so leave no trace. */
export const sendsNative = (
  { native, recipient }: Chain,
  { to, value }: Pick<RpcTransaction, "to" | "value">
): boolean => native !== undefined && to === recipient && value > 0n

/** The movement of a successful transaction that sends native currency to the recipient. */
export const nativeMovement = (
  { chainId, recipient }: Chain,
  { at, hash, number }: TimedBlock,
  transaction: RpcTransaction
): TransferMoved => ({
  _tag: "TransferMoved",
  block: { number, hash },
  transactionHash: transaction.hash,
  transfer: {
    externalId: ExternalId.make(`${chainId}:${transaction.hash}:native`),
    chainId,
    payer: WalletAddress.make(transaction.from),
    recipient,
    amount: transaction.value,
    paidAt: at
  }
})

/**
 * A chain in memory: blocks with hashes, transactions, and reorganisations that include transactions again in other blocks,
 * later, or never. Everything follows from the calls.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import type { Header, Movement, TransferMoved } from "@dchat/domain/onchain"
import { Bytes32, ExternalId, type Transfer } from "@dchat/domain/subscription"
import { DateTime } from "effect"

export const chainId = ChainId.make(1)

/** Seconds between two blocks. */
export const blockSeconds = 12

const hex = (kind: string, number: number, digits: number) =>
  `0x${kind}${number.toString(16).padStart(digits - kind.length, "0")}`

export const addressOf = (number: number) => WalletAddress.make(hex("a", number, 40))
export const hashOf = (kind: "b" | "c", number: number) => Bytes32.make(hex(kind, number, 64))

/** One movement of money within a transaction. `position` is absent for the value of the transaction, which has no log. */
export type Leg =
  & Pick<Transfer, "token" | "payer" | "recipient" | "amount" | "reference">
  & { readonly position?: number }

export interface Transaction {
  readonly hash: Bytes32
  /** Empty for a transaction that failed. */
  readonly legs: ReadonlyArray<Leg>
}

export interface Block {
  readonly header: Header
  readonly transactions: ReadonlyArray<Transaction>
}

/** One history, from block 0. Blocks are never changed, so a copy of the list is a snapshot. */
export type History = ReadonlyArray<Block>

export const headOf = (history: History): Block => {
  const head = history.at(-1)
  if (head === undefined) throw new Error("a chain has a first block")
  return head
}

/** The movements of a block, with their log indexes in this block. */
export const movementsOf = ({ header, transactions }: Block): ReadonlyArray<TransferMoved> => {
  const { at: paidAt, hash, number } = header
  let logIndex = 0
  return transactions.flatMap(({ hash: transactionHash, legs }) =>
    legs.map(({ position, ...leg }): TransferMoved => ({
      _tag: "TransferMoved",
      block: { number, hash },
      ...(position !== undefined && { logIndex: logIndex++ }),
      transactionHash,
      transfer: {
        ...leg,
        externalId: ExternalId.make(`${chainId}:${transactionHash}:${position ?? "native"}`),
        chainId,
        paidAt
      }
    }))
  )
}

export const isLog = (movement: Movement): boolean => movement.logIndex !== undefined

export class SimulatedChain {
  /** The history that is canonical now. */
  history: History
  /** Transactions that wait for a block. */
  pool: ReadonlyArray<Transaction> = []
  /** The highest block that ever was. */
  highest = 0
  private blocks = 0

  constructor(genesis: DateTime.Utc) {
    this.history = [this.block(undefined, genesis, [])]
  }

  send(transaction: Transaction): void {
    this.pool = [...this.pool, transaction]
  }

  /** Adds a block with the waiting transactions that `arrange` chooses, not before `at`. */
  mine(
    at: DateTime.Utc,
    arrange: (waiting: ReadonlyArray<Transaction>) => ReadonlyArray<Transaction> = (waiting) => waiting
  ): void {
    const taken = arrange(this.pool)
    this.pool = this.pool.filter((it) => !taken.includes(it))
    this.history = this.extended(this.history, at, taken)
    this.highest = Math.max(this.highest, headOf(this.history).header.number)
  }

  /** Takes the last blocks back. Their transactions wait again, apart from those that are `lost`. */
  drop(depth: number, isLost: (transaction: Transaction) => boolean): void {
    const kept = this.history.slice(0, Math.max(1, this.history.length - depth))
    const dropped = this.history.slice(kept.length).flatMap(({ transactions }) => transactions)
    this.history = kept
    this.pool = [...dropped.filter((it) => !isLost(it)), ...this.pool]
  }

  /** Another history, which leaves a history before its last blocks and has as many blocks with other transactions. */
  fork(of: History, depth: number, transactions: ReadonlyArray<Transaction>): History {
    let fork: History = of.slice(0, Math.max(1, of.length - depth))
    while (fork.length < of.length) {
      const isMiddle = fork.length === of.length - Math.ceil(depth / 2)
      fork = this.extended(fork, headOf(fork).header.at, isMiddle ? transactions : [])
    }
    return fork
  }

  private extended(history: History, at: DateTime.Utc, transactions: ReadonlyArray<Transaction>): History {
    const { header } = headOf(history)
    const earliest = DateTime.add(header.at, { seconds: blockSeconds })
    return [...history, this.block(header, DateTime.max(at, earliest), transactions)]
  }

  private block(parent: Header | undefined, at: DateTime.Utc, transactions: ReadonlyArray<Transaction>): Block {
    const number = (parent?.number ?? -1) + 1
    return {
      transactions,
      header: {
        number,
        hash: hashOf("b", this.blocks++),
        parentHash: parent?.hash ?? hashOf("c", 0),
        at,
        mayConcern: transactions.some(({ legs }) => legs.some(({ position }) => position !== undefined))
      }
    }
  }
}

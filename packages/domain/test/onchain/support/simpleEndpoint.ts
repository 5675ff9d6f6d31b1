/**
 * A chain of 100 blocks that never changes, and one endpoint that counts its requests.
 */
import { assert } from "@effect/vitest"
import { Array, DateTime, Effect } from "effect"
import { someChain, someHash32, someTransfer } from "../../../src/contracts/support/chainSteps.ts"
import { noon } from "../../../src/contracts/support/identityFixtures.ts"
import type { ChainEndpoint, Header, Movement, TransferMoved } from "../../../src/onchain/index.ts"
import type { Transfer } from "../../../src/subscription/index.ts"

export const chainId = someChain()

const headers: ReadonlyArray<Header> = Array.makeBy(101, () => someHash32()).map((hash, number, hashes) => ({
  number,
  hash,
  parentHash: hashes[number - 1] ?? someHash32(),
  at: DateTime.add(noon, { seconds: number }),
  mayConcern: true
}))

export const headerAt = (number: number) => headers[number] ?? assert.fail(`block ${number}`)

export const movedIn = (number: number, fields: Partial<Transfer>): TransferMoved => ({
  _tag: "TransferMoved",
  block: { number, hash: headerAt(number).hash },
  logIndex: 0,
  transactionHash: someHash32(),
  transfer: someTransfer(chainId, fields)
})

/** `latest`: the newest block, which the test may change. */
export const endpointOf = (movements: ReadonlyArray<Movement>) => {
  const chain = { latest: 100 }
  const requests = { header: 0, movements: 0, receipts: 0 }
  const inBlocks = (from: number, to: number) =>
    movements.filter(({ block }) => block.number >= from && block.number <= to)
  const count = <A>(kind: keyof typeof requests, answer: () => A) =>
    Effect.sync(() => {
      requests[kind] += 1
      return answer()
    })
  const endpoint: ChainEndpoint = {
    name: "a node",
    head: () => Effect.sync(() => ({ latest: headerAt(chain.latest) })),
    header: (number) => count("header", () => number <= chain.latest ? headerAt(number) : undefined),
    movements: (blocks) =>
      count(
        "movements",
        () => "from" in blocks ? inBlocks(blocks.from, blocks.to) : inBlocks(blocks.number, blocks.number)
      ),
    receipts: ({ number }) => count("receipts", () => inBlocks(number, number)),
    ownerOf: () => Effect.die("not asked"),
    transaction: () => Effect.die("not asked")
  }
  return { chain, endpoint, requests }
}

import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Effect } from "effect"
import { someChain, someHash32, someTransfer } from "../../src/contracts/support/chainSteps.ts"
import { noon, someAddress } from "../../src/contracts/support/identityFixtures.ts"
import type { ChainEndpoint, Header, Movement } from "../../src/onchain/index.ts"
import { readPage } from "../../src/onchain/PageReader.ts"
import { ExternalId } from "../../src/subscription/index.ts"

const chainId = someChain()

const headers: ReadonlyArray<Header> = Array.makeBy(101, () => someHash32()).map((hash, number, hashes) => ({
  number,
  hash,
  parentHash: hashes[number - 1] ?? someHash32(),
  at: DateTime.add(noon, { seconds: number }),
  mayConcern: true
}))

const headerAt = (number: number) => headers[number] ?? assert.fail(`block ${number}`)

const movedIn = (number: number, amount: bigint): Movement => {
  const { hash } = headerAt(number)
  return {
    _tag: "TransferMoved",
    block: { number, hash },
    logIndex: 0,
    transactionHash: someHash32(),
    transfer: someTransfer(chainId, { amount })
  }
}

/** An endpoint that counts its requests. */
const endpointOf = (movements: ReadonlyArray<Movement>) => {
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
    head: () => Effect.die("not asked"),
    header: (number) => count("header", () => headerAt(number)),
    movements: (blocks) =>
      count(
        "movements",
        () => "from" in blocks ? inBlocks(blocks.from, blocks.to) : inBlocks(blocks.number, blocks.number)
      ),
    receipts: ({ number }) => count("receipts", () => inBlocks(number, number)),
    ownerOf: () => Effect.die("not asked"),
    transaction: () => Effect.die("not asked")
  }
  return { endpoint, requests }
}

const wanting = (everyHeader: boolean) => ({
  native: false,
  everyHeader,
  isTooSmall: ({ amount }: { readonly amount: bigint }) => amount < 10n
})

describe("A page of blocks", () => {
  it.effect("leaves out transfers that are too small, counts them, and asks nothing more because of them", () =>
    Effect.gen(function*() {
      const dust = Array.range(1, 100).flatMap((number) => Array.makeBy(50, () => movedIn(number, 9n)))
      const real = movedIn(50, 10n)
      const token: Movement = {
        _tag: "TokenMoved",
        block: { number: 60, hash: headerAt(60).hash },
        transactionHash: someHash32(),
        externalId: ExternalId.make(`${chainId}:${someHash32()}:0`),
        contract: someAddress(),
        tokenId: 0n
      }
      const quiet = endpointOf([real, token])
      const flooded = endpointOf([...dust, real, token])
      const read = (endpoint: ChainEndpoint) => readPage(endpoint, { from: 1, to: 100 }, headerAt(0), wanting(false))
      const page = yield* read(flooded.endpoint)
      assert.deepStrictEqual(page, { last: headerAt(100), movements: [real, token], ignored: 5000 })
      assert.deepStrictEqual(yield* read(quiet.endpoint), { ...page, ignored: 0 })
      assert.deepStrictEqual(flooded.requests, quiet.requests)
    }))

  it.effect("counts each transfer that is too small once when the receipts of the blocks are read, too", () =>
    Effect.gen(function*() {
      const [dust, real] = [movedIn(2, 9n), movedIn(3, 10n)]
      const { endpoint } = endpointOf([dust, real])
      assert.deepStrictEqual(yield* readPage(endpoint, { from: 1, to: 5 }, headerAt(0), wanting(true)), {
        last: headerAt(5),
        movements: [real],
        ignored: 1
      })
    }))
})

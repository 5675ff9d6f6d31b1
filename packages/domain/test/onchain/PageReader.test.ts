import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { someHash32 } from "../../src/contracts/support/chainSteps.ts"
import { someAddress } from "../../src/contracts/support/identityFixtures.ts"
import type { ChainEndpoint, Movement } from "../../src/onchain/index.ts"
import { readPage } from "../../src/onchain/PageReader.ts"
import { ExternalId } from "../../src/subscription/index.ts"
import { chainId, endpointOf, headerAt, movedIn } from "./support/simpleEndpoint.ts"

const wanting = (everyHeader: boolean) => ({
  native: false,
  everyHeader,
  isTooSmall: ({ amount }: { readonly amount: bigint }) => amount < 10n
})

describe("A page of blocks", () => {
  it.effect("leaves out transfers that are too small, counts them, and asks nothing more because of them", () =>
    Effect.gen(function*() {
      const dust = Array.range(1, 100).flatMap((number) => Array.makeBy(50, () => movedIn(number, { amount: 9n })))
      const real = movedIn(50, { amount: 10n })
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
      const [dust, real] = [movedIn(2, { amount: 9n }), movedIn(3, { amount: 10n })]
      const { endpoint } = endpointOf([dust, real])
      assert.deepStrictEqual(yield* readPage(endpoint, { from: 1, to: 5 }, headerAt(0), wanting(true)), {
        last: headerAt(5),
        movements: [real],
        ignored: 1
      })
    }))
})

import { MemoryChainLedger } from "@dchat/adapters/memory"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer, Logger } from "effect"
import { leased, observed, pageOf, someTransfer } from "../../src/contracts/support/chainSteps.ts"
import { ChainLedger, TransferAttribution } from "../../src/onchain/index.ts"
import { makeTransferTelling } from "../../src/onchain/TransferTelling.ts"

describe("Telling the accounts", () => {
  it.effect("reaches every account that can be told, however many cannot", () =>
    Effect.gen(function*() {
      const { commit, untold } = yield* ChainLedger
      const lease = yield* leased
      const { chainId } = lease
      const failing = Array.makeBy(1200, () => observed(someTransfer(chainId, { amount: 1n }), 10, "settled"))
      const last = observed(someTransfer(chainId, { amount: 2n }), 20, "settled")
      yield* commit(lease, pageOf([...failing, last]))
      const told: Array<bigint> = []
      const tell = yield* makeTransferTelling.pipe(
        Effect.provide(
          Layer.mock(TransferAttribution)({
            follow: ({ transfer: { amount } }) =>
              amount === 1n ? Effect.die("the account cannot be read") : Effect.sync(() => {
                told.push(amount)
                return { _tag: "Unmatched", reason: "unknown_sender" } as const
              })
          })
        )
      )
      yield* tell(chainId)
      assert.deepStrictEqual(told, [2n])
      assert.lengthOf(yield* untold(chainId, undefined, 2000), failing.length)
    }).pipe(
      Effect.provide([Layer.fresh(MemoryChainLedger.layer), Logger.layer([])])
    ))
})

import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  type AssetName,
  inspected,
  makePayer,
  order,
  planOf,
  reasons,
  settled,
  submit
} from "../support/chain/Scene.ts"

describe.skipIf(isLeftOut)("Tokens", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    const decimals: ReadonlyArray<readonly [AssetName, number, string, string]> = [
      ["indivisible", 0, "5", "5"],
      ["usdc", 6, "4990000", "4.99"],
      ["dai", 18, "4990000000000000000", "4.99"]
    ]
    for (const [asset, count, amount, text] of decimals) {
      it.effect(`with ${count} decimals pay exactly what was quoted`, () =>
        Effect.gen(function*() {
          const chain = yield* TestChain
          const payer = yield* makePayer
          const asked = yield* order(payer, { asset })
          assert.deepInclude(asked.quote, { amount, amountText: text })
          yield* chain.transfer(chain.contracts[asset as "usdc"], payer.account, asked.to, asked.amount)
          yield* settled
          yield* assertPaid(payer, asked.id)
          assert.isUndefined((yield* planOf(payer)).credit)
        }))
    }

    it.effect("that return nothing from their functions pay, as USDT does", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer, { asset: "usdt" })
        yield* chain.transfer(chain.contracts.usdt, payer.account, to, amount)
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("with the name of an accepted token, and another contract, pay nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.imitation, payer.account, to, amount)
        yield* settled
        yield* assertUnpaid(payer, id)
        assert.deepStrictEqual((yield* submit(payer, id, hash)).json.inspection, {
          state: "misfit",
          reason: "no_transfer"
        })
        assert.deepStrictEqual(yield* reasons(hash), [])
      }))

    it.effect("that are accepted, and not those of the quote, wait with the reason `other_asset`", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdt, payer.account, to, amount)
        yield* settled
        yield* assertUnpaid(payer, id)
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "misfit", reason: "other_asset" })
        assert.deepStrictEqual(yield* reasons(hash), ["other_asset"])
      }))

    it.effect("that keep a fee pay what arrives, which is too little", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer, { asset: "feeToken" })
        const hash = yield* chain.transfer(chain.contracts.feeToken, payer.account, to, amount)
        yield* settled
        yield* assertUnpaid(payer, id)
        assert.deepStrictEqual(yield* reasons(hash), ["too_little"])
        const more = yield* chain.transfer(chain.contracts.feeToken, payer.account, to, amount * 102n / 100n)
        yield* settled
        yield* assertPaid(payer, id)
        assert.deepStrictEqual(yield* reasons(more), [])
      }))
  })
})

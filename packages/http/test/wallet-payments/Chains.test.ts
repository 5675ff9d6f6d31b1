import { ChainId } from "@dchat/domain/identity"
import { ChainLedger, ChainScanner } from "@dchat/domain/onchain"
import { ChainDouble, isLeftOut, TestChain, withAmount } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Endpoints, OtherChain, twoChainHost } from "../support/chain/QuietChainHost.ts"
import { QuietClock } from "../support/chain/QuietClock.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  fund,
  inspected,
  makePayer,
  order,
  paymentOf,
  read,
  scan,
  settled
} from "../support/chain/Scene.ts"

/** The same work on the other chain. */
const there = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.flatMap(OtherChain, (other) => Effect.provideService(work, TestChain, other))

const statusOf = Effect.fnUntraced(function*(chainId: number) {
  const all = yield* (yield* ChainLedger).status
  return all.find((it) => it.chainId === chainId)
})

describe.skipIf(isLeftOut)("Two chains", () => {
  layer(twoChainHost({ timeout: 500 }), { excludeTestServices: true })((it) => {
    it.effect("are two: a transfer on the other chain pays nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const other = yield* OtherChain
        const payer = yield* makePayer
        yield* there(fund(payer.account.address))
        const { amount, id, to } = yield* order(payer)
        assert.strictEqual(chain.contracts.usdc.address, other.contracts.usdc.address)
        const hash = yield* other.transfer(other.contracts.usdc, payer.account, to, amount)
        yield* there(settled)
        yield* settled
        yield* assertUnpaid(payer, id)
        yield* assertWaits(hash, "unknown_quote")
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "unknown" })
      }))

    it.effect("are independent: endpoints that disagree halt one, and the other goes on", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const other = yield* OtherChain
        const [liar = assert.fail("no endpoint")] = yield* Endpoints
        const [here, elsewhere] = [yield* makePayer, yield* makePayer]
        yield* there(fund(elsewhere.account.address))
        const one = yield* order(here)
        const two = yield* there(order(elsewhere))
        yield* chain.transfer(chain.contracts.usdc, here.account, one.to, one.amount)
        yield* other.transfer(other.contracts.usdc, elsewhere.account, two.to, two.amount)
        yield* chain.mine(3)
        yield* Effect.scoped(Effect.gen(function*() {
          yield* liar.faults.during({ _tag: "AlterLogs", alter: withAmount(9_990_000n) })
          assert.strictEqual((yield* scan)._tag, "failed")
          yield* there(settled)
          yield* there(assertPaid(elsewhere, two.id))
          assert.notStrictEqual((yield* paymentOf(here, one.id)).state, "settled")
          assert.match((yield* statusOf(chain.chainId))?.halted ?? "", /disagrees with/)
          assert.isUndefined((yield* statusOf(other.chainId))?.halted)
        }))
        yield* read
        yield* assertPaid(here, one.id)
        assert.isUndefined((yield* statusOf(chain.chainId))?.halted)
      }))

    it.effect("of which one is read by an endpoint on a fork halt, whichever endpoint is on the fork", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const endpoints = yield* Endpoints
        const clock = yield* QuietClock
        const fork = yield* ChainDouble.start({ mining: "on-demand", genesis: Math.floor(clock.now() / 1000) - 9000 })
        const payer = yield* makePayer
        yield* read
        const { number } = yield* chain.head
        const { amount, id, to } = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* chain.mine(3)
        yield* fork.mine(Number(number) + 3)
        for (const forked of endpoints) {
          yield* Effect.scoped(Effect.gen(function*() {
            yield* forked.faults.during({ _tag: "Route", nodes: [fork.url] })
            assert.strictEqual((yield* scan)._tag, "failed")
            assert.notStrictEqual((yield* paymentOf(payer, id)).state, "settled")
            assert.isString((yield* statusOf(chain.chainId))?.halted)
          }))
        }
        yield* read
        yield* assertPaid(payer, id)
      }).pipe(Effect.scoped))

    it.effect("have an unknown third one, which is not read", () =>
      Effect.gen(function*() {
        const outcome = yield* (yield* ChainScanner).scan(ChainId.make(99))
        assert.deepStrictEqual(outcome, { _tag: "held", changes: 0 })
      }))
  })
})

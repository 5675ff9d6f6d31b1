import { ChainLedger } from "@dchat/domain/onchain"
import { isLeftOut, rangeRefusals, type RpcFault, TestChain, withAmount } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Endpoints, witnessedChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  makePayer,
  makeStranger,
  order,
  type Payer,
  paymentOf,
  planOf,
  read,
  scan
} from "../support/chain/Scene.ts"

const halted = Effect.flatMap(ChainLedger, ({ status }) => Effect.map(status, ([chain]) => chain?.halted))

/** An order whose transfer is deep enough to be settled, and unread. */
const paid = Effect.fnUntraced(function*(less = 0n) {
  const chain = yield* TestChain
  const payer = yield* makePayer
  yield* read
  const { amount, id, to } = yield* order(payer)
  const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount - less)
  yield* chain.mine(3)
  return { hash, id, payer }
})

const isSettled = ({ id, payer }: { readonly id: string; readonly payer: Payer }) =>
  Effect.map(paymentOf(payer, id), ({ state }) => state === "settled")

describe.skipIf(isLeftOut)("Two endpoints", () => {
  layer(witnessedChainHost({ timeout: 400 }), { excludeTestServices: true })((it) => {
    const [first, second] = [0, 1] as const
    const faulty = (index: 0 | 1, fault: RpcFault) =>
      Effect.flatMap(Endpoints, (endpoints) => endpoints[index]?.faults.during(fault) ?? Effect.die("no endpoint"))

    const absent: ReadonlyArray<readonly [string, RpcFault]> = [
      ["is down", { _tag: "Drop" }],
      ["answers the page of a gateway", { _tag: "Answer", status: 502, body: "<html>Bad gateway</html>" }],
      ["is too slow", { _tag: "Slow", milliseconds: 1000 }],
      ["limits requests", { _tag: "RateLimit", retryAfterSeconds: 60 }],
      ["never answers", { _tag: "Hang" }],
      ["answers errors", { _tag: "Fail", error: { code: -32_603, message: "internal error" } }]
    ]
    for (const [name, fault] of absent) {
      for (const index of [first, second] as const) {
        it.effect(`of which the ${index === 0 ? "first" : "second"} ${name} give access and settle nothing`, () =>
          Effect.gen(function*() {
            const { id, payer } = yield* paid()
            yield* Effect.scoped(Effect.gen(function*() {
              yield* faulty(index, fault)
              assert.strictEqual((yield* scan)._tag, "failed")
              assert.deepInclude(yield* paymentOf(payer, id), { state: "confirming", provisional: true })
              assert.strictEqual((yield* planOf(payer)).tier, "PRO")
            }))
            yield* read
            yield* assertPaid(payer, id)
          }))
      }
    }

    for (const [name, refusal] of Object.entries(rangeRefusals)) {
      it.effect(`that refuse ranges (${name}) are read in smaller ranges`, () =>
        Effect.gen(function*() {
          const chain = yield* TestChain
          const { id, payer } = yield* paid()
          yield* chain.mine(20)
          yield* faulty(first, { _tag: "RefuseRanges", blocks: 2, refusal })
          yield* faulty(second, { _tag: "RefuseRanges", blocks: 3, refusal })
          yield* read
          yield* assertPaid(payer, id)
        }).pipe(Effect.scoped))
    }

    it.effect("of which one is behind settle what both have", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const one = yield* paid()
        yield* faulty(first, { _tag: "Lag", blocks: 2 })
        yield* read
        assert.isFalse(yield* isSettled(one))
        yield* chain.mine(2)
        yield* read
        yield* assertPaid(one.payer, one.id)
      }).pipe(Effect.scoped))

    it.effect("of which one has deleted the blocks settle nothing until the other ones agree", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const one = yield* paid()
        const { number } = yield* chain.head
        yield* Effect.scoped(Effect.gen(function*() {
          yield* faulty(second, { _tag: "Prune", before: Number(number) })
          assert.strictEqual((yield* scan)._tag, "failed")
          assert.isFalse(yield* isSettled(one))
        }))
        yield* read
        yield* assertPaid(one.payer, one.id)
      }))

    it.effect("of which one leaves out all logs settle by the receipts", () =>
      Effect.gen(function*() {
        const one = yield* paid()
        yield* faulty(first, { _tag: "NoLogs" })
        yield* read
        yield* assertPaid(one.payer, one.id)
      }).pipe(Effect.scoped))

    for (const index of [first, second] as const) {
      it.effect(`of which the ${index === 0 ? "first" : "second"} lies about an amount settle nothing, and say so`, () =>
        Effect.gen(function*() {
          const { hash, id, payer } = yield* paid(1n)
          yield* Effect.scoped(Effect.gen(function*() {
            yield* faulty(index, { _tag: "AlterLogs", alter: withAmount(4_990_000n) })
            assert.strictEqual((yield* scan)._tag, "failed")
            assert.notStrictEqual((yield* paymentOf(payer, id)).state, "settled")
            assert.include(yield* halted, "disagrees with")
          }))
          yield* read
          assert.isUndefined(yield* halted)
          yield* assertUnpaid(payer, id)
          yield* assertWaits(hash, "too_little")
        }))

      it.effect(`of which the ${index === 0 ? "first" : "second"} lies about the sender settle nothing, and say so`, () =>
        Effect.gen(function*() {
          const chain = yield* TestChain
          const thief = yield* makePayer
          const stolen = yield* order(thief)
          const { id, payer } = yield* paid()
          const sender = `0x${thief.account.address.slice(2).toLowerCase().padStart(64, "0")}` as const
          yield* Effect.scoped(Effect.gen(function*() {
            yield* faulty(index, {
              _tag: "AlterLogs",
              alter: (log) => ({ ...log, topics: [log.topics[0], sender, log.topics[2]] as never })
            })
            assert.strictEqual((yield* scan)._tag, "failed")
            assert.notStrictEqual((yield* paymentOf(thief, stolen.id)).state, "settled")
            assert.include(yield* halted, "disagrees with")
          }))
          yield* read
          yield* assertPaid(payer, id)
          yield* chain.mine(1)
          yield* read
          yield* assertUnpaid(thief, stolen.id)
        }))
    }
  })
})

describe.skipIf(isLeftOut)("One endpoint", () => {
  layer(witnessedChainHost({ timeout: 400, count: 1 }), { excludeTestServices: true })((it) => {
    const faulty = (fault: RpcFault) =>
      Effect.flatMap(Endpoints, ([endpoint]) => endpoint?.faults.during(fault) ?? Effect.die("no endpoint"))

    it.effect("that leaves out all logs is read by the receipts", () =>
      Effect.gen(function*() {
        const { id, payer } = yield* paid()
        yield* faulty({ _tag: "NoLogs" })
        yield* read
        yield* assertPaid(payer, id)
      }).pipe(Effect.scoped))

    it.effect("that leaves out some logs is read by the receipts", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        yield* read
        const payers = [yield* makePayer, yield* makePayer, yield* makePayer]
        const orders = []
        for (const payer of payers) {
          const { amount, id, to } = yield* order(payer)
          yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
          orders.push({ id, payer })
        }
        yield* chain.mine(3)
        yield* faulty({ _tag: "TruncateLogs", limit: 1 })
        yield* read
        for (const { id, payer } of orders) yield* assertPaid(payer, id)
      }).pipe(Effect.scoped))

    it.effect("that sends each request to another node, of which one is down, loses nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [endpoint = assert.fail("no endpoint")] = yield* Endpoints
        const { id, payer } = yield* paid()
        yield* faulty({ _tag: "Route", nodes: [chain.url, "http://127.0.0.1:9"] })
        yield* Effect.repeat(scan, { times: 3 })
        yield* endpoint.faults.clear
        yield* read
        yield* assertPaid(payer, id)
      }).pipe(Effect.scoped))

    it.effect("that lied about an amount gives no access once it tells the truth", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        yield* read
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount - 1n)
        yield* chain.mine(1)
        yield* Effect.scoped(Effect.gen(function*() {
          yield* faulty({ _tag: "AlterLogs", alter: withAmount(amount) })
          yield* read
          assert.strictEqual((yield* planOf(payer)).tier, "PRO")
        }))
        yield* chain.mine(2)
        yield* read
        yield* assertUnpaid(payer, id)
        yield* assertWaits(hash, "too_little")
      }))

    it.effect("that lied about the sender of a transfer is corrected, and the transfer pays for its user", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const stranger = yield* makeStranger
        yield* read
        const { amount, id, to } = yield* order(payer)
        const topic = (address: string) => `0x${address.slice(2).toLowerCase().padStart(64, "0")}` as const
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* chain.mine(1)
        yield* Effect.scoped(Effect.gen(function*() {
          yield* faulty({
            _tag: "AlterLogs",
            alter: (log) => ({ ...log, topics: [log.topics[0], topic(stranger.address), log.topics[2]] as never })
          })
          yield* read
          yield* assertWaits(hash, "unknown_sender")
          yield* assertUnpaid(payer, id)
        }))
        yield* chain.mine(2)
        yield* read
        yield* assertPaid(payer, id)
        yield* assertWaits(hash)
      }))
  })
})

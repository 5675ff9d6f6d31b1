/**
 * The contract of the port that stores what was read from the chains.
 */
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer } from "effect"
import { ChainLedger, type Observation, type StoredTransfer, type Verdict } from "../onchain/index.ts"
import { PaymentId } from "../subscription/index.ts"
import { chainInboxContract } from "./ChainInbox.contract.ts"
import { chainTokensContract } from "./ChainTokens.contract.ts"
import { exposureContract } from "./Exposure.contract.ts"
import { newId } from "./support/billingSteps.ts"
import {
  blockOf,
  judged,
  leased,
  observed,
  pageOf,
  someChain,
  someTransfer,
  stored,
  unmatched
} from "./support/chainSteps.ts"
import { noon, someAddress } from "./support/identityFixtures.ts"

const idOf = ({ moved }: Observation) => moved.transfer.externalId

const someExternalId = () => someTransfer(someChain()).externalId

export const chainLedgerContract = <E>(name: string, subject: Layer.Layer<ChainLedger, E>): void => {
  layer(subject, { excludeTestServices: true })(name, (it) => {
    it.effect("lets one host read a chain, and another host after the lease has expired", () =>
      Effect.gen(function*() {
        const { lease } = yield* ChainLedger
        const chain = someChain()
        const first = yield* lease(chain, "one", 60)
        assert.isDefined(first)
        assert.isUndefined(yield* lease(chain, "other", 60))
        assert.isDefined(yield* lease(someChain(), "other", 60), "another chain")
        const again = yield* lease(chain, "one", 0)
        const taken = yield* lease(chain, "other", 60)
        const tokens = [first, again, taken].map((it) => it?.token ?? assert.fail("no lease"))
        assert.deepStrictEqual(tokens, tokens.toSorted((one, other) => one - other))
        assert.strictEqual(new Set(tokens).size, 3)
        assert.isUndefined(yield* lease(chain, "one", 60))
      }))

    it.effect("gives the lease of a new chain to one of many hosts", () =>
      Effect.gen(function*() {
        const { lease } = yield* ChainLedger
        const chain = someChain()
        const leases = yield* Effect.forEach(Array.range(1, 20), (host) => lease(chain, `host ${host}`, 60), {
          concurrency: "unbounded"
        })
        assert.lengthOf(leases.filter((it) => it !== undefined), 1)
      }))

    it.effect("stores nothing of a host whose lease is worthless", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const before = yield* leased
        const { chainId } = before
        const now = yield* ledger.lease(chainId, "a host", 60)
        const transfer = someTransfer(chainId)
        const page = pageOf([observed(transfer, 90, "settled")], {
          tokens: [{ contract: someAddress(), tokenId: 1n, owner: someAddress() }],
          ignored: 4
        })
        assert.isFalse(yield* ledger.commit(before, page))
        yield* ledger.halt(before, "nobody should read this")
        assert.deepStrictEqual(yield* ledger.track(chainId, "settled"), { anchors: [] })
        assert.isUndefined(yield* ledger.transfer(transfer.externalId))
        const [token = assert.fail()] = page.tokens
        assert.isUndefined(yield* ledger.token(chainId, token.contract, token.tokenId))
        assert.deepInclude((yield* ledger.status).find((it) => it.chainId === chainId), {
          settledTo: undefined,
          readAt: undefined,
          halted: undefined,
          ignored: 0
        })
        assert.isTrue(yield* ledger.commit(now ?? assert.fail("no lease"), page))
        assert.deepStrictEqual(yield* ledger.track(chainId, "settled"), page.state)
      }))

    it.effect("returns the tracks and the state of a chain as they were stored", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const statusNow = Effect.map(ledger.status, (all) => all.find((it) => it.chainId === chainId))
        const settled = { anchors: [blockOf(90), blockOf(100)] }
        const tip = { anchors: [blockOf(100), blockOf(107)] }
        yield* ledger.commit(lease, pageOf([], { state: settled, ignored: 3 }))
        yield* ledger.commit(
          lease,
          pageOf([], { state: tip, track: "tip", ignored: 5, at: DateTime.add(noon, { minutes: 1 }) })
        )
        assert.deepStrictEqual(yield* ledger.track(chainId, "settled"), settled)
        assert.deepStrictEqual(yield* ledger.track(chainId, "tip"), tip)
        yield* ledger.halt(lease, "two endpoints disagree")
        const status = {
          chainId,
          settledTo: 100,
          tipTo: 107,
          readAt: DateTime.add(noon, { minutes: 1 }),
          halted: "two endpoints disagree",
          ignored: 3
        }
        assert.deepStrictEqual(yield* statusNow, status)
        yield* ledger.halt(lease, undefined)
        assert.deepStrictEqual(yield* statusNow, { ...status, halted: undefined })
      }))

    it.effect("returns each transfer exactly as it was stored, found by its id and by its block", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const { reference: _, token: _token, ...bare } = someTransfer(chainId, { amount: 0n })
        const late = observed(someTransfer(chainId), 12, "included")
        const early = observed(bare, 10, "settled")
        const gone = observed(someTransfer(chainId), 11, "dropped")
        yield* ledger.commit(lease, pageOf([late, early, gone]))
        yield* stored([observed(someTransfer(someChain()), 11, "settled")])
        const kept = (observation: Observation): StoredTransfer => ({
          ...observation,
          verdict: { _tag: "Unjudged" },
          revision: 1,
          seenAt: noon
        })
        assert.deepStrictEqual(yield* ledger.transfer(late.moved.transfer.externalId), kept(late))
        assert.deepStrictEqual(yield* ledger.transfersIn(chainId, { from: 10, to: 12 }), [early, gone, late].map(kept))
        assert.deepStrictEqual(yield* ledger.transfersIn(chainId, { from: 11, to: 11 }), [kept(gone)])
        assert.isUndefined(yield* ledger.transfer(someExternalId()))
      }))

    it.effect("moves a transfer that is stored again to its new block and stage, and keeps the rest", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const transfer = someTransfer(chainId)
        const [before, after] = [observed(transfer, 10, "included"), observed(transfer, 14, "settled")]
        yield* ledger.commit(lease, pageOf([before]))
        const verdict: Verdict = { _tag: "Paid", paymentId: PaymentId.make(newId()), assigned: true }
        yield* judged(transfer.externalId, verdict)
        yield* ledger.commit(lease, pageOf([before, after], { at: DateTime.add(noon, { minutes: 1 }) }))
        const [found, ...others] = yield* ledger.transfersIn(chainId, { from: 0, to: 20 })
        assert.lengthOf(others, 0)
        assert.deepStrictEqual(found, { ...after, verdict, revision: found?.revision ?? 0, seenAt: noon })
        assert.isAbove(found?.revision ?? 0, 2)
      }))

    it.effect("lists the transfers that changed since they were judged: dropped ones first, then by block", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const [late, early] = [
          observed(someTransfer(chainId), 12, "settled"),
          observed(someTransfer(chainId), 10, "settled")
        ]
        const [gone, later] = [
          observed(someTransfer(chainId), 13, "dropped"),
          observed(someTransfer(chainId), 14, "dropped")
        ]
        yield* ledger.commit(lease, pageOf([late, later, early, gone]))
        const untold = (limit: number) => Effect.map(ledger.untold(chainId, undefined, limit), (all) => all.map(idOf))
        const ids = [gone, later, early, late].map(idOf)
        assert.deepStrictEqual(yield* untold(10), ids)
        assert.deepStrictEqual(yield* untold(3), ids.slice(0, 3))
        for (const [index, last] of (yield* ledger.untold(chainId, undefined, 10)).entries()) {
          const next = yield* ledger.untold(chainId, last, 2)
          assert.deepStrictEqual(next.map(idOf), ids.slice(index + 1, index + 3))
        }
        for (const id of ids) yield* judged(id, unmatched)
        assert.deepStrictEqual(yield* untold(10), [])
        yield* ledger.commit(lease, pageOf([late]))
        assert.deepStrictEqual(yield* untold(10), [idOf(late)])
        assert.deepStrictEqual(yield* ledger.untold(someChain(), undefined, 10), [])
      }))

    it.effect("records no verdict about a transfer that has changed meanwhile", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const transfer = someTransfer(someChain())
        const { externalId } = transfer
        const lease = yield* stored([observed(transfer, 10, "included")])
        const seen = (yield* ledger.transfer(externalId)) ?? assert.fail("not stored")
        yield* ledger.commit(lease, pageOf([observed(transfer, 10, "settled")]))
        assert.isFalse(yield* ledger.judge(externalId, seen.revision, unmatched))
        const now = (yield* ledger.transfer(externalId)) ?? assert.fail("not stored")
        assert.deepInclude(now, { stage: "settled", verdict: { _tag: "Unjudged" } })
        assert.isTrue(yield* ledger.judge(externalId, now.revision, unmatched))
        assert.isFalse(yield* ledger.judge(externalId, now.revision, unmatched), "the verdict is a change")
        assert.isFalse(yield* ledger.judge(someExternalId(), 1, unmatched))
      }))

    it.effect("records one of many verdicts that are given at the same time", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const { externalId, ...transfer } = someTransfer(someChain())
        yield* stored([observed({ ...transfer, externalId }, 10, "settled")])
        const { revision } = (yield* ledger.transfer(externalId)) ?? assert.fail("not stored")
        const verdicts = Array.makeBy(
          20,
          (index): Verdict => ({ _tag: "SentBack", note: `note ${index}`, reason: "unknown_sender" })
        )
        const recorded = yield* Effect.forEach(verdicts, (verdict) => ledger.judge(externalId, revision, verdict), {
          concurrency: "unbounded"
        })
        assert.lengthOf(recorded.filter(Boolean), 1)
        const { verdict } = (yield* ledger.transfer(externalId)) ?? assert.fail("not stored")
        assert.deepStrictEqual(verdict, verdicts[recorded.indexOf(true)])
      }))

    it.effect("finds the settled transfers that are not final, the earliest blocks first", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const at = (number: number, stage: "settled" | "final" | "provisional") =>
          observed(someTransfer(chainId), number, stage)
        const settled = [at(12, "settled"), at(10, "settled"), at(11, "settled"), at(20, "settled")]
        yield* ledger.commit(lease, pageOf([...settled, at(9, "final"), at(11, "provisional")]))
        const numbers = (to: number, limit: number) =>
          Effect.map(ledger.unsettledBelow(chainId, to, limit), (all) => all.map(({ moved }) => moved.block.number))
        assert.deepStrictEqual(yield* numbers(19, 10), [10, 11, 12])
        assert.deepStrictEqual(yield* numbers(20, 2), [10, 11])
      }))
  })
  chainInboxContract(name, subject)
  chainTokensContract(name, subject)
  exposureContract(name, subject)
}

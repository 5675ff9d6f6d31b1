import { isLeftOut } from "@dchat/doubles/chain"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type Hex, parseTransaction } from "viem"
import { authorized, before, type ChargedInstallation, install, price } from "./support/ChargedInstallation.ts"

const timeout = 60_000

const hexOf = (text: string): Hex => `0x${text.slice(2)}`

const sending = { methods: ["eth_sendRawTransaction"] }

/** Ready to be charged. */
const due = Effect.gen(function*() {
  const installation = yield* install
  yield* authorized(installation)
  yield* installation.goTo(before({ days: 1 }))
  return installation
})

const assertChargedOnce = Effect.fnUntraced(
  function*({ balanceOf, recipient, sent, subscription, transactions }: ChargedInstallation) {
    assert.strictEqual(yield* balanceOf(recipient), price)
    assert.strictEqual(yield* sent, 1)
    const [only, ...others] = yield* transactions
    assert.deepStrictEqual([only?.state, others], ["succeeded", []])
    assert.strictEqual(
      DateTime.formatIso((yield* subscription).paidThrough ?? assert.fail()).slice(0, 10),
      "2027-03-31"
    )
  }
)

/** The host dies while it waits for the answer of this request. */
const killedAt = Effect.fnUntraced(function*({ charging, proxy }: ChargedInstallation, method: string) {
  const fiber = yield* Effect.forkChild(charging.sweep)
  yield* proxy.requests.next(method)
  yield* Fiber.interrupt(fiber)
})

describe.skipIf(isLeftOut)("A charge with an unknown outcome", { timeout }, () => {
  it.effect("is sent again with the same bytes, and happens once, if the node took it without an answer", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { charging, proxy, settle, transactions } = installation
      yield* proxy.faults.add({ _tag: "Swallow" }, { ...sending, times: 1 })
      yield* charging.sweep
      const [first] = yield* transactions
      yield* charging.sweep
      yield* settle
      assert.deepStrictEqual((yield* transactions)[0]?.signed, first?.signed)
      yield* assertChargedOnce(installation)
    }))

  it.effect("is sent again with the same bytes if the node never got it", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { charging, proxy, settle, transactions } = installation
      yield* proxy.faults.add({ _tag: "Drop" }, { ...sending, times: 1 })
      yield* charging.sweep
      const [first] = yield* transactions
      assert.strictEqual(first?.state, "open")
      yield* charging.sweep
      yield* settle
      assert.deepStrictEqual((yield* transactions)[0]?.signed, first?.signed)
      yield* assertChargedOnce(installation)
    }))

  it.effect("is sent by another host if its host dies between the journal and the node", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { newHost, proxy, settle } = installation
      yield* proxy.faults.add({ _tag: "Hang" }, { ...sending, times: 1 })
      yield* killedAt(installation, "eth_sendRawTransaction")
      const other = yield* newHost
      yield* other.charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("is not sent twice if its host dies between the node and the answer", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { goTo, newHost, proxy, settle } = installation
      yield* proxy.faults.add({ _tag: "Swallow" }, { ...sending, times: 1 })
      yield* killedAt(installation, "eth_sendRawTransaction")
      const other = yield* newHost
      yield* goTo(before({ hours: 22 }))
      yield* other.charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("does not exist if its host dies before the journal", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { goTo, newHost, proxy, settle, transactions } = installation
      yield* proxy.faults.add({ _tag: "Hang" }, { methods: ["eth_estimateGas"], times: 1 })
      yield* killedAt(installation, "eth_estimateGas")
      assert.deepStrictEqual(yield* transactions, [])
      const other = yield* newHost
      yield* goTo(before({ hours: 22 }))
      yield* other.charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("happens once if two hosts sweep at the same time", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { charging, newHost, settle } = installation
      const other = yield* newHost
      yield* Effect.all([charging.sweep, other.charging.sweep, charging.sweep, other.charging.sweep], {
        concurrency: "unbounded"
      })
      yield* settle
      yield* other.charging.sweep
      yield* assertChargedOnce(installation)
    }))
})

describe.skipIf(isLeftOut)("A charge that waits for a block", { timeout }, () => {
  it.effect("is replaced with higher fees and the same nonce, and happens once", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { charging, settle, transactions } = installation
      yield* charging.sweep
      yield* TestClock.adjust("6 minutes")
      yield* charging.sweep
      yield* charging.sweep
      const signed = (yield* transactions)[0]?.signed ?? assert.fail("nothing was sent")
      const [first, second, ...more] = signed.map(({ raw }) => parseTransaction(hexOf(raw)))
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual([second?.nonce, second?.to, second?.data], [first?.nonce, first?.to, first?.data])
      const fees = [first?.maxFeePerGas ?? 0n, first?.maxPriorityFeePerGas ?? 0n]
      assert.isAbove(Number(second?.maxFeePerGas), Number(fees[0]) * 1.1)
      assert.isAbove(Number(second?.maxPriorityFeePerGas), Number(fees[1]) * 1.1)
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("returns after a reorganisation", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { balanceOf, charging, double, mine, recipient, settle } = installation
      yield* charging.sweep
      yield* mine()
      assert.strictEqual(yield* balanceOf(recipient), price)
      yield* double.reorg(1)
      assert.strictEqual(yield* balanceOf(recipient), 0n)
      yield* charging.sweep
      yield* settle
      yield* assertChargedOnce(installation)
    }))

  it.effect("and fails in the block is charged again hours later, if the period still runs", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { balanceOf, charging, double, goTo, payer, recipient, sent, settle, transactions } = installation
      const { usdc } = double.contracts
      const elsewhere = double.accounts[5]?.address ?? assert.fail("no account")
      // The wallet is emptied in the same block, before the charge.
      const all = yield* balanceOf(payer.address)
      yield* charging.sweep
      const { hash, raw } = (yield* transactions)[0]?.signed[0] ?? assert.fail("nothing was sent")
      yield* Effect.promise(() => double.client.dropTransaction({ hash: hexOf(hash) }))
      yield* double.transfer(usdc, payer, elsewhere, all)
      yield* double.sendRaw(hexOf(raw))
      yield* settle
      assert.deepStrictEqual((yield* transactions).map(({ state }) => state), ["failed"])
      yield* double.mint(usdc, payer.address, price)
      yield* goTo(before({ hours: 22 }))
      yield* charging.sweep
      assert.strictEqual(yield* sent, 1)
      yield* goTo(before({ hours: 17 }))
      yield* charging.sweep
      yield* settle
      assert.deepStrictEqual((yield* transactions).map(({ nonce, state }) => [nonce, state]), [
        [1, "succeeded"],
        [0, "failed"]
      ])
      assert.strictEqual(yield* balanceOf(recipient), price)
    }))

  it.effect("and whose nonce a foreign transaction has used is charged again", () =>
    Effect.gen(function*() {
      const installation = yield* due
      const { balanceOf, charging, double, goTo, mine, operator, proxy, recipient, settle, transactions } = installation
      yield* proxy.faults.add({ _tag: "Drop" }, sending)
      yield* charging.sweep
      yield* double.transferNative(operator, operator.address, 1n)
      yield* mine(4)
      yield* proxy.faults.clear
      yield* charging.sweep
      assert.deepStrictEqual((yield* transactions).map(({ state }) => state), ["superseded"])
      yield* goTo(before({ hours: 17 }))
      yield* charging.sweep
      yield* settle
      assert.deepStrictEqual((yield* transactions).map(({ nonce, state }) => [nonce, state]), [
        [1, "succeeded"],
        [0, "superseded"]
      ])
      assert.strictEqual(yield* balanceOf(recipient), price)
    }))
})

describe.skipIf(isLeftOut)("A charge in a block that is not final", { timeout }, () => {
  it.effect("is looked at every two minutes, because each look costs requests", () =>
    Effect.gen(function*() {
      const { charging, mine, proxy, transactions } = yield* due
      yield* charging.sweep
      yield* mine()
      yield* charging.sweep
      yield* proxy.requests.reset
      yield* charging.sweep
      yield* charging.sweep
      assert.deepStrictEqual(yield* proxy.requests.counts, {})
      yield* TestClock.adjust("2 minutes")
      yield* charging.sweep
      assert.isAbove(yield* proxy.requests.count("eth_getTransactionReceipt"), 0)
      yield* mine(3)
      yield* TestClock.adjust("2 minutes")
      yield* charging.sweep
      assert.deepStrictEqual((yield* transactions).map(({ state }) => state), ["succeeded"])
    }))
})

import { EvmEndpoint } from "@dchat/adapters/viem"
import { ChainId } from "@dchat/domain/identity"
import type { NodeFault } from "@dchat/domain/onchain"
import { isLeftOut, type RpcFault, RpcProxy, TestChain, withAmount } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { encodeFunctionData, numberToHex, type RpcLog } from "viem"
import { chainOf, install, newAccount, secret, transfersOf } from "./support/Payments.ts"

/** Two payments in two blocks, and one in a third block that is read alone. */
const setUp = Effect.gen(function*() {
  const double = yield* TestChain
  const { usdc } = double.contracts
  const installed = yield* install(double)
  const { ann, proxy, recipient } = installed
  yield* double.mint(usdc, ann.address, 9n)
  const pay = Effect.flatMap(double.transfer(usdc, ann, recipient, 3n), double.include)
  yield* pay
  const { blockNumber } = yield* pay
  const header = yield* installed.headerOf(Number(blockNumber))
  return {
    ...installed,
    header,
    add: (fault: RpcFault, ...methods: Array<string>) =>
      proxy.faults.add(fault, methods.length === 0 ? {} : { methods })
  }
})

const detailOf = (effect: Effect.Effect<unknown, NodeFault>) =>
  Effect.map(Effect.flip(effect), (fault) => {
    assert.notInclude(`${fault.message}${String(fault)}${JSON.stringify(fault)}${fault.stack}`, secret)
    assert.match(fault.endpoint, /^127\.0\.0\.1:\d+$/)
    return fault.detail
  })

describe.skipIf(isLeftOut)("An endpoint", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("is at fault", (it) => {
    it.effect.each<readonly [what: string, fault: RpcFault, methods: ReadonlyArray<string>, detail: string]>([
      ["refuses the range", { _tag: "RefuseRanges", blocks: 1 }, [], "eth_getLogs: error -32005"],
      ["limits the rate", { _tag: "RateLimit" }, ["eth_getLogs"], "eth_getLogs: error -32005"],
      [
        "answers with a page",
        { _tag: "Answer", status: 502, body: "<h1>hunter2</h1>" },
        [],
        "eth_getLogs: HTTP status 502"
      ],
      ["answers with no JSON", { _tag: "Answer", status: 200, body: "hunter2" }, [], "eth_getLogs: no answer"],
      ["drops the connection", { _tag: "Drop" }, ["eth_getLogs"], "eth_getLogs: no answer"],
      ["never answers", { _tag: "Hang" }, ["eth_getLogs"], "eth_getLogs: no answer in time"],
      [
        "answers an error that names the URL",
        { _tag: "Fail", error: { code: -32000, message: "https://rpc.example/hunter2 failed" } },
        ["eth_getLogs"],
        "eth_getLogs: error -32000"
      ],
      [
        "alters an amount in the index of logs",
        { _tag: "AlterLogs", alter: withAmount(1_000_000n) },
        ["eth_getLogs"],
        "a log is not in its receipt"
      ],
      [
        "alters an amount in receipts",
        { _tag: "AlterLogs", alter: withAmount(1_000_000n) },
        ["eth_getTransactionReceipt"],
        "a log is not in its receipt"
      ],
      ["has no receipts", { _tag: "Answer", status: 200, body: `{"jsonrpc":"2.0","id":1,"result":null}` }, [
        "eth_getTransactionReceipt"
      ], "a receipt is missing"],
      ...([
        ["another contract", { address: "0x00000000000000000000000000000000000000ff" }, "a log that was not asked for"],
        ["another block", { blockNumber: "0x1" }, "a log of another block"],
        ["no block", { blockNumber: null }, "an answer of another form"],
        ["a number as text", { logIndex: "1" }, "an answer of another form"],
        ["a short topic", { topics: ["0x12"] }, "an answer of another form"],
        ["odd data", { data: "0x123" }, "an answer of another form"]
      ] as const).map(([what, change, detail]) =>
        [
          `answers a log of ${what}`,
          { _tag: "AlterLogs", alter: (log: RpcLog) => ({ ...log, ...change }) as never },
          ["eth_getLogs"],
          `eth_getLogs: ${detail}`
        ] as const
      )
    ])("if it %s", ([, fault, methods, detail]) =>
      Effect.gen(function*() {
        const { add, movements } = yield* setUp
        yield* add(fault, ...methods)
        assert.strictEqual(yield* detailOf(movements()), detail)
      }))

    it.effect("if it serves another chain, and says so before it is asked anything", () =>
      Effect.gen(function*() {
        const double = yield* TestChain
        const proxy = yield* RpcProxy.start({ url: double.url })
        const chain = { ...chainOf(double, newAccount().address), chainId: ChainId.make(1) }
        const endpoint = EvmEndpoint.make(chain, `${proxy.url}/${secret}`)
        assert.strictEqual(yield* detailOf(endpoint.header(1)), "eth_getBlockByNumber: serves another chain")
        assert.deepStrictEqual(yield* proxy.requests.counts, { eth_chainId: 1 })
      }))

    it.effect("if it lacks a log of a transaction in a range, and not in a single block", () =>
      Effect.gen(function*() {
        const { ann, bob, double, endpoint, movements, proxy, recipient } = yield* Effect.flatMap(TestChain, install)
        const { usdc } = double.contracts
        const wallet = yield* double.deploySmartWallet(ann.address)
        yield* double.mint(usdc, wallet.address, 9n)
        const transfer = encodeFunctionData({ abi: usdc.abi, functionName: "transfer", args: [recipient, 2n] })
        const callData = encodeFunctionData({
          abi: wallet.abi,
          functionName: "executeBatch",
          args: [[usdc.address, usdc.address], [transfer, transfer]]
        })
        const { blockNumber } = yield* Effect.flatMap(
          double.bundle(bob, [{ sender: wallet.address, callData }]),
          double.include
        )
        yield* proxy.faults.add({ _tag: "TruncateLogs", limit: 1 })
        assert.strictEqual(yield* detailOf(movements()), "eth_getLogs: left out a log")
        const number = Number(blockNumber)
        const found = yield* endpoint.movements({ from: number, to: number }, { native: false })
        assert.deepStrictEqual(transfersOf(found).map(({ amount }) => amount), [2n, 2n])
      }))

    it.effect("if it has no block of the hash that it gave before", () =>
      Effect.gen(function*() {
        const { endpoint, header } = yield* setUp
        const other = { ...header, hash: numberToHex(1, { size: 32 }) as typeof header.hash }
        assert.match(yield* detailOf(endpoint.movements(other, { native: false })), /^eth_getLogs: (?:error|no answer)/)
        assert.strictEqual(yield* detailOf(endpoint.receipts(other)), `block ${header.number} is missing`)
      }))
  })

  layer(TestChain.layer(), { timeout: 60_000 })("still finds payments", (it) => {
    it.effect("by receipts, if its index of logs is empty although the bloom filter has the payment", () =>
      Effect.gen(function*() {
        const { add, endpoint, header } = yield* setUp
        const found = yield* endpoint.movements(header, { native: false })
        assert.strictEqual(found.length, 1)
        yield* add({ _tag: "NoLogs" })
        assert.deepStrictEqual(yield* endpoint.movements(header, { native: false }), [])
        assert.isTrue(header.mayConcern)
        assert.deepStrictEqual(yield* endpoint.receipts(header), found)
      }))

    it.effect("one by one, if it cannot answer all receipts of a block", () =>
      Effect.gen(function*() {
        const { add, ann, double, endpoint, headerOf, proxy, recipient } = yield* setUp
        const { usdc } = double.contracts
        yield* double.setMode("on-demand")
        yield* double.write(ann, usdc, "mint", [ann.address, 5n])
        for (let count = 0; count < 5; count++) yield* double.transfer(usdc, ann, recipient, 1n)
        const header = yield* headerOf(Number((yield* double.mine()).number))
        yield* double.setMode("each-transaction")
        yield* proxy.requests.reset
        const found = yield* endpoint.movements(header, { native: false })
        assert.strictEqual(found.length, 5)
        assert.deepStrictEqual(yield* proxy.requests.counts, { eth_getLogs: 2, eth_getBlockReceipts: 1 })
        yield* add({ _tag: "Fail", error: { code: -32601, message: "no such method" } }, "eth_getBlockReceipts")
        assert.deepStrictEqual(yield* endpoint.movements(header, { native: false }), found)
        assert.deepStrictEqual(yield* endpoint.receipts(header), found)
        assert.strictEqual(yield* proxy.requests.count("eth_getTransactionReceipt"), 5 + 6)
      }))

    it.effect("after a connection was dropped once", () =>
      Effect.gen(function*() {
        const { movements, proxy } = yield* setUp
        yield* proxy.faults.add({ _tag: "Drop" }, { methods: ["eth_getLogs"], times: 1 })
        assert.strictEqual((yield* movements()).length, 2)
      }))

    it.effect("of tokens only, if a system address emits the log of a native transfer (EIP-7708)", () =>
      Effect.gen(function*() {
        const { add, endpoint, header } = yield* setUp
        const address = "0xfffffffffffffffffffffffffffffffffffffffe"
        yield* add({ _tag: "AlterLogs", alter: (log) => ({ ...log, address }) }, "eth_getTransactionReceipt")
        assert.deepStrictEqual(yield* endpoint.receipts(header), [])
      }))

    it.effect("and ignores logs that are marked as removed", () =>
      Effect.gen(function*() {
        const { add, movements } = yield* setUp
        yield* add({ _tag: "AlterLogs", alter: (log) => ({ ...log, removed: true }) }, "eth_getLogs")
        assert.deepStrictEqual(yield* movements(), [])
      }))

    it.effect("with one request for logs of payments, one for memberships, and one for each transaction", () =>
      Effect.gen(function*() {
        const { endpoint, from, headNumber, proxy } = yield* setUp
        yield* proxy.requests.reset
        yield* endpoint.movements({ from, to: yield* headNumber }, { native: false })
        assert.deepStrictEqual(yield* proxy.requests.counts, {
          eth_getLogs: 2,
          eth_getTransactionReceipt: 2,
          eth_getBlockByHash: 2
        })
      }))
  })
})

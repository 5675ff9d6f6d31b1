import {
  ChainDouble,
  isLeftOut,
  rangeRefusals,
  type RpcCall,
  type RpcFault,
  RpcProxy,
  TestChain,
  withAmount
} from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { createPublicClient, type Hex, http, numberToHex, parseEventLogs, type RpcLog } from "viem"
import { account } from "./support/Chain.ts"

type Answer = { readonly result?: unknown; readonly error?: { readonly code: number; readonly message: string } }

/** Two payments of Ann in the newest two blocks, a proxy, and direct calls of the proxy. */
const start = Effect.gen(function*() {
  const chain = yield* TestChain
  const { contracts: { usdc } } = chain
  const [ann, bob] = [account(chain, 1), account(chain, 2)]
  yield* chain.mint(usdc, ann.address, 100n)
  const first = yield* Effect.flatMap(chain.transfer(usdc, ann, bob.address, 3n), chain.include)
  const second = yield* Effect.flatMap(chain.transfer(usdc, ann, bob.address, 4n), chain.include)
  const proxy = yield* RpcProxy.start(chain)
  const post = (body: unknown) =>
    Effect.promise((signal) =>
      fetch(proxy.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal
      }).then(async (response) => ({ response, text: await response.text() }), () => undefined)
    )
  const reply = (body: unknown) => Effect.map(post(body), (answered) => answered ?? assert.fail("no answer"))
  const ask = (method: string, ...params: ReadonlyArray<unknown>) =>
    Effect.map(reply({ jsonrpc: "2.0", id: 7, method, params }), ({ text }) => JSON.parse(text) as Answer)
  const logs = (fromBlock: bigint | string, toBlock: bigint | string = "latest") => {
    const number = (block: bigint | string) => typeof block === "bigint" ? numberToHex(block) : block
    const filter = { address: usdc.address, fromBlock: number(fromBlock), toBlock: number(toBlock) }
    return Effect.map(
      ask("eth_getLogs", filter),
      ({ error, result }) => error ?? (result as ReadonlyArray<RpcLog>).map(({ data }) => BigInt(data))
    )
  }
  const numberOf = (tag: string) =>
    Effect.map(ask("eth_getBlockByNumber", tag, false), ({ result }) => BigInt((result as { number: Hex }).number))
  const add = (fault: RpcFault) => proxy.faults.add(fault)
  return {
    chain,
    usdc,
    ann,
    bob,
    proxy,
    post,
    reply,
    ask,
    logs,
    numberOf,
    add,
    first,
    second,
    head: second.blockNumber
  }
})

describe.skipIf(isLeftOut)("In front of a real node", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("the proxy", (it) => {
    it.effect("answers as the node does, single calls and batches, and counts the requests of each method", () =>
      Effect.gen(function*() {
        const { chain, head, logs, proxy, reply } = yield* start
        const client = createPublicClient({ chain: chain.chain, transport: http(proxy.url), cacheTime: 0 })
        assert.strictEqual(yield* Effect.promise(() => client.getBlockNumber()), head)
        assert.deepStrictEqual(yield* logs(head - 1n), [3n, 4n])
        const batch = yield* reply([
          { jsonrpc: "2.0", id: 1, method: "eth_chainId" },
          { jsonrpc: "2.0", id: 2, method: "eth_blockNumber" }
        ])
        assert.deepStrictEqual(JSON.parse(batch.text), [
          { jsonrpc: "2.0", id: 1, result: numberToHex(chain.chainId) },
          { jsonrpc: "2.0", id: 2, result: numberToHex(head) }
        ])
        assert.deepStrictEqual(yield* proxy.requests.counts, { eth_blockNumber: 2, eth_getLogs: 1, eth_chainId: 1 })
        yield* proxy.requests.reset
        assert.strictEqual(yield* proxy.requests.count("eth_getLogs"), 0)
      }))

    describe("with a lag", () => {
      it.effect("has an older head, safe and finalized block, and no newer blocks", () =>
        Effect.gen(function*() {
          const { add, ask, head, numberOf } = yield* start
          yield* add({ _tag: "Lag", blocks: 1 })
          assert.strictEqual(BigInt((yield* ask("eth_blockNumber")).result as Hex), head - 1n)
          assert.strictEqual(yield* numberOf("latest"), head - 1n)
          assert.strictEqual(yield* numberOf("safe"), head - 2n)
          assert.strictEqual(yield* numberOf("finalized"), head - 3n)
          assert.deepStrictEqual((yield* ask("eth_getBlockByNumber", numberToHex(head), false)).result, null)
        }))

      it.effect("answers `[]` without an error for newer logs, and cuts a range at the older head", () =>
        Effect.gen(function*() {
          const { add, head, logs } = yield* start
          yield* add({ _tag: "Lag", blocks: 1 })
          assert.deepStrictEqual(yield* logs(head, head), [])
          assert.deepStrictEqual(yield* logs(head - 1n, head), [3n])
          assert.deepStrictEqual(yield* logs(head - 1n), [3n])
        }))

      it.effect("knows no newer block, receipt or transaction by its hash", () =>
        Effect.gen(function*() {
          const { add, ask, first, second } = yield* start
          yield* add({ _tag: "Lag", blocks: 1 })
          assert.deepStrictEqual((yield* ask("eth_getBlockByHash", second.blockHash, false)).result, null)
          assert.deepStrictEqual((yield* ask("eth_getTransactionReceipt", second.transactionHash)).result, null)
          assert.deepStrictEqual((yield* ask("eth_getTransactionByHash", second.transactionHash)).result, null)
          assert.isNotNull((yield* ask("eth_getTransactionReceipt", first.transactionHash)).result)
          const { error } = yield* ask("eth_getLogs", { blockHash: second.blockHash })
          assert.deepStrictEqual(error, { code: -32000, message: "unknown block" })
        }))

      it.effect("reads the older state", () =>
        Effect.gen(function*() {
          const { add, ann, ask, head } = yield* start
          const nonce = Effect.map(
            ask("eth_getTransactionCount", ann.address, "latest"),
            ({ result }) => Number(result)
          )
          const current = yield* nonce
          yield* add({ _tag: "Lag", blocks: 1 })
          assert.strictEqual(yield* nonce, current - 1)
          const { error } = yield* ask("eth_getBalance", ann.address, numberToHex(head))
          assert.deepStrictEqual(error, { code: -32000, message: "header not found" })
        }))
    })

    it.effect("answers `[]` to every eth_getLogs, or only the first logs, until the faults are cleared", () =>
      Effect.gen(function*() {
        const { add, head, logs, proxy } = yield* start
        yield* add({ _tag: "TruncateLogs", limit: 1 })
        assert.deepStrictEqual(yield* logs(head - 1n), [3n])
        yield* add({ _tag: "NoLogs" })
        assert.deepStrictEqual(yield* logs(head - 1n), [])
        yield* proxy.faults.clear
        assert.deepStrictEqual(yield* logs(head - 1n), [3n, 4n])
      }))

    it.effect("refuses ranges over a number of blocks, as different providers do", () =>
      Effect.gen(function*() {
        const { add, head, logs, reply, usdc } = yield* start
        yield* add({ _tag: "RefuseRanges", blocks: 2 })
        assert.deepStrictEqual(yield* logs(head - 2n, head), rangeRefusals.limitExceeded)
        assert.deepStrictEqual(yield* logs(head - 2n), rangeRefusals.limitExceeded)
        assert.deepStrictEqual(yield* logs(head - 1n, head), [3n, 4n])
        yield* add({ _tag: "RefuseRanges", blocks: 2, refusal: rangeRefusals.invalidRequest })
        const answered = yield* reply({
          jsonrpc: "2.0",
          id: 1,
          method: "eth_getLogs",
          params: [{ address: usdc.address, fromBlock: "earliest", toBlock: "latest" }]
        })
        assert.strictEqual(answered.response.status, 400)
        assert.strictEqual((JSON.parse(answered.text) as Answer).error?.code, -32600)
      }))

    it.effect("limits the rate, for chosen methods and for a number of requests", () =>
      Effect.gen(function*() {
        const { ask, proxy, reply } = yield* start
        yield* proxy.faults.add({ _tag: "RateLimit", retryAfterSeconds: 3 }, { methods: ["eth_blockNumber"], times: 1 })
        assert.isDefined((yield* ask("eth_chainId")).result)
        const limited = yield* reply({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber" })
        assert.strictEqual(limited.response.status, 429)
        assert.strictEqual(limited.response.headers.get("retry-after"), "3")
        assert.isDefined((yield* ask("eth_blockNumber")).result)
      }))

    it.effect("answers late", () =>
      Effect.gen(function*() {
        const { add, ask } = yield* start
        yield* add({ _tag: "Slow", milliseconds: 50 })
        assert.isDefined((yield* ask("eth_chainId")).result)
      }))

    it.effect("hangs, and tells a test when the request has arrived", () =>
      Effect.gen(function*() {
        const { ask, post, proxy } = yield* start
        yield* proxy.faults.add({ _tag: "Hang" }, { methods: ["eth_blockNumber"] })
        const arrived = yield* Effect.forkChild(proxy.requests.next("eth_blockNumber"), { startImmediately: true })
        const hanging = yield* Effect.forkChild(post({ jsonrpc: "2.0", id: 9, method: "eth_blockNumber" }), {
          startImmediately: true
        })
        const call: RpcCall = yield* Fiber.join(arrived)
        assert.strictEqual(call.id, 9)
        assert.isDefined((yield* ask("eth_chainId")).result)
        assert.isUndefined(hanging.pollUnsafe())
        yield* Fiber.interrupt(hanging)
      }))

    it.effect("drops the connection within a scope only", () =>
      Effect.gen(function*() {
        const { ask, post, proxy } = yield* start
        yield* Effect.scoped(Effect.gen(function*() {
          yield* proxy.faults.during({ _tag: "Drop" })
          assert.isUndefined(yield* post({ jsonrpc: "2.0", id: 1, method: "eth_chainId" }))
        }))
        assert.isDefined((yield* ask("eth_chainId")).result)
      }))

    it.effect("has deleted old blocks, with their logs, receipts and states", () =>
      Effect.gen(function*() {
        const { add, ann, ask, first, head, logs } = yield* start
        yield* add({ _tag: "Prune", before: Number(head) })
        const pruned = { code: 4444, message: "pruned history unavailable" }
        assert.deepStrictEqual(yield* logs(head - 1n), pruned)
        assert.deepStrictEqual(yield* logs("earliest"), pruned)
        assert.deepStrictEqual(yield* logs(head), [4n])
        assert.deepStrictEqual((yield* ask("eth_getBlockByNumber", numberToHex(head - 1n), false)).error, pruned)
        assert.deepStrictEqual((yield* ask("eth_getTransactionReceipt", first.transactionHash)).error, pruned)
        assert.deepStrictEqual((yield* ask("eth_getLogs", { blockHash: first.blockHash })).error, pruned)
        const { error } = yield* ask("eth_getBalance", ann.address, numberToHex(head - 1n))
        assert.deepStrictEqual(error, { code: -32000, message: "missing trie node" })
        assert.isDefined((yield* ask("eth_getBalance", ann.address, "latest")).result)
      }))

    it.effect("sends each request to the next of several nodes, or all requests to a fork", () =>
      Effect.gen(function*() {
        const { add, ask, chain } = yield* start
        const fork = yield* ChainDouble.start({ chainId: 99 })
        const ids = Effect.map(
          Effect.all(Array.from({ length: 4 }, () => ask("eth_chainId"))),
          (answers) => answers.map(({ result }) => Number(result))
        )
        yield* add({ _tag: "Route", nodes: [chain.url, fork.url] })
        assert.deepStrictEqual(yield* ids, [chain.chainId, 99, chain.chainId, 99])
        yield* add({ _tag: "Route", nodes: [fork.url] })
        assert.deepStrictEqual(yield* ids, [99, 99, 99, 99])
      }))

    it.effect("changes the amount of a transfer and of a payment, in logs and in receipts", () =>
      Effect.gen(function*() {
        const { add, ann, bob, chain, head, logs, proxy, second, usdc } = yield* start
        const { router } = chain.contracts
        yield* Effect.flatMap(chain.approve(usdc, ann, router.address, 5n), chain.include)
        const reference = numberToHex(1, { size: 32 })
        const payment = yield* Effect.flatMap(
          chain.pay({ token: usdc, from: ann, recipient: bob.address, amount: 5n, reference }),
          chain.include
        )
        yield* add({ _tag: "AlterLogs", alter: withAmount(1_000_000n) })
        assert.deepStrictEqual(yield* logs(head, head), [1_000_000n])
        const client = createPublicClient({ transport: http(proxy.url) })
        const receipts = yield* Effect.promise(() =>
          Promise.all([second, payment].map(({ transactionHash: hash }) => client.getTransactionReceipt({ hash })))
        )
        const transfers = parseEventLogs({ abi: usdc.abi, eventName: "Transfer", logs: receipts[0]?.logs ?? [] })
        assert.deepStrictEqual(transfers.map(({ args }) => args), [
          { from: ann.address, to: bob.address, value: 1_000_000n }
        ])
        const payments = parseEventLogs({ abi: router.abi, logs: receipts[1]?.logs ?? [], eventName: "Paid" })
        assert.deepStrictEqual(payments.map(({ args }) => [args.recipient, args.amount]), [[bob.address, 1_000_000n]])
      }))

    it.effect("answers with an error, or with the page of a gateway", () =>
      Effect.gen(function*() {
        const { add, ask, proxy, reply } = yield* start
        yield* add({ _tag: "Fail", error: { code: -32603, message: "internal error" } })
        assert.deepStrictEqual((yield* ask("eth_chainId")).error, { code: -32603, message: "internal error" })
        yield* proxy.faults.clear
        yield* add({ _tag: "Answer", status: 502, body: "<h1>Bad gateway</h1>" })
        const answered = yield* reply({ jsonrpc: "2.0", id: 1, method: "eth_chainId" })
        assert.strictEqual(answered.response.status, 502)
        assert.strictEqual(answered.text, "<h1>Bad gateway</h1>")
      }))
  })
})

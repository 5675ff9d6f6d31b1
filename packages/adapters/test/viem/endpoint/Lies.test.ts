import { EvmEndpoint } from "@dchat/adapters/viem"
import type { NodeFault } from "@dchat/domain/onchain"
import { Bytes32 } from "@dchat/domain/subscription"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { numberToHex } from "viem"
import * as RpcDouble from "../../support/RpcDouble.ts"
import { chainOf, install } from "./support/Payments.ts"

type Answer = Record<string, unknown>

const other = numberToHex(1, { size: 32 })

/** A block with a payment in a token and a payment in the native currency, by an endpoint that alters one answer. */
const setUp = Effect.fnUntraced(function*(method: string, alter: (answer: Answer) => unknown) {
  const { ann, double, headerOf, recipient } = yield* Effect.flatMap(TestChain, install)
  const { usdc } = double.contracts
  yield* double.mint(usdc, ann.address, 1n)
  yield* double.setMode("on-demand")
  const token = yield* double.transfer(usdc, ann, recipient, 1n)
  const native = yield* double.transferNative(ann, recipient, 1n)
  const number = Number((yield* double.mine()).number)
  yield* double.setMode("each-transaction")
  const { url } = yield* RpcDouble.start(async (call) => {
    const answer = await RpcDouble.forward(double.url, call)
    return call.method === method ? RpcDouble.result(alter(JSON.parse(answer.body).result)) : answer
  })
  const endpoint = EvmEndpoint.make(chainOf(double, recipient), url)
  return { endpoint, header: yield* headerOf(number), native: Bytes32.make(native), token: Bytes32.make(token) }
})

type SetUp = Effect.Success<ReturnType<typeof setUp>>

const including = (change: Answer) => (receipt: Answer): Answer => ({ ...receipt, ...change })

/** Changes each log of a receipt. */
const logsWith = (change: Answer) => (receipt: Answer): Answer => ({
  ...receipt,
  logs: (receipt["logs"] as ReadonlyArray<Answer>).map((log) => Object.assign(log, change))
})

const byRange = ({ endpoint, header: { number } }: SetUp) =>
  endpoint.movements({ from: number - 1, to: number }, { native: true })
const byHash = ({ endpoint, header }: SetUp) => endpoint.movements(header, { native: true })
const header = ({ endpoint, header: { number } }: SetUp) => endpoint.header(number)
const head = ({ endpoint }: SetUp) => endpoint.head({ safe: true, finalized: true })
const receipts = ({ endpoint, header }: SetUp) => endpoint.receipts(header)
const transaction = ({ endpoint, native }: SetUp) => endpoint.transaction(native)

const otherBlock = "another block than the one asked for"
const form = (method: string) => `${method}: an answer of another form`

describe.skipIf(isLeftOut)("An endpoint that lies", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("is at fault", (it) => {
    it.effect.each<
      readonly [
        what: string,
        ask: (of: SetUp) => Effect.Effect<unknown, NodeFault>,
        method: string,
        alter: (answer: Answer) => unknown,
        detail: string
      ]
    >([
      ["a header of another number", header, "eth_getBlockByNumber", including({ number: "0x1" }), otherBlock],
      [
        "a header with a short hash",
        header,
        "eth_getBlockByNumber",
        including({ hash: "0x1" }),
        form("eth_getBlockByNumber")
      ],
      [
        "a header with a negative time",
        header,
        "eth_getBlockByNumber",
        including({ timestamp: "-0x1" }),
        form("eth_getBlockByNumber")
      ],
      [
        "a header without a bloom filter",
        header,
        "eth_getBlockByNumber",
        including({ logsBloom: "0x" }),
        form("eth_getBlockByNumber")
      ],
      ["a header that is text", header, "eth_getBlockByNumber", () => "hunter2", form("eth_getBlockByNumber")],
      ["no latest block", head, "eth_getBlockByNumber", () => null, "has no latest block"],
      ["a block of another hash", byRange, "eth_getBlockByHash", including({ hash: other }), otherBlock],
      ["no block of the hash of a log", byRange, "eth_getBlockByHash", () => null, "is missing"],
      ["another full block", byRange, "eth_getBlockByNumber", including({ number: "0x1" }), otherBlock],
      ["another full block of a hash", byHash, "eth_getBlockByHash", including({ hash: other }), otherBlock],
      [
        "a full block without transactions",
        byHash,
        "eth_getBlockByHash",
        including({ transactions: null }),
        form("eth_getBlockByHash")
      ],
      ["a value that is a number", byHash, "eth_getBlockByHash", (block) => ({
        ...block,
        transactions: (block["transactions"] as ReadonlyArray<Answer>).map((it) => Object.assign(it, { value: 7 }))
      }), form("eth_getBlockByHash")],
      ["no logs at all", byHash, "eth_getLogs", () => null, form("eth_getLogs")],
      ["a receipt of another block", byHash, "eth_getTransactionReceipt", including({ blockHash: other }), "a receipt"],
      [
        "a receipt of another transaction",
        byHash,
        "eth_getTransactionReceipt",
        including({ transactionHash: other }),
        "the receipt of another transaction"
      ],
      [
        "a receipt with an unknown status",
        byHash,
        "eth_getTransactionReceipt",
        including({ status: "0x2" }),
        form("eth_getTransactionReceipt")
      ],
      [
        "a failed transaction with logs",
        receipts,
        "eth_getTransactionReceipt",
        including({ status: "0x0" }),
        "a failed transaction with logs"
      ],
      [
        "logs of another transaction",
        byHash,
        "eth_getTransactionReceipt",
        logsWith({ transactionHash: other }),
        "a receipt with logs of another transaction"
      ],
      [
        "logs of another block",
        byHash,
        "eth_getTransactionReceipt",
        logsWith({ blockNumber: "0x1" }),
        "a receipt with logs of another transaction"
      ],
      ["no receipt", receipts, "eth_getTransactionReceipt", () => null, "a receipt is missing"],
      [
        "another transaction",
        transaction,
        "eth_getTransactionByHash",
        including({ hash: other }),
        "another transaction"
      ]
    ])("if it answers %s", ([, ask, method, alter, detail]) =>
      Effect.gen(function*() {
        const fault = yield* Effect.flip(ask(yield* setUp(method, alter)))
        assert.include(fault.detail, detail)
        assert.notInclude(fault.detail, "hunter2")
      }))

    it.effect("in no case if it says the truth", () =>
      Effect.gen(function*() {
        const honest = yield* setUp("none", (answer) => answer)
        for (const ask of [byRange, byHash]) {
          assert.deepStrictEqual(
            (yield* ask(honest)).map(({ transactionHash }) => transactionHash),
            [honest.native, honest.token]
          )
        }
        assert.isDefined(yield* header(honest))
        assert.strictEqual((yield* receipts(honest)).length, 1)
        assert.strictEqual((yield* transaction(honest))._tag, "included")
      }))
  })
})

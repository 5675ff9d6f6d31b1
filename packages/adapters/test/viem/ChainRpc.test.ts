import { ViemWalletProof } from "@dchat/adapters/viem"
import { ChainId, WalletAddress, WalletProof } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Cause, type Duration, Effect, Exit, Fiber, Logger } from "effect"
import { TestClock } from "effect/testing"
import { privateKeyToAccount } from "viem/accounts"
import { serializeErc6492Signature } from "viem/utils"
import * as RpcDouble from "../support/RpcDouble.ts"

const chainId = ChainId.make(31_337)
const address = WalletAddress.make("0x00000000000000000000000000000000000c0de0")
const account = privateKeyToAccount("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
const message = "chat.example wants you to sign in with your Ethereum account"
const signature = await account.signMessage({ message })
const magic = `0x1626ba7e${"00".repeat(28)}`

/** Checks the signature against a contract wallet, in an installation with these endpoints; the same one each time. */
const installation = (rpcUrls: ReadonlyArray<string>, options?: { readonly timeout: Duration.Input }) => {
  const layer = ViemWalletProof.layerWith({ chains: [{ chainId, rpcUrls }], ...options })
  const verify = (change: { readonly address?: WalletAddress; readonly signature?: string } = {}) =>
    Effect.flatMap(WalletProof, (proof) => proof.verify({ address, chainId, message, signature, ...change })).pipe(
      Effect.provide(layer)
    )
  return {
    verify,
    outcome: (change?: Parameters<typeof verify>[0]) =>
      Effect.match(verify(change), { onSuccess: (kind) => kind, onFailure: ({ _tag }) => _tag })
  }
}

/** A node of this chain, on which each call is answered like this. */
const node = (answer: RpcDouble.Answer = () => RpcDouble.result(magic)) =>
  RpcDouble.start((call) => call.method === "eth_chainId" ? RpcDouble.result("0x7a69") : answer(call))

/** An endpoint that answers everything like this. */
const always = (answer: ReturnType<RpcDouble.Answer>) => RpcDouble.start(() => answer)

const otherChain = always(RpcDouble.result("0x1"))
const json = { "content-type": "application/json" }

describe("The endpoint of a chain", () => {
  it.effect("is asked once which chain it serves, before anything else", () =>
    Effect.gen(function*() {
      const { methods, url } = yield* node()
      const { outcome } = installation([url])
      assert.deepStrictEqual(yield* Effect.all([outcome(), outcome()], { concurrency: 2 }), ["contract", "contract"])
      assert.strictEqual(yield* outcome(), "contract")
      assert.deepStrictEqual(methods, ["eth_chainId", "eth_call", "eth_call", "eth_call"])
    }))

  it.effect("is asked again which chain it serves after it did not answer that", () =>
    Effect.gen(function*() {
      let chain = "0x1"
      const { methods, url } = yield* RpcDouble.start(({ method }) =>
        RpcDouble.result(method === "eth_chainId" ? chain : magic)
      )
      const { outcome } = installation([url])
      assert.strictEqual(yield* outcome(), "ChainUnavailable")
      assert.notInclude(methods, "eth_call")
      chain = "0x7a69"
      assert.strictEqual(yield* outcome(), "contract")
    }))

  it.effect("is not asked about a signature of the wallet's key, nor about a malformed signature", () =>
    Effect.gen(function*() {
      const { methods, url } = yield* node()
      const { outcome } = installation([url])
      const own = WalletAddress.make(account.address.toLowerCase())
      assert.strictEqual(yield* outcome({ address: own }), "eoa")
      for (const malformed of ["", "0x", "0x1", `${signature}${"8010".repeat(16)}`, `0x${"11".repeat(1_000_000)}`]) {
        assert.strictEqual(yield* outcome({ signature: malformed }), "SignatureInvalid")
      }
      assert.deepStrictEqual(methods, [])
    }))

  it.effect("is unavailable when none is configured for the chain", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* installation([]).outcome(), "SignatureInvalid")
    }))

  it.effect.each<readonly [what: string, answer: ReturnType<RpcDouble.Answer>]>([
    ["resets the connection", "reset"],
    ["answers HTML", { headers: { "content-type": "text/html" }, body: "<h1>It works!</h1>" }],
    ["answers HTML as JSON", { headers: json, body: "<h1>It works!</h1>" }],
    ["answers nothing", { body: "" }],
    ["answers null", { headers: json, body: "null" }],
    ["answers a text", { headers: json, body: `"${magic}"` }],
    ["answers a list", { headers: json, body: "[]" }],
    ["answers no result", { headers: json, body: `{"jsonrpc":"2.0","id":1}` }],
    ["answers a result of null", RpcDouble.result(null)],
    ["answers a number", RpcDouble.result(1)],
    ["answers an object", RpcDouble.result({ data: magic })],
    ["answers half a byte", RpcDouble.result("0x1")],
    ["answers a text that is no data", RpcDouble.result("rate limited")],
    ["answers an upper-case prefix", RpcDouble.result(magic.toUpperCase())],
    ["answers two megabytes", RpcDouble.result(`0x${"00".repeat(1_000_000)}`)],
    ["answers an error that is a text", { headers: json, body: `{"error":"rate limited"}` }],
    ["answers an error that is nothing", { headers: json, body: `{"error":{}}` }],
    ["has lost its latest block", RpcDouble.error(-32_000, "header not found")],
    ["has reached a limit", RpcDouble.error(-32_005, "daily request count exceeded, request rate limited")],
    ["does not know the method", RpcDouble.error(-32_601, "the method eth_call does not exist/is not available")],
    ["has an internal error", RpcDouble.error(-32_603, "internal error")],
    ["refuses the key", RpcDouble.error(-32_600, "Must be authenticated!", 401)],
    ["asks for patience", { status: 429, headers: { "retry-after": "3600" }, body: "" }],
    ["fails behind its proxy", { status: 502, headers: { "content-type": "text/html" }, body: "Bad Gateway" }],
    ["answers well with a status of failure", { ...RpcDouble.result(magic), status: 500 }],
    ["points elsewhere", { status: 307, headers: { location: "https://rpc.invalid/" }, body: "" }]
  ])("leaves the validity of the signature open when it %s", ([, answer]) =>
    Effect.gen(function*() {
      const calls = yield* node(() => answer)
      assert.strictEqual(yield* installation([calls.url]).outcome(), "ChainUnavailable")
      const everything = yield* always(answer)
      assert.strictEqual(yield* installation([everything.url]).outcome(), "ChainUnavailable")
    }))

  it.effect.each(["0x1", "0x7a6", "0x7a6900", "31337", "0x", "0x-7a69", "0x7A69 ", "rate limited", 31_337, null, {}])(
    "is refused when it serves chain %s",
    (reported) =>
      Effect.gen(function*() {
        const { methods, url } = yield* RpcDouble.start(({ method }) =>
          RpcDouble.result(method === "eth_chainId" ? reported : magic)
        )
        assert.strictEqual(yield* installation([url]).outcome(), "ChainUnavailable")
        assert.notInclude(methods, "eth_call")
      })
  )

  it.effect("leaves the validity of the signature open when it is down", () =>
    Effect.gen(function*() {
      const url = yield* RpcDouble.closed
      assert.strictEqual(yield* installation([url]).outcome(), "ChainUnavailable")
    }))

  it.effect.each<readonly [what: string, endpoint: typeof otherChain]>([
    ["says nothing about its chain", always("silence")],
    ["says nothing about the wallet", node(() => "silence")]
  ])("is given up after five seconds when it %s", ([, endpoint]) =>
    Effect.gen(function*() {
      const { silent, url } = yield* endpoint
      const outcome = yield* Effect.forkChild(installation([url]).outcome())
      yield* Effect.promise(() => silent)
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(outcome.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(outcome), "ChainUnavailable")
    }))

  it.effect("is not asked again after it was given up", () =>
    Effect.gen(function*() {
      const { abandoned, silent, url } = yield* node(() => "silence")
      const outcome = yield* Effect.forkChild(installation([url]).outcome())
      yield* Effect.promise(() => silent)
      yield* TestClock.adjust("5 seconds")
      yield* Effect.promise(() => abandoned)
      assert.strictEqual(yield* Fiber.join(outcome), "ChainUnavailable")
    }))

  it.effect.each<readonly [node: string, code: number, message: string]>([
    ["geth", 3, "execution reverted"],
    ["geth", -32_000, "execution reverted: no"],
    ["geth", -32_000, "out of gas"],
    ["geth", -32_000, "invalid opcode: INVALID"],
    ["geth", -32_000, "invalid jump destination"],
    ["geth", -32_000, "stack underflow (0 <=> 1)"],
    ["geth", -32_000, "stack limit reached 1024 (1023)"],
    ["reth", -32_003, "out of gas: gas required exceeds: 50000000"],
    ["Erigon", -32_000, "gas required exceeds allowance (50000000)"],
    ["anvil", -32_603, "EVM error OutOfGas"],
    ["anvil", -32_603, "EVM error InvalidFEOpcode"],
    ["Hardhat", -32_603, "VM Exception while processing transaction: invalid opcode"],
    ["Besu", -32_000, "Execution reverted"],
    ["Besu", -32_000, "INVALID_OPERATION"],
    ["Besu", -32_000, "INSUFFICIENT_GAS"],
    ["Nethermind", -32_015, "VM execution error."],
    ["Nethermind", -32_000, "OutOfGas"],
    ["Nethermind", -32_000, "BadInstruction"],
    ["Nethermind", -32_000, "InvalidJumpDestination"],
    ["Nethermind", -32_000, "StackUnderflow"]
  ])("reports with %s's error %i (%s) that the contract fails", ([, code, text]) =>
    Effect.gen(function*() {
      const [first, second] = [yield* node(() => RpcDouble.error(code, text)), yield* node()]
      assert.strictEqual(yield* installation([first.url, second.url]).outcome(), "SignatureInvalid")
      assert.deepStrictEqual(first.methods, ["eth_chainId", "eth_call"])
      assert.deepStrictEqual(second.methods, [])
    }))

  it.effect("is asked again after a connection that has ended", () =>
    Effect.gen(function*() {
      const calls = ["reset" as const, RpcDouble.result(magic)]
      const { url } = yield* node(() => calls.shift() ?? "silence")
      assert.strictEqual(yield* installation([url]).outcome(), "contract")
    }))

  it.effect.each<readonly [answer: string, outcome: string]>([
    ["0x01", "contract"],
    ["0x00", "SignatureInvalid"],
    ["0x", "ChainUnavailable"],
    [magic, "ChainUnavailable"]
  ])("answers %s for the validator of EIP-6492, which means %s", ([answer, expected]) =>
    Effect.gen(function*() {
      const { methods, url } = yield* node(({ method }) => RpcDouble.result(method === "eth_getCode" ? "0x" : answer))
      const wrapped = serializeErc6492Signature({ address: account.address, data: "0x", signature })
      assert.strictEqual(yield* installation([url]).outcome({ signature: wrapped }), expected)
      assert.deepStrictEqual(methods.slice(0, 3), ["eth_chainId", "eth_getCode", "eth_call"])
    }))

  it.effect("is replaced by the next one while it does not answer", () =>
    Effect.gen(function*() {
      const broken = yield* node(() => ({ status: 503, body: "" }))
      const garbled = yield* node(() => RpcDouble.result("0x1"))
      const wrong = yield* otherChain
      const [good, spare] = [yield* node(), yield* node()]
      const urls = [yield* RpcDouble.closed, broken.url, wrong.url, garbled.url, good.url, spare.url]
      const { outcome } = installation(urls, { timeout: "1 minute" })
      assert.strictEqual(yield* outcome(), "contract")
      assert.strictEqual(yield* outcome(), "contract")
      assert.deepStrictEqual(good.methods, ["eth_chainId", "eth_call", "eth_call"])
      assert.notInclude(wrong.methods, "eth_call")
      assert.deepStrictEqual(spare.methods, [])
    }))

  it.effect("is replaced by the next one when its share of the time is over", () =>
    Effect.gen(function*() {
      const [silent, good] = [yield* always("silence"), yield* node()]
      assert.strictEqual(
        yield* installation([silent.url, good.url], { timeout: "3 seconds" }).outcome(),
        "contract"
      )
    }))

  it.effect("is named nowhere when it fails, and neither is its key", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make((options) => {
        lines.push(Logger.formatJson.log(options), Logger.formatLogFmt.log(options))
      })
      const bad = yield* always(RpcDouble.error(-32_000, "no such key: hunter2", 401))
      const urls = [bad.url, yield* RpcDouble.closed].map((url) => url.replace("http://", "http://hunter2:hunter2@"))
      const exit = yield* Effect.exit(
        installation(urls.map((url) => `${url}/hunter2?key=hunter2`)).verify()
      ).pipe(Effect.provide(Logger.layer([logger])))
      assert.isTrue(Exit.isFailure(exit))
      const shown = Exit.isFailure(exit) ? `${Cause.pretty(exit.cause)}${JSON.stringify(exit)}` : ""
      for (const text of [...lines.map(String), shown]) {
        assert.notMatch(text, /hunter2|127\.0\.0\.1|http/)
      }
      assert.lengthOf(lines, 2)
      assert.include(String(lines[0]), `"chainId":31337`)
      assert.include(String(lines[0]), "WARN")
    }))
})

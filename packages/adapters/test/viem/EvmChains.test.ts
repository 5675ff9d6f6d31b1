import { EvmChains } from "@dchat/adapters/viem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const decode = Schema.decodeEffect(EvmChains)
const chainOf = (...rpcUrls: ReadonlyArray<string>) => JSON.stringify([{ chainId: 1, rpcUrls }])

describe("EvmChains", () => {
  it.effect("reads the endpoints of each chain and ignores other members", () =>
    Effect.gen(function*() {
      const ethereum = { chainId: 1, rpcUrls: ["https://rpc.example/v2/key", "https://user:pass@other.example:8545"] }
      const local = { chainId: 31337, rpcUrls: ["http://127.0.0.1:8545"] }
      const text = JSON.stringify([{ ...ethereum, tokens: [{ symbol: "USDC" }], recipient: "0x01", depth: 12 }, local])
      assert.deepStrictEqual<unknown>(yield* decode(text), [ethereum, local])
      assert.deepStrictEqual(yield* decode("[]"), [])
    }))

  it.effect.each([
    "https://rpc.example",
    "http://localhost:8545",
    "http://127.0.0.1",
    "http://127.1.2.3:1/path?key=1",
    "http://[::1]:8545"
  ])("accepts %s", (url) => Effect.asVoid(decode(chainOf(url))))

  it.effect.each<readonly [what: string, text: string]>([
    ["nothing", ""],
    ["what is no JSON", "[hunter2"],
    ["a single chain", `{"chainId":1,"rpcUrls":["https://rpc.example/hunter2"]}`],
    ["a chain without endpoints", chainOf()],
    ["a chain id in quotes", `[{"chainId":"1","rpcUrls":["https://rpc.example/hunter2"]}]`],
    ["a chain id of zero", `[{"chainId":0,"rpcUrls":["https://rpc.example/hunter2"]}]`],
    ["a chain id that is no integer", `[{"chainId":1.5,"rpcUrls":["https://rpc.example/hunter2"]}]`],
    ["a chain without an id", `[{"rpcUrls":["https://rpc.example/hunter2"]}]`],
    ["a chain twice", JSON.stringify([1, 10, 1].map((chainId) => ({ chainId, rpcUrls: ["https://hunter2.example"] })))],
    ["a URL that is no text", `[{"chainId":1,"rpcUrls":[1]}]`],
    ["plain http to elsewhere", chainOf("http://rpc.example/hunter2")],
    ["plain http to a name like a loopback address", chainOf("http://127.0.0.1.example/hunter2")],
    ["plain http to a user like a loopback address", chainOf("http://localhost@hunter2.example")],
    ["a WebSocket", chainOf("wss://rpc.example/hunter2")],
    ["a file", chainOf("file:///hunter2")],
    ["a URL without a scheme", chainOf("rpc.example/hunter2")],
    ["one bad URL among good ones", chainOf("https://rpc.example/hunter2", "hunter2")]
  ])("refuses %s without repeating it", ([, text]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(decode(text))
      assert.notInclude(`${error.message}${String(error)}${JSON.stringify(error)}`, "hunter2")
    }))
})

import { decodeEvmChains as decode } from "@dchat/adapters/viem"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const chainOf = (...rpcUrls: ReadonlyArray<string>) => JSON.stringify([{ chainId: 1, rpcUrls }])

const recipient = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
const rpcUrls = ["https://rpc.example/hunter2"]

/** One chain with payments, as JSON. */
const paying = (members: object) => JSON.stringify([{ chainId: 8453, rpcUrls, recipient, ...members }])

/** A chain that is not shipped, with everything that payments need. */
const unknown = {
  chainId: 31_337,
  rpcUrls: ["http://127.0.0.1:8545"],
  recipient,
  name: "Local",
  native: { symbol: "ETH", decimals: 18 },
  price: { usd: "2500.50" },
  tokens: [{ token: "0x5FbDB2315678afecb367f032d93F642f64180aa3", symbol: "USDC", decimals: 6 }],
  router: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
  provisionalAt: { blocks: 1 },
  settledAt: { blocks: 3 },
  finalAt: { tag: "finalized" },
  maxRange: 10,
  memberships: [{ contract: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0", tier: "PRO", from: "1", to: "100" }],
  explorer: "https://explorer.example/local"
}

const errorOf = (text: string) =>
  Effect.map(Effect.flip(decode(text)), (error) => {
    assert.notInclude(`${error.message}${String(error)}${JSON.stringify(error)}`, "hunter2")
    return error.message
  })

describe("The chains of the configuration", () => {
  it.effect("without a recipient have their endpoints only", () =>
    Effect.gen(function*() {
      const ethereum = { chainId: 1, rpcUrls: ["https://rpc.example/v2/key", "https://user:pass@other.example:8545"] }
      const local = { chainId: 31337, rpcUrls: ["http://127.0.0.1:8545"] }
      assert.deepStrictEqual<unknown>(yield* decode(JSON.stringify([ethereum, local])), [ethereum, local])
      assert.deepStrictEqual(yield* decode("[]"), [])
    }))

  it.effect("need no more than a recipient if they are shipped", () =>
    Effect.gen(function*() {
      const [chain] = yield* decode(paying({}))
      assert.deepStrictEqual<unknown>(chain, {
        chainId: 8453,
        rpcUrls,
        payments: {
          chain: {
            chainId: 8453,
            name: "Base",
            native: { symbol: "ETH", decimals: 18 },
            tokens: [{ token: "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", symbol: "USDC", decimals: 6 }],
            recipient: recipient.toLowerCase(),
            provisionalAt: { blocks: 1 },
            settledAt: { tag: "finalized" },
            finalAt: { tag: "finalized" },
            maxRange: 1000,
            memberships: [],
            explorer: "https://basescan.org"
          },
          price: {
            feed: "0x71041dddad3595f9ced3dccfbe3d1f4b0a16bb70",
            heartbeatSeconds: 1200,
            sequencer: "0xbcf85224fc0756b9fa45aa7892530b47e10b6433"
          }
        }
      })
    }))

  it.effect("that are shipped are Ethereum, Base, Polygon, Arbitrum, Sepolia and Base Sepolia", () =>
    Effect.gen(function*() {
      const ids = [1, 8453, 137, 42_161, 11_155_111, 84_532]
      const chains = yield* decode(JSON.stringify(ids.map((chainId) => ({ chainId, rpcUrls, recipient }))))
      assert.deepStrictEqual<unknown>(
        chains.map(({ payments }) => [
          payments?.chain.name,
          payments?.chain.native?.symbol,
          payments?.chain.tokens.map(({ token }) => token)
        ]),
        // https://developers.circle.com/stablecoins/usdc-contract-addresses
        [
          ["Ethereum", "ETH", ["0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48".toLowerCase()]],
          ["Base", "ETH", ["0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913".toLowerCase()]],
          ["Polygon", "POL", ["0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359".toLowerCase()]],
          ["Arbitrum", "ETH", ["0xaf88d065e77c8cC2239327C5EDb3A432268e5831".toLowerCase()]],
          ["Sepolia", "ETH", ["0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238".toLowerCase()]],
          ["Base Sepolia", "ETH", ["0x036CbD53842c5426634e7929541eC2318f3dCF7e".toLowerCase()]]
        ]
      )
    }))

  it.effect("may be any other chain, with everything that payments need", () =>
    Effect.gen(function*() {
      const [chain] = yield* decode(JSON.stringify([unknown]))
      assert.deepStrictEqual<unknown>(chain?.payments, {
        chain: {
          chainId: 31_337,
          name: "Local",
          native: { symbol: "ETH", decimals: 18 },
          tokens: [{ token: "0x5fbdb2315678afecb367f032d93f642f64180aa3", symbol: "USDC", decimals: 6 }],
          recipient: recipient.toLowerCase(),
          router: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512",
          provisionalAt: { blocks: 1 },
          settledAt: { blocks: 3 },
          finalAt: { tag: "finalized" },
          maxRange: 10,
          memberships: [{ contract: "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0", tier: "PRO", from: 1n, to: 100n }],
          explorer: "https://explorer.example/local"
        },
        price: { usd: { numerator: 250_050n, decimals: 2 } }
      })
    }))

  it.effect("may leave out the native currency, or change what is shipped", () =>
    Effect.gen(function*() {
      const [chain] = yield* decode(paying({ native: false, settledAt: { tag: "safe" }, maxRange: 10 }))
      assert.deepStrictEqual(chain?.payments?.chain.native, undefined)
      assert.deepStrictEqual(chain?.payments?.price, undefined)
      assert.deepStrictEqual(chain?.payments?.chain.settledAt, { tag: "safe" })
      assert.strictEqual(chain?.payments?.chain.maxRange, 10)
    }))

  it.effect("may have an explorer on this machine", () =>
    Effect.gen(function*() {
      const explorer = "http://127.0.0.1:4000"
      const [chain] = yield* decode(paying({ explorer }))
      assert.strictEqual(chain?.payments?.chain.explorer, explorer)
    }))

  it.effect("are refused with all mistakes at once", () =>
    Effect.gen(function*() {
      const first = { chainId: 1, rpcUrls: ["http://rpc.example/hunter2"], recipient: "0x12", maxRange: 0 }
      const message = yield* errorOf(JSON.stringify([first, { chainId: 0, rpcUrls: [], reciepient: recipient }]))
      for (
        const path of [
          `[0]["rpcUrls"][0]`,
          `[0]["recipient"]`,
          `[0]["maxRange"]`,
          `[1]["chainId"]`,
          `[1]["rpcUrls"]`,
          `[1]["reciepient"]`
        ]
      ) assert.include(message, path)
      const needs = yield* errorOf(JSON.stringify([{ chainId: 31_337, rpcUrls, recipient }]))
      for (const member of ["name", "tokens", "provisionalAt", "settledAt", "finalAt", "native"]) {
        assert.include(needs, `expected ${member}`)
      }
    }))

  it.effect.each<readonly [what: string, members: object, message: RegExp]>([
    ["a recipient with a wrong checksum", { recipient: recipient.replace("f39F", "f39f") }, /checksum/],
    ["the zero address as recipient", { recipient: `0x${"0".repeat(40)}` }, /zero address/],
    ["settings of payments without a recipient", { recipient: undefined, tokens: [] }, /needs a recipient/],
    ["a token twice", { tokens: [unknown.tokens[0], unknown.tokens[0]] }, /each contract once/],
    ["a token that is the router", { tokens: unknown.tokens, router: unknown.tokens[0]?.token }, /each contract once/],
    ["a token that is the recipient", { tokens: [{ ...unknown.tokens[0], token: recipient }] }, /no contract/],
    ["an endpoint twice", { rpcUrls: [...rpcUrls, ...rpcUrls] }, /each URL once/],
    ["a price of zero", { price: { usd: "0.00" } }, /price/],
    ["a price as a number", { price: { usd: 2500 } }, /price/],
    ["a depth of no blocks", { settledAt: { blocks: 0 } }, /settledAt/],
    ["an unknown tag", { settledAt: { tag: "latest" } }, /settledAt/],
    ["an explorer without TLS", { explorer: "http://explorer.example" }, /explorer/],
    ["an explorer with a query", { explorer: "https://explorer.example/?key=hunter2" }, /explorer/],
    ["a negative token id", { memberships: [{ ...unknown.memberships[0], from: "-1" }] }, /memberships/],
    ["another chain's native currency without a price", { ...unknown, price: undefined }, /expected price/]
  ])("are refused with %s", ([, members, message]) =>
    Effect.gen(function*() {
      assert.match(yield* errorOf(paying(members)), message)
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
      yield* errorOf(text)
    }))
})

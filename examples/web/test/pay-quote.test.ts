import { assert, describe, test } from "vitest"
import type { Quote } from "../src/dchat-subscription.ts"
import type { BrowserWallet } from "../src/wallet/browser-wallet.ts"
import { payQuote } from "../src/wallet/pay-quote.ts"

const payer = `0x${"a1".repeat(20)}`
const recipient = `0x${"b2".repeat(20)}`
const token = `0x${"c3".repeat(20)}`
const router = `0x${"d4".repeat(20)}`
const base = { chainId: 8453, name: "Base" }
const hash = `0x${"EF".repeat(32)}`

const quoteIn = (asset: string, more: Partial<Quote> = {}): Quote => ({
  chainId: base.chainId,
  asset: { asset, symbol: "USDC", decimals: 6 },
  amount: "4990000",
  amountText: "4.99",
  payer,
  recipient,
  reference: `0x${"07".repeat(32)}`,
  price: { currency: "USD", minorUnits: 499 },
  expiresAt: "2026-01-01T00:00:00.000Z",
  acceptedUntil: "2026-01-02T00:00:00.000Z",
  uri: "ethereum:",
  ...more
})

interface WalletState {
  readonly account?: string
  readonly knows?: ReadonlyArray<number>
  /** The wallet adds a chain and stays on the chain before. */
  readonly staysWhenAdding?: boolean
  /** The wallet answers that it has switched, and does not. */
  readonly pretends?: boolean
}

/** A wallet that starts on Ethereum. */
const walletWith = ({ account = payer, knows = [1], pretends = false, staysWhenAdding = false }: WalletState = {}) => {
  const known = new Set(knows)
  let current = 1
  const calls: Array<{ readonly method: string; readonly params: ReadonlyArray<unknown> }> = []
  const chainOf = ([first]: ReadonlyArray<unknown>) => Number((first as { chainId: string }).chainId)
  const answers: Record<string, (params: ReadonlyArray<unknown>) => unknown> = {
    eth_requestAccounts: () => [account],
    eth_chainId: () => `0x${current.toString(16)}`,
    wallet_switchEthereumChain: (params) => {
      if (!known.has(chainOf(params))) throw Object.assign(new Error("unknown"), { code: 4902 })
      if (!pretends) current = chainOf(params)
      return null
    },
    wallet_addEthereumChain: (params) => {
      known.add(chainOf(params))
      if (!staysWhenAdding) current = chainOf(params)
      return null
    },
    eth_sendTransaction: () => hash
  }
  const wallet: BrowserWallet = {
    request: async ({ method, params = [] }) => {
      calls.push({ method, params })
      return answers[method]?.(params)
    }
  }
  const called = (method: string) => calls.filter((call) => call.method === method).map(({ params }) => params[0])
  return { wallet, called }
}

const refusalOf = async (attempt: Promise<unknown>): Promise<unknown> => {
  try {
    await attempt
  } catch (problem) {
    return (problem as { code?: unknown }).code
  }
  return assert.fail("it was paid")
}

describe("Paying a quote by the wallet of the browser", () => {
  test("switches to the chain, moves the exact amount of the token, and answers the hash in lower case", async () => {
    const { called, wallet } = walletWith({ knows: [1, base.chainId] })
    assert.strictEqual(await payQuote(wallet, quoteIn(token), base), hash.toLowerCase())
    assert.deepStrictEqual(called("wallet_switchEthereumChain"), [{ chainId: "0x2105" }])
    // ERC-20: transfer(address,uint256)
    const data = `0xa9059cbb${recipient.slice(2).padStart(64, "0")}${(4_990_000).toString(16).padStart(64, "0")}`
    assert.deepStrictEqual(called("eth_sendTransaction"), [{ from: payer, to: token, data }])
  })

  test("sends the native currency to the recipient, or to the router with the reference", async () => {
    const direct = walletWith({ knows: [base.chainId] })
    await payQuote(direct.wallet, quoteIn("native"), base)
    assert.deepStrictEqual(direct.called("eth_sendTransaction"), [{ from: payer, to: recipient, value: "0x4c2430" }])

    const routed = walletWith({ knows: [base.chainId] })
    await payQuote(routed.wallet, quoteIn("native", { router }), base)
    const [sent] = routed.called("eth_sendTransaction") as ReadonlyArray<Record<string, string>>
    assert.deepInclude(sent, { from: payer, to: router, value: "0x4c2430" })
    assert.strictEqual(sent?.["data"]?.slice(10), `${recipient.slice(2).padStart(64, "0")}${"07".repeat(32)}`)
  })

  test("adds a public chain that the wallet does not know, and switches if the wallet has not", async () => {
    for (const staysWhenAdding of [false, true]) {
      const { called, wallet } = walletWith({ staysWhenAdding })
      await payQuote(wallet, quoteIn(token), base)
      const [added] = called("wallet_addEthereumChain")
      assert.deepInclude(added, { chainId: "0x2105", chainName: "Base" })
      assert.lengthOf(called("eth_sendTransaction"), 1)
    }
  })

  test("sends nothing from another account, or on another chain than the quoted one", async () => {
    const other = walletWith({ account: router, knows: [base.chainId] })
    assert.strictEqual(await refusalOf(payQuote(other.wallet, quoteIn(token), base)), "wallet_other_account")
    const pretending = walletWith({ knows: [1, base.chainId], pretends: true })
    assert.strictEqual(await refusalOf(payQuote(pretending.wallet, quoteIn(token), base)), "wallet_other_chain")
    const local = { chainId: 31_337, name: "Local" }
    const unknown = walletWith()
    const attempt = payQuote(unknown.wallet, quoteIn(token, { chainId: local.chainId }), local)
    assert.strictEqual(await refusalOf(attempt), "wallet_unknown_chain")
    for (const { called } of [other, pretending, unknown]) assert.lengthOf(called("eth_sendTransaction"), 0)
  })
})

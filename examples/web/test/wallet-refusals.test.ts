import { assert, describe, test } from "vitest"
import { DchatProblem } from "../src/dchat-http.ts"
import { walletRefusal } from "../src/wallet/wallet-refusals.ts"

const walletError = (code: number, message = "") => Object.assign(new Error(message), { code })

describe("The refusals of a payment by wallet", () => {
  test("have words for each code of EIP-1193, and show the message of a wallet that has none", () => {
    const codes = [4001, 4100, 4200, 4900, 4901, -32_002]
    const words = codes.map((code) => walletRefusal(walletError(code, "User denied")).words)
    assert.lengthOf([...new Set(words)], codes.length)
    assert.isFalse(words.some((line) => line.includes("User denied")))
    assert.deepInclude(walletRefusal(walletError(4001)), { code: "wallet_rejected" })
    assert.deepInclude(walletRefusal(walletError(-32_000, "insufficient funds for gas * price + value")), {
      code: "wallet_balance"
    })
    assert.deepInclude(walletRefusal(walletError(-32_603, "ERC20: transfer amount exceeds balance")), {
      code: "wallet_balance"
    })
    assert.include(walletRefusal(new Error("The device is locked")).words, "The device is locked")
  })

  test("tell from when a renewal can be paid", () => {
    const problem = new DchatProblem({ code: "renewal_not_open", status: 409, opensAt: "2026-03-05T12:00:00.000Z" })
    assert.deepStrictEqual(walletRefusal(problem), {
      code: "renewal_not_open",
      words: "You can pay for the next period from March 5, 2026."
    })
  })

  test("of the host have words of this page", () => {
    const codes = [
      "asset_not_offered",
      "payment_in_progress",
      "payment_not_open",
      "price_unavailable",
      "too_many_checkouts",
      "too_many_quotes",
      "wallet_not_usable",
      "wallet_placeholder",
      "web3_not_configured"
    ]
    for (const code of codes) {
      const { words } = walletRefusal(new DchatProblem({ code, status: 409, title: "untranslated" }))
      assert.notStrictEqual(words, "untranslated", code)
    }
  })
})

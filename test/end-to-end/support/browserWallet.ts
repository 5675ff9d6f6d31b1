/**
 * A wallet in the browser (EIP-1193) that signs whatever it is asked to, with a key of the test.
 */
import type { BrowserContext } from "playwright-core"
import { privateKeyToAccount } from "viem/accounts"

/** Windows that are opened from now on have it. */
export const installWallet = async (context: BrowserContext, secret: `0x${string}`): Promise<string> => {
  const account = privateKeyToAccount(secret)
  await context.exposeFunction(
    "signByTestWallet",
    (message: `0x${string}`) => account.signMessage({ message: { raw: message } })
  )
  await context.addInitScript(`
    const answers = { eth_requestAccounts: () => ["${account.address}"], eth_chainId: () => "0x1",
      personal_sign: ([message]) => globalThis.signByTestWallet(message) }
    globalThis.ethereum = { request: async ({ method, params }) => answers[method](params) }
  `)
  return account.address
}

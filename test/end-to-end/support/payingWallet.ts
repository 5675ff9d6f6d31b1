/**
 * A wallet in the browser (EIP-1193) with an account of a local chain.
 */
import type { BrowserContext } from "playwright-core"
import { hexToBigInt, type LocalAccount } from "viem"
import type { LocalChain } from "./chain.ts"

export interface PayingWallet {
  /** The owner rejects the next request to send. */
  rejectNext: boolean
  /** The chain to which the page has switched the wallet. */
  chainId: number
}

interface Sent {
  readonly to: `0x${string}`
  readonly data?: `0x${string}`
  readonly value?: `0x${string}`
}

/** Windows that are opened from now on have the wallet. It starts on Ethereum. */
export const installPayingWallet = async (
  context: BrowserContext,
  chain: LocalChain,
  account: LocalAccount
): Promise<PayingWallet> => {
  const wallet: PayingWallet = { rejectNext: false, chainId: 1 }
  const send = ({ data, to, value }: Sent) => {
    if (!wallet.rejectNext) {
      return chain.send({
        from: account,
        to,
        ...(data !== undefined && { data }),
        ...(value !== undefined && { value: hexToBigInt(value) })
      })
    }
    wallet.rejectNext = false
    return { refused: 4001 }
  }
  const switchTo = ({ chainId }: { readonly chainId: string }) => {
    if (Number(chainId) !== chain.chainId) return { refused: 4902 }
    wallet.chainId = chain.chainId
    return null
  }
  await context.exposeFunction("askPayingWallet", (method: string, params: ReadonlyArray<unknown> = []) => {
    const [first] = params
    switch (method) {
      case "eth_requestAccounts":
        return [account.address]
      case "eth_chainId":
        return `0x${wallet.chainId.toString(16)}`
      case "personal_sign":
        return account.signMessage({ message: { raw: first as `0x${string}` } })
      case "wallet_switchEthereumChain":
        return switchTo(first as { readonly chainId: string })
      case "eth_sendTransaction":
        return send(first as Sent)
      default:
        return { refused: 4200 }
    }
  })
  await context.addInitScript(`
    globalThis.ethereum = { request: async ({ method, params }) => {
      const answer = await globalThis.askPayingWallet(method, params)
      if (answer?.refused !== undefined) throw Object.assign(new Error("refused"), { code: answer.refused })
      return answer
    } }
  `)
  return wallet
}

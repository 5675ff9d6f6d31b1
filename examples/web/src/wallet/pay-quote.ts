/** Pays a quote by the wallet of the browser: the account, the chain, the transaction. */
import { type Chain, type Quote } from "../dchat-subscription.ts"
import { isSameAddress } from "../window-identity.ts"
import { type BrowserWallet, chainIdOf, requestAccounts } from "./browser-wallet.ts"
import { chainToAdd } from "./known-chains.ts"
import { WalletRefusal } from "./wallet-refusals.ts"

/** The wallet does not know the chain (EIP-3326). */
const isUnknownChain = (problem: unknown): boolean => {
  const { code, data } = (problem ?? {}) as { code?: unknown; data?: { originalError?: { code?: unknown } } }
  return code === 4902 || data?.originalError?.code === 4902
}

/** Switches the wallet to the chain, and adds a public chain that the wallet does not know (EIP-3085). */
const switchTo = async (wallet: BrowserWallet, { chainId, name }: Pick<Chain, "chainId" | "name">): Promise<void> => {
  if (await chainIdOf(wallet) === chainId) return
  const target = [{ chainId: `0x${chainId.toString(16)}` }]
  const change = () => wallet.request({ method: "wallet_switchEthereumChain", params: target })
  try {
    await change()
  } catch (problem) {
    if (!isUnknownChain(problem)) throw problem
    const added = chainToAdd(chainId)
    if (added === undefined) throw new WalletRefusal({ type: "unknown-chain", name })
    await wallet.request({ method: "wallet_addEthereumChain", params: [added] })
    // Some wallets add the chain without a switch.
    if (await chainIdOf(wallet) !== chainId) await change()
  }
  // A wallet on another chain would send the money there.
  if (await chainIdOf(wallet) !== chainId) throw new WalletRefusal({ type: "other-chain", name })
}

/** Answers the hash of the transaction, in lower case. */
export const payQuote = async (
  wallet: BrowserWallet,
  quote: Quote,
  chain: Pick<Chain, "chainId" | "name">
): Promise<string> => {
  const accounts = await requestAccounts(wallet)
  if (!accounts.some((account) => isSameAddress(account, quote.payer))) {
    throw new WalletRefusal({ type: "other-account", account: accounts[0] ?? "", payer: quote.payer })
  }
  await switchTo(wallet, chain)
  const { transactionOf } = await import("./transaction.ts")
  return `${await wallet.request({ method: "eth_sendTransaction", params: [transactionOf(quote)] })}`.toLowerCase()
}

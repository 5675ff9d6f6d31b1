/** The wallet of the browser (EIP-1193): `window.ethereum`. */

export interface BrowserWallet {
  request(call: { readonly method: string; readonly params?: ReadonlyArray<unknown> }): Promise<unknown>
}

const wallet = (): BrowserWallet | undefined => (window as { ethereum?: BrowserWallet }).ethereum

export const hasBrowserWallet = (): boolean => wallet() !== undefined

export const browserWallet = (): BrowserWallet => {
  const found = wallet()
  if (found === undefined) throw new Error("This browser has no wallet.")
  return found
}

/** Asks the wallet for its accounts. The wallet asks its owner, unless the owner has agreed before. */
export const requestAccounts = async (wallet: BrowserWallet): Promise<ReadonlyArray<string>> => {
  const accounts = await wallet.request({ method: "eth_requestAccounts" }) as ReadonlyArray<string>
  if (accounts.length === 0) throw new Error("The wallet shared no account. Allow access in the wallet and try again.")
  return accounts
}

export const chainIdOf = async (wallet: BrowserWallet): Promise<number> =>
  Number(await wallet.request({ method: "eth_chainId" }))

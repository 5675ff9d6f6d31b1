/** Who signs: the wallet in the browser (EIP-1193), or a key that is made in this window and goes with it. */
import { type Signer } from "./dchat-client.ts"
import { windowIdentity } from "./window-identity.ts"

interface BrowserWallet {
  request(call: { method: string; params?: ReadonlyArray<unknown> }): Promise<unknown>
}

const browserWallet = (): BrowserWallet | undefined => (window as { ethereum?: BrowserWallet }).ethereum

export const hasBrowserWallet = (): boolean => browserWallet() !== undefined

const hex = (text: string): string =>
  `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`

/** Asks the wallet in the browser for an account. EIP-191: it shows the message to its owner before it signs. */
export const walletSigner = async (): Promise<Signer> => {
  const wallet = browserWallet()
  if (wallet === undefined) throw new Error("There is no wallet in this browser.")
  const [address] = await wallet.request({ method: "eth_requestAccounts" }) as ReadonlyArray<string>
  if (address === undefined) throw new Error("The wallet shared no account.")
  const chainId = Number(await wallet.request({ method: "eth_chainId" }))
  windowIdentity.secret = undefined
  const sign = async (message: string) =>
    `${await wallet.request({ method: "personal_sign", params: [hex(message), address] })}`
  return { address, chainId, sign }
}

/** A key of this window. It is kept over a reload, and gone with the window. */
export const throwAwaySigner = async (): Promise<Signer> => {
  const { generatePrivateKey, privateKeyToAccount } = await import("viem/accounts")
  const secret = windowIdentity.secret ?? generatePrivateKey()
  windowIdentity.secret = secret
  const account = privateKeyToAccount(secret as `0x${string}`)
  return { address: account.address, chainId: 1, sign: (message) => account.signMessage({ message }) }
}

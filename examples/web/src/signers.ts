/** The signers: the wallet in the browser (EIP-1193), or a key that is created in this window and deleted with it. */
import { type Signer } from "./dchat-http.ts"
import { type Wallet } from "./dchat-identity.ts"
import { type WalletSource } from "./intent.ts"
import { browserWallet, chainIdOf, hasBrowserWallet, requestAccounts } from "./wallet/browser-wallet.ts"
import { isSameAddress, type ThrowAwayKey, windowIdentity } from "./window-identity.ts"

const hex = (text: string): string =>
  `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`

/** Asks the wallet in the browser for an account. EIP-191: it shows the message to its owner before it signs. */
export const walletSigner = async (): Promise<Signer> => {
  const wallet = browserWallet()
  const [address = ""] = await requestAccounts(wallet)
  const chainId = await chainIdOf(wallet)
  const sign = async (message: string) =>
    `${await wallet.request({ method: "personal_sign", params: [hex(message), address] })}`
  return { address, chainId, sign }
}

const keySigner = ({ address, secret }: ThrowAwayKey): Signer => ({
  address,
  chainId: 1,
  sign: async (message) => {
    const { privateKeyToAccount } = await import("viem/accounts")
    return privateKeyToAccount(secret as `0x${string}`).signMessage({ message })
  }
})

/** A new key. It survives a reload, and is deleted with the window. */
export const newKeySigner = async (): Promise<Signer> => {
  const { generatePrivateKey, privateKeyToAccount } = await import("viem/accounts")
  const secret = generatePrivateKey()
  const key = { address: privateKeyToAccount(secret).address, secret }
  windowIdentity.keepKey(key)
  return keySigner(key)
}

/** The key of the last sign-in here, or a new one. */
export const throwAwaySigner = async (): Promise<Signer> => {
  const [known] = windowIdentity.throwAwayKeys
  return known === undefined ? newKeySigner() : keySigner(known)
}

export const signerToLink = (source: WalletSource): Promise<Signer> =>
  source === "browser" ? walletSigner() : newKeySigner()

/** Whether an address is that of a key that was made in this window. */
export const isThrowAway = (address: string): boolean =>
  windowIdentity.throwAwayKeys.some((key) => isSameAddress(key.address, address))

/** The signer of one of these wallets: a key of this window, or else the wallet of the browser. */
export const sourceFor = (wallets: ReadonlyArray<Wallet>): WalletSource | undefined => {
  if (wallets.some(({ address }) => isThrowAway(address))) return "throw-away"
  return wallets.length > 0 && hasBrowserWallet() ? "browser" : undefined
}

export const signerFor = async (wallets: ReadonlyArray<Wallet>): Promise<Signer> => {
  const key = windowIdentity.throwAwayKeys.find((one) =>
    wallets.some(({ address }) => isSameAddress(address, one.address))
  )
  return key === undefined ? walletSigner() : keySigner(key)
}

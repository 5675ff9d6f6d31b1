/**
 * A credential that a user proves to hold: a wallet, or an account at LinkedIn.
 */
import { Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import type { Identity } from "./Identity.ts"
import { LinkedInClientId, LinkedInSubject } from "./LinkedInProfile.ts"
import { isSameWallet, type Wallet, WalletKind } from "./Wallet.ts"
import { WalletAddress } from "./WalletAddress.ts"

export const Credential = Schema.TaggedUnion({
  Wallet: { kind: WalletKind, chainId: Schema.optionalKey(ChainId), address: WalletAddress },
  Account: { clientId: LinkedInClientId, subject: LinkedInSubject }
})
export type Credential = typeof Credential.Type

export const walletCredential = (
  { address, chainId, kind }: Pick<Wallet, "kind" | "chainId" | "address">
): Credential => ({ _tag: "Wallet", kind, address, ...(chainId === undefined ? {} : { chainId }) })

export const accountCredential = (clientId: LinkedInClientId, subject: LinkedInSubject): Credential => ({
  _tag: "Account",
  clientId,
  subject
})

/** Whether the user still holds the credential. */
export const holdsCredential = ({ accounts, wallets }: Identity, credential: Credential): boolean =>
  credential._tag === "Wallet"
    ? wallets.some((wallet) => isSameWallet(wallet, credential))
    : accounts.some(({ clientId, profile }) =>
      clientId === credential.clientId && profile.subject === credential.subject
    )

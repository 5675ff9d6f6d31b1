/**
 * What can be asked of the identity machine. Proofs have been verified before: a command says who is proved to hold
 * what. Ids are given, so that deciding twice decides the same.
 */
import { Data, type DateTime } from "effect"
import type { DisplayName } from "./DisplayName.ts"
import type { SignInMethod } from "./IdentityEvent.ts"
import type { LinkedAccount, LinkedAccountId } from "./LinkedAccount.ts"
import type { LinkedInClientId, LinkedInProfile } from "./LinkedInProfile.ts"
import type { SessionId } from "./Session.ts"
import type { TemporaryWalletRef } from "./TemporaryWallet.ts"
import type { UserId } from "./UserId.ts"
import type { Wallet, WalletId } from "./Wallet.ts"

/** How recently the person who asks has proved who they are. */
interface Proof {
  readonly authenticatedAt: DateTime.Utc
}

export type IdentityCommand = Data.TaggedEnum<{
  /** Somebody new, by the wallet or the account that they came with. */
  RegisterByWallet: { readonly wallet: Wallet }
  RegisterByAccount: { readonly account: LinkedAccount; readonly temporaryRef: TemporaryWalletRef }
  /** A known person comes in; `profile` is what LinkedIn says now, if they came that way. */
  SignIn: {
    readonly method: SignInMethod
    readonly account?: { readonly id: LinkedAccountId; readonly profile: LinkedInProfile }
  }
  /** Somebody signed in has proved an identity again; it must be one of theirs. */
  ReauthenticateByWallet: { readonly wallet: Pick<Wallet, "kind" | "chainId" | "address"> }
  ReauthenticateByAccount: { readonly clientId: LinkedInClientId; readonly profile: LinkedInProfile }
  /** `owner`: who holds it already, as far as known; the store has the last word. */
  LinkWallet: Proof & { readonly wallet: Wallet; readonly owner: UserId | undefined }
  LinkAccount: Proof & { readonly account: LinkedAccount; readonly owner: UserId | undefined }
  /** `clientId`: the application at LinkedIn that is set up now; `temporaryRef` is used if this was the last wallet. */
  UnlinkWallet: Proof & {
    readonly walletId: WalletId
    readonly clientId: LinkedInClientId | undefined
    readonly temporaryRef: TemporaryWalletRef
  }
  UnlinkAccount: Proof & { readonly clientId: LinkedInClientId | undefined }
  ReportStolenToken: { readonly sessionId: SessionId }
  SetPrimaryWallet: { readonly walletId: WalletId }
  SyncAccount: { readonly accountId: LinkedAccountId; readonly profile: LinkedInProfile }
  EditProfile: {
    readonly displayName?: DisplayName
    readonly company?: string
    readonly position?: string
  }
  Disable: { readonly reason: string }
  Enable: { readonly reason: string }
  Delete: Proof
}>
export const IdentityCommand = Data.taggedEnum<IdentityCommand>()

/**
 * The commands of the identity machine. Proofs are verified before: a command names the user and the proved credential.
 * Ids are arguments, so that a repeated decision gives the same result.
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

/** The time of the actor's last proof. */
interface Proof {
  readonly authenticatedAt: DateTime.Utc
}

export type IdentityCommand = Data.TaggedEnum<{
  /** A new user, registered by the proved wallet or account. */
  RegisterByWallet: { readonly wallet: Wallet }
  RegisterByAccount: { readonly account: LinkedAccount; readonly temporaryRef: TemporaryWalletRef }
  /** A known user signs in. `profile` is the current LinkedIn profile, for a sign-in by LinkedIn. */
  SignIn: {
    readonly method: SignInMethod
    readonly account?: { readonly id: LinkedAccountId; readonly profile: LinkedInProfile }
  }
  /** A signed-in user has proved an identity again. The identity must belong to the user. */
  ReauthenticateByWallet: { readonly wallet: Pick<Wallet, "kind" | "chainId" | "address"> }
  ReauthenticateByAccount: { readonly clientId: LinkedInClientId; readonly profile: LinkedInProfile }
  /** `owner`: the current holder, as far as known. The store decides. */
  LinkWallet: Proof & { readonly wallet: Wallet; readonly owner: UserId | undefined }
  LinkAccount: Proof & { readonly account: LinkedAccount; readonly owner: UserId | undefined }
  /** `clientId`: the configured application at LinkedIn. `temporaryRef` is used if the last wallet was unlinked. */
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
type Commands = { readonly [Command in IdentityCommand as Command["_tag"]]: Command }
export type IdentityCommandOf<Tag extends IdentityCommand["_tag"]> = { readonly _tag: Tag } & Commands[Tag]

export const IdentityCommand = Data.taggedEnum<IdentityCommand>()

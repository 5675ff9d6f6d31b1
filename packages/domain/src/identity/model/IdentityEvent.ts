/**
 * The events of a user's identity, with all data that the next state needs. AuditRecord.ts defines the stored part.
 */
import { Schema } from "effect"
import { DisplayName } from "./DisplayName.ts"
import { ProfileLine } from "./Identity.ts"
import { LinkedAccount, LinkedAccountId } from "./LinkedAccount.ts"
import { LinkedInProfile } from "./LinkedInProfile.ts"
import { SessionId } from "./Session.ts"
import { TemporaryWallet, TemporaryWalletRef } from "./TemporaryWallet.ts"
import { UserId } from "./UserId.ts"
import { Wallet, WalletId } from "./Wallet.ts"

/** The method by which a user proved an identity. */
export const SignInMethod = Schema.Literals(["wallet", "linkedin"])
export type SignInMethod = typeof SignInMethod.Type

export const IdentityEvent = Schema.TaggedUnion({
  Registered: {
    userId: UserId,
    displayName: DisplayName,
    method: SignInMethod
  },
  SignedIn: { method: SignInMethod },
  Reauthenticated: { method: SignInMethod },
  WalletLinked: { wallet: Wallet },
  WalletUnlinked: { walletId: WalletId },
  PrimaryWalletChanged: { walletId: WalletId },
  TemporaryWalletAssigned: { temporaryWallet: TemporaryWallet },
  TemporaryWalletRetired: { ref: TemporaryWalletRef },
  AccountLinked: { account: LinkedAccount },
  AccountUnlinked: { accountId: LinkedAccountId },
  /** The LinkedIn profile was read again. */
  AccountSynced: { accountId: LinkedAccountId, profile: LinkedInProfile },
  /** The name follows LinkedIn while the user has not chosen a name. */
  NameFollowed: { displayName: DisplayName },
  /** Holds only the given fields. An empty text removes a line. */
  ProfileEdited: {
    displayName: Schema.optionalKey(DisplayName),
    company: Schema.optionalKey(ProfileLine),
    position: Schema.optionalKey(ProfileLine)
  },
  /** A replaced token of a session was used again, so another party has a copy. The session was ended. */
  TokenStolen: { sessionId: SessionId },
  /** Another user was merged into this user. */
  Absorbed: { userId: UserId },
  MergedInto: { userId: UserId },
  Disabled: { reason: Schema.String.check(Schema.isMaxLength(500)) },
  Enabled: { reason: Schema.String.check(Schema.isMaxLength(500)) },
  Deleted: {}
})
export type IdentityEvent = typeof IdentityEvent.Type

/**
 * Whether an event ends old tokens and all earned or begun rights. Such an event changes the user's ways to sign in, or
 * an administrator has disabled or enabled the user.
 */
export const changesCredentials = ({ _tag }: IdentityEvent): boolean =>
  _tag === "WalletLinked" || _tag === "WalletUnlinked" || _tag === "AccountLinked" || _tag === "AccountUnlinked" ||
  _tag === "Absorbed" || _tag === "MergedInto" || _tag === "Disabled" || _tag === "Enabled" || _tag === "Deleted"

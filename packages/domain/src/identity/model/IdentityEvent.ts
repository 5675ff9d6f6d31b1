/**
 * What happened to somebody's identity, with all that the next state needs. What is kept of it is in AuditRecord.ts.
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

/** How somebody proved who they are. */
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
  /** What LinkedIn says of the person was read again. */
  AccountSynced: { accountId: LinkedAccountId, profile: LinkedInProfile },
  /** The name follows LinkedIn while the person has not chosen one. */
  NameFollowed: { displayName: DisplayName },
  /** Only the fields that were given; an empty text takes a line away. */
  ProfileEdited: {
    displayName: Schema.optionalKey(DisplayName),
    company: Schema.optionalKey(ProfileLine),
    position: Schema.optionalKey(ProfileLine)
  },
  /** A token of a session came that was replaced before: somebody has a copy of it. The session was ended. */
  TokenStolen: { sessionId: SessionId },
  /** Another person of the same human has become part of this one. */
  Absorbed: { userId: UserId },
  MergedInto: { userId: UserId },
  Disabled: { reason: Schema.String.check(Schema.isMaxLength(500)) },
  Enabled: { reason: Schema.String.check(Schema.isMaxLength(500)) },
  Deleted: {}
})
export type IdentityEvent = typeof IdentityEvent.Type

/**
 * After these, an old token must not go on, and nothing that was earned or begun before is good any more: the ways in
 * which the person signs in are different, or an administrator has closed or opened them.
 */
export const changesCredentials = ({ _tag }: IdentityEvent): boolean =>
  _tag === "WalletLinked" || _tag === "WalletUnlinked" || _tag === "AccountLinked" || _tag === "AccountUnlinked" ||
  _tag === "Absorbed" || _tag === "MergedInto" || _tag === "Disabled" || _tag === "Enabled" || _tag === "Deleted"

/**
 * The view that users have of themselves.
 */
import {
  ChainId,
  DisplayName,
  type Identity,
  LinkedAccount,
  LinkedInSubject,
  ProfileLine,
  TemporaryWalletRef,
  UserId,
  WalletAddress,
  WalletId,
  WalletKind
} from "@dchat/domain/identity"
import { Schema } from "effect"
import { Time } from "./Time.ts"

/** The profile that LinkedIn reports of a user. */
export const LinkedInView = Schema.Struct({
  subject: LinkedInSubject,
  name: Schema.String,
  email: LinkedAccount.fields.profile.fields.email,
  emailVerified: Schema.Boolean,
  /** URL of a picture, which may expire. */
  picture: LinkedAccount.fields.profile.fields.picture,
  locale: LinkedAccount.fields.profile.fields.locale,
  linkedAt: Time,
  /** The time at which the profile was last read from LinkedIn. */
  lastSyncAt: Time
}).annotate({ identifier: "LinkedInProfile" })
export type LinkedInView = typeof LinkedInView.Type

export const linkedInViewOf = ({ lastSyncAt, linkedAt, profile }: LinkedAccount): LinkedInView => ({
  ...profile,
  linkedAt,
  lastSyncAt
})

export const UserView = Schema.Struct({
  id: UserId,
  displayName: DisplayName,
  createdAt: Time,
  company: Schema.optionalKey(ProfileLine),
  position: Schema.optionalKey(ProfileLine),
  /** The wallets, the primary wallet first. */
  wallets: Schema.Array(
    Schema.Struct({
      id: WalletId,
      kind: WalletKind,
      /** The chain of a contract wallet. */
      chainId: Schema.optionalKey(ChainId),
      address: WalletAddress,
      isPrimary: Schema.Boolean,
      verifiedAt: Time
    }).annotate({ identifier: "Wallet" })
  ),
  /** The placeholder of a user without a wallet. A placeholder is not an address. */
  temporaryWallet: Schema.optionalKey(TemporaryWalletRef),
  linkedin: Schema.optionalKey(LinkedInView)
}).annotate({ identifier: "User" })
export type UserView = typeof UserView.Type

export const userViewOf = (
  { accounts, company, createdAt, displayName, id, position, temporaryWallet, wallets }: Identity
): UserView => ({
  id,
  displayName,
  createdAt,
  wallets: wallets
    .toSorted((one, other) => Number(other.isPrimary) - Number(one.isPrimary))
    .map(({ userId: _, ...wallet }) => wallet),
  ...(company === undefined ? {} : { company }),
  ...(position === undefined ? {} : { position }),
  ...(temporaryWallet === undefined ? {} : { temporaryWallet: temporaryWallet.ref }),
  ...(accounts[0] === undefined ? {} : { linkedin: linkedInViewOf(accounts[0]) })
})

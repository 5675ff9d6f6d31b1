/**
 * The state of the identity machine: all data that decides a user's identity.
 */
import { DateTime, Order, Schema } from "effect"
import { LinkedAccount } from "./LinkedAccount.ts"
import type { LinkedInClientId } from "./LinkedInProfile.ts"
import { TemporaryWallet, type WalletRef } from "./TemporaryWallet.ts"
import { User } from "./User.ts"
import { UserId } from "./UserId.ts"
import { Wallet } from "./Wallet.ts"

/** A profile line about a user's work, as the user wrote the line. */
export const ProfileLine = Schema.String.check(
  Schema.isTrimmed(),
  Schema.isMaxLength(120),
  Schema.isPattern(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u)
)

export const Identity = Schema.Struct({
  ...User.fields,
  /** Number of events. */
  version: Schema.Int,
  /** The surviving user, after a merge. */
  mergedInto: Schema.optionalKey(UserId),
  /** Whether the user chose the name. Only the user changes a chosen name. */
  nameEdited: Schema.Boolean,
  /** The user's contact address. The address never decides identity. */
  primaryEmail: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(320))),
  company: Schema.optionalKey(ProfileLine),
  position: Schema.optionalKey(ProfileLine),
  lastSignInAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** In `walletOrder`; exactly one is primary while there is one. */
  wallets: Schema.Array(Wallet),
  /** In `accountOrder`. */
  accounts: Schema.Array(LinkedAccount),
  /** Present while an active user has no wallet. */
  temporaryWallet: Schema.optionalKey(TemporaryWallet)
})
export type Identity = typeof Identity.Type

/** In order of verification. The first wallet replaces a removed primary wallet. */
export const walletOrder: Order.Order<Wallet> = Order.combine(
  Order.mapInput(DateTime.Order, ({ verifiedAt }) => verifiedAt),
  Order.mapInput(Order.String, ({ id }) => id)
)

/** In order of linking. */
export const accountOrder: Order.Order<LinkedAccount> = Order.combine(
  Order.mapInput(DateTime.Order, ({ linkedAt }) => linkedAt),
  Order.mapInput(Order.String, ({ id }) => id)
)

/** Maximum number of wallets of a user. The lock on a user covers all of the user's wallets. */
export const maxWallets = 20

/** The wallet that others pay and see, or its placeholder. */
export const walletRefOf = ({ temporaryWallet, wallets }: Identity): WalletRef | undefined => {
  const primary = wallets.find(({ isPrimary }) => isPrimary)
  if (primary !== undefined) return { _tag: "Linked", address: primary.address }
  return temporaryWallet === undefined ? undefined : { _tag: "Temporary", ref: temporaryWallet.ref }
}

/** The LinkedIn account by which the user can sign in to the configured application. */
export const accountOf = (
  { accounts }: Identity,
  clientId: LinkedInClientId | undefined
): LinkedAccount | undefined => clientId === undefined ? undefined : accounts.find((it) => it.clientId === clientId)

/** Number of ways in which the user can sign in. */
export const loginCount = (identity: Identity, clientId: LinkedInClientId | undefined): number =>
  identity.wallets.length + (accountOf(identity, clientId) === undefined ? 0 : 1)

/**
 * Everything that decides who somebody is: the state of the identity machine.
 */
import { DateTime, Order, Schema } from "effect"
import { LinkedAccount } from "./LinkedAccount.ts"
import type { LinkedInClientId } from "./LinkedInProfile.ts"
import { TemporaryWallet, type WalletRef } from "./TemporaryWallet.ts"
import { User } from "./User.ts"
import { UserId } from "./UserId.ts"
import { Wallet } from "./Wallet.ts"

/** A line about somebody's work, as they wrote it. */
export const ProfileLine = Schema.String.check(
  Schema.isTrimmed(),
  Schema.isMaxLength(120),
  Schema.isPattern(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u)
)

export const Identity = Schema.Struct({
  ...User.fields,
  /** Counts the events. */
  version: Schema.Int,
  /** Who this person has become, once they are merged. */
  mergedInto: Schema.optionalKey(UserId),
  /** Whether the name is their own choice, which nothing but they changes. */
  nameEdited: Schema.Boolean,
  /** Where they can be written to. It never decides who somebody is. */
  primaryEmail: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(320))),
  company: Schema.optionalKey(ProfileLine),
  position: Schema.optionalKey(ProfileLine),
  lastSignInAt: Schema.optionalKey(Schema.DateTimeUtc),
  /** In `walletOrder`; exactly one is primary while there is one. */
  wallets: Schema.Array(Wallet),
  /** In `accountOrder`. */
  accounts: Schema.Array(LinkedAccount),
  /** There while somebody active has no wallet. */
  temporaryWallet: Schema.optionalKey(TemporaryWallet)
})
export type Identity = typeof Identity.Type

/** As they were verified. The first one takes the place of a primary one that goes. */
export const walletOrder: Order.Order<Wallet> = Order.combine(
  Order.mapInput(DateTime.Order, ({ verifiedAt }) => verifiedAt),
  Order.mapInput(Order.String, ({ id }) => id)
)

/** As they were linked. */
export const accountOrder: Order.Order<LinkedAccount> = Order.combine(
  Order.mapInput(DateTime.Order, ({ linkedAt }) => linkedAt),
  Order.mapInput(Order.String, ({ id }) => id)
)

/** Nobody needs more, and the lock on a person is held over all of them. */
export const maxWallets = 20

/** The wallet that others pay and see, or what stands for it. */
export const walletRefOf = ({ temporaryWallet, wallets }: Identity): WalletRef | undefined => {
  const primary = wallets.find(({ isPrimary }) => isPrimary)
  if (primary !== undefined) return { _tag: "Linked", address: primary.address }
  return temporaryWallet === undefined ? undefined : { _tag: "Temporary", ref: temporaryWallet.ref }
}

/** The LinkedIn account by which somebody can sign in to the application that is set up now. */
export const accountOf = (
  { accounts }: Identity,
  clientId: LinkedInClientId | undefined
): LinkedAccount | undefined => clientId === undefined ? undefined : accounts.find((it) => it.clientId === clientId)

/** In how many ways somebody can sign in. */
export const loginCount = (identity: Identity, clientId: LinkedInClientId | undefined): number =>
  identity.wallets.length + (accountOf(identity, clientId) === undefined ? 0 : 1)

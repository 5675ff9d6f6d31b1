/**
 * The state of a user after an event. An event is a fact and is never refused.
 */
import type { DateTime } from "effect"
import { deletedName, mergedName } from "../model/DisplayName.ts"
import { accountOrder, type Identity, walletOrder } from "../model/Identity.ts"
import type { IdentityEvent } from "../model/IdentityEvent.ts"
import type { LinkedAccountId } from "../model/LinkedAccount.ts"
import type { LinkedInProfile } from "../model/LinkedInProfile.ts"

/** The state after a user's first event. */
export const start = (
  { displayName, userId }: Extract<IdentityEvent, { readonly _tag: "Registered" }>,
  at: DateTime.Utc
): Identity => ({
  id: userId,
  status: "active",
  displayName,
  createdAt: at,
  version: 1,
  nameEdited: false,
  wallets: [],
  accounts: []
})

/** The next state. */
export const evolve = (identity: Identity, event: IdentityEvent, at: DateTime.Utc): Identity => ({
  ...apply(identity, event, at),
  version: identity.version + 1
})

const apply = (identity: Identity, event: IdentityEvent, at: DateTime.Utc): Identity => {
  switch (event._tag) {
    case "Registered":
    case "Reauthenticated":
    case "TokenStolen":
    case "Absorbed":
      return identity
    case "SignedIn":
      return { ...identity, lastSignInAt: at }
    case "WalletLinked":
      return { ...identity, wallets: [...identity.wallets, event.wallet].toSorted(walletOrder) }
    case "WalletUnlinked":
      return { ...identity, wallets: identity.wallets.filter(({ id }) => id !== event.walletId) }
    case "PrimaryWalletChanged":
      return {
        ...identity,
        wallets: identity.wallets.map((wallet) => ({ ...wallet, isPrimary: wallet.id === event.walletId }))
      }
    case "TemporaryWalletAssigned":
      return { ...identity, temporaryWallet: event.temporaryWallet }
    case "TemporaryWalletRetired": {
      const { temporaryWallet: _, ...rest } = identity
      return rest
    }
    case "AccountLinked":
      return withEmail(
        { ...identity, accounts: [...identity.accounts, event.account].toSorted(accountOrder) },
        event.account.profile
      )
    case "AccountUnlinked":
      return withoutAccount(identity, event.accountId)
    case "AccountSynced": {
      const { accountId, profile } = event
      const accounts = identity.accounts.map((it) => it.id === accountId ? { ...it, profile, lastSyncAt: at } : it)
      return withEmail({ ...identity, accounts }, profile)
    }
    case "NameFollowed":
      return { ...identity, displayName: event.displayName }
    case "ProfileEdited":
      return withProfile(identity, event)
    case "MergedInto":
      return {
        ...emptied(identity),
        status: "merged",
        mergedInto: event.userId,
        displayName: mergedName
      }
    case "Disabled":
      return { ...identity, status: "disabled" }
    case "Enabled":
      return { ...identity, status: "active" }
    case "Deleted":
      return { ...emptied(identity), status: "deleted", displayName: deletedName }
  }
}

/** The identity without personal data: the id stays, and the caller replaces the name. */
const emptied = ({ createdAt, displayName, id, nameEdited, status, version }: Identity): Identity => ({
  id,
  status,
  displayName,
  createdAt,
  version,
  nameEdited,
  wallets: [],
  accounts: []
})

/** A verified address becomes the user's contact address. */
const withEmail = (identity: Identity, { email, emailVerified }: LinkedInProfile): Identity =>
  email !== undefined && emailVerified ? { ...identity, primaryEmail: email } : identity

/** Unlinking an account removes an address that is known by this account alone. */
const withoutAccount = (identity: Identity, accountId: LinkedAccountId): Identity => {
  const { primaryEmail, ...rest } = identity
  const accounts = identity.accounts.filter(({ id }) => id !== accountId)
  const isKnown = accounts.some(({ profile }) => profile.email === primaryEmail)
  return { ...rest, accounts, ...(primaryEmail !== undefined && isKnown ? { primaryEmail } : {}) }
}

/** The given fields replace the old ones; an empty text removes a line. */
const withProfile = (
  { company: _1, position: _2, ...identity }: Identity,
  { company = _1, displayName, position = _2 }: Extract<IdentityEvent, { readonly _tag: "ProfileEdited" }>
): Identity => ({
  ...identity,
  ...(displayName === undefined ? {} : { displayName, nameEdited: true }),
  ...(company ? { company } : {}),
  ...(position ? { position } : {})
})

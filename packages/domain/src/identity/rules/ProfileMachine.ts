/**
 * The rules of profiles: the LinkedIn profile, and the user's own texts.
 */
import { displayNameOf, displayNameOfProfile, unnamed } from "../model/DisplayName.ts"
import type { Identity } from "../model/Identity.ts"
import type { IdentityCommandOf } from "../model/IdentityCommand.ts"
import type { IdentityEvent } from "../model/IdentityEvent.ts"
import type { LinkedAccountId } from "../model/LinkedAccount.ts"
import type { LinkedInProfile } from "../model/LinkedInProfile.ts"

/** Each reading of the LinkedIn profile is an event, so that the time of the reading is visible. */
export const synced = (
  account: IdentityCommandOf<"SignIn">["account"],
  identity: Identity
): ReadonlyArray<IdentityEvent> =>
  account === undefined ? [] : [
    { _tag: "AccountSynced", accountId: account.id, profile: account.profile },
    ...followed(account.profile, identity)
  ]

/** The LinkedIn name, unless the user has chosen a name. */
export const followed = ({ name }: LinkedInProfile, identity: Identity): ReadonlyArray<IdentityEvent> => {
  const displayName = displayNameOfProfile(name)
  const follows = !identity.nameEdited && name.trim() !== "" && displayName !== identity.displayName
  return follows ? [{ _tag: "NameFollowed", displayName }] : []
}

/** Unlinking removes a name that came from the account. The name of another account or of the wallet replaces it. */
export const nameWithout = (accountId: LinkedAccountId, identity: Identity): ReadonlyArray<IdentityEvent> => {
  if (identity.nameEdited) return []
  const other = identity.accounts.find(({ id }) => id !== accountId)
  const wallet = identity.wallets.find(({ isPrimary }) => isPrimary)
  const own = wallet === undefined ? unnamed : displayNameOf(wallet.address)
  const displayName = other === undefined || other.profile.name.trim() === ""
    ? own
    : displayNameOfProfile(other.profile.name)
  return displayName === identity.displayName ? [] : [{ _tag: "NameFollowed", displayName }]
}

export const edited = (
  command: IdentityCommandOf<"EditProfile">,
  identity: Identity
): ReadonlyArray<IdentityEvent> => {
  const { _tag, ...fields } = command
  const changes = Object.fromEntries(
    Object.entries(fields).filter(([name, value]) =>
      value !== undefined &&
      (name === "displayName"
        ? value !== identity.displayName || !identity.nameEdited
        : value !== (identity[name as "company" | "position"] ?? ""))
    )
  )
  return Object.keys(changes).length === 0 ? [] : [{ _tag: "ProfileEdited", ...changes }]
}

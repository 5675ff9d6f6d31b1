/**
 * The rules of identity: pure functions from a command to events, and from an event to the next state.
 * ProfileMachine.ts holds the rules of profiles. MergeMachine.ts holds the rules of merges.
 */
import { DateTime, Duration, Result } from "effect"
import { deletedName, displayNameOf, displayNameOfProfile, mergedName } from "../model/DisplayName.ts"
import { accountOf, accountOrder, type Identity, loginCount, maxWallets, walletOrder } from "../model/Identity.ts"
import type { IdentityCommand } from "../model/IdentityCommand.ts"
import {
  AccountOwnedByOther,
  type IdentityRefusal,
  LastLoginMethod,
  LinkedInAlreadyLinked,
  LinkedInNotLinked,
  ReauthMismatch,
  ReauthRequired,
  TooManyWallets,
  UserDisabled,
  UserNotFound,
  WalletNotFound,
  WalletOwnedByOther
} from "../model/IdentityErrors.ts"
import type { IdentityEvent } from "../model/IdentityEvent.ts"
import { isSameWallet } from "../model/Wallet.ts"
import * as ProfileMachine from "./ProfileMachine.ts"

/** The events of a command; empty if the command changes nothing. */
export type IdentityDecision = Result.Result<ReadonlyArray<IdentityEvent>, IdentityRefusal>

/** Time for which a proof counts as fresh. */
export const freshProofLifetime = Duration.minutes(10)

/** Whether the last proof is fresh enough to change the ways to sign in. */
export const isFresh = (authenticatedAt: DateTime.Utc, at: DateTime.Utc): boolean =>
  DateTime.isLessThan(at, DateTime.addDuration(authenticatedAt, freshProofLifetime))

type Command<Tag extends IdentityCommand["_tag"]> = Extract<IdentityCommand, { readonly _tag: Tag }>
type Registration = Command<"RegisterByWallet" | "RegisterByAccount">

/** The first events of a new user. */
export const register = (command: Registration, at: DateTime.Utc): ReadonlyArray<IdentityEvent> =>
  command._tag === "RegisterByWallet"
    ? [
      {
        _tag: "Registered",
        userId: command.wallet.userId,
        displayName: displayNameOf(command.wallet.address),
        method: "wallet"
      },
      { _tag: "WalletLinked", wallet: { ...command.wallet, isPrimary: true } },
      { _tag: "SignedIn", method: "wallet" }
    ]
    : [
      {
        _tag: "Registered",
        userId: command.account.userId,
        displayName: displayNameOfProfile(command.account.profile.name),
        method: "linkedin"
      },
      { _tag: "AccountLinked", account: command.account },
      {
        _tag: "TemporaryWalletAssigned",
        temporaryWallet: { ref: command.temporaryRef, userId: command.account.userId, createdAt: at }
      },
      { _tag: "SignedIn", method: "linkedin" }
    ]

/** Decides a command on a known user, at a time. */
export const decide = (
  command: Exclude<IdentityCommand, Registration>,
  identity: Identity,
  at: DateTime.Utc
): IdentityDecision => {
  if (identity.status === "merged" || identity.status === "deleted") {
    return Result.fail(new UserNotFound({ userId: identity.id }))
  }
  if (command._tag === "Enable") return enable(command, identity)
  if (command._tag === "Disable") return disable(command, identity)
  if (identity.status === "disabled") return Result.fail(new UserDisabled({ userId: identity.id }))
  switch (command._tag) {
    case "SignIn":
      return Result.succeed([...ProfileMachine.synced(command.account, identity), {
        _tag: "SignedIn",
        method: command.method
      }])
    case "ReauthenticateByWallet":
      return identity.wallets.some((wallet) => isSameWallet(wallet, command.wallet))
        ? Result.succeed([{ _tag: "Reauthenticated", method: "wallet" }])
        : Result.fail(new ReauthMismatch())
    case "ReauthenticateByAccount":
      return accountOf(identity, command.clientId)?.profile.subject === command.profile.subject
        ? Result.succeed([{ _tag: "Reauthenticated", method: "linkedin" }])
        : Result.fail(new ReauthMismatch())
    case "SyncAccount":
      return identity.accounts.some(({ id }) => id === command.accountId)
        ? Result.succeed(ProfileMachine.synced({ id: command.accountId, profile: command.profile }, identity))
        : Result.fail(new LinkedInNotLinked())
    case "ReportStolenToken":
      return Result.succeed([{ _tag: "TokenStolen", sessionId: command.sessionId }])
    case "SetPrimaryWallet":
      return setPrimary(command, identity)
    case "EditProfile":
      return Result.succeed(ProfileMachine.edited(command, identity))
    case "LinkWallet":
      return whenFresh(command, at, () => linkWallet(command, identity))
    case "UnlinkWallet":
      return whenFresh(command, at, () => unlinkWallet(command, identity, at))
    case "LinkAccount":
      return whenFresh(command, at, () => linkAccount(command, identity))
    case "UnlinkAccount":
      return whenFresh(command, at, () => unlinkAccount(command, identity))
    case "Delete":
      return whenFresh(command, at, () => Result.succeed([{ _tag: "Deleted" }]))
  }
}

const whenFresh = (
  { authenticatedAt }: { readonly authenticatedAt: DateTime.Utc },
  at: DateTime.Utc,
  decision: () => IdentityDecision
): IdentityDecision => isFresh(authenticatedAt, at) ? decision() : Result.fail(new ReauthRequired())

const enable = ({ reason }: Command<"Enable">, { status }: Identity): IdentityDecision =>
  Result.succeed(status === "active" ? [] : [{ _tag: "Enabled", reason }])

const disable = ({ reason }: Command<"Disable">, { status }: Identity): IdentityDecision =>
  Result.succeed(status === "disabled" ? [] : [{ _tag: "Disabled", reason }])

const linkWallet = ({ owner, wallet }: Command<"LinkWallet">, identity: Identity): IdentityDecision => {
  if (identity.wallets.some((own) => isSameWallet(own, wallet))) return Result.succeed([])
  if (owner !== undefined && owner !== identity.id) return Result.fail(new WalletOwnedByOther())
  if (identity.wallets.length >= maxWallets) return Result.fail(new TooManyWallets({ limit: maxWallets }))
  const { temporaryWallet } = identity
  return Result.succeed([
    { _tag: "WalletLinked", wallet: { ...wallet, userId: identity.id, isPrimary: identity.wallets.length === 0 } },
    ...(temporaryWallet === undefined ? [] : [{ _tag: "TemporaryWalletRetired", ref: temporaryWallet.ref } as const])
  ])
}

const unlinkWallet = (
  { clientId, temporaryRef, walletId }: Command<"UnlinkWallet">,
  identity: Identity,
  at: DateTime.Utc
): IdentityDecision => {
  const wallet = identity.wallets.find(({ id }) => id === walletId)
  if (wallet === undefined) return Result.fail(new WalletNotFound())
  if (loginCount(identity, clientId) <= 1) return Result.fail(new LastLoginMethod())
  const next = identity.wallets.find(({ id }) => id !== walletId)
  const events: Array<IdentityEvent> = [{ _tag: "WalletUnlinked", walletId }]
  if (next === undefined) {
    events.push({
      _tag: "TemporaryWalletAssigned",
      temporaryWallet: { ref: temporaryRef, userId: identity.id, createdAt: at }
    })
  } else if (wallet.isPrimary) events.push({ _tag: "PrimaryWalletChanged", walletId: next.id })
  return Result.succeed(events)
}

const setPrimary = ({ walletId }: Command<"SetPrimaryWallet">, { wallets }: Identity): IdentityDecision => {
  const wallet = wallets.find(({ id }) => id === walletId)
  if (wallet === undefined) return Result.fail(new WalletNotFound())
  return Result.succeed(wallet.isPrimary ? [] : [{ _tag: "PrimaryWalletChanged", walletId }])
}

const linkAccount = ({ account, owner }: Command<"LinkAccount">, identity: Identity): IdentityDecision => {
  const own = accountOf(identity, account.clientId)
  if (own?.profile.subject === account.profile.subject) {
    return Result.succeed(ProfileMachine.synced({ id: own.id, profile: account.profile }, identity))
  }
  if (owner !== undefined && owner !== identity.id) return Result.fail(new AccountOwnedByOther())
  if (own !== undefined) return Result.fail(new LinkedInAlreadyLinked())
  const linked = { ...account, userId: identity.id }
  return Result.succeed([
    { _tag: "AccountLinked", account: linked },
    ...ProfileMachine.followed(linked.profile, identity)
  ])
}

const unlinkAccount = ({ clientId }: Command<"UnlinkAccount">, identity: Identity): IdentityDecision => {
  const account = accountOf(identity, clientId) ?? identity.accounts[0]
  if (account === undefined) return Result.fail(new LinkedInNotLinked())
  const rest = { ...identity, accounts: identity.accounts.filter(({ id }) => id !== account.id) }
  if (loginCount(rest, clientId) === 0) return Result.fail(new LastLoginMethod())
  return Result.succeed([
    { _tag: "AccountUnlinked", accountId: account.id },
    ...ProfileMachine.nameWithout(account.id, identity)
  ])
}

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

/** The next state. Events are facts, so the function checks nothing. */
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
      return ProfileMachine.withEmail(
        { ...identity, accounts: [...identity.accounts, event.account].toSorted(accountOrder) },
        event.account.profile
      )
    case "AccountUnlinked":
      return ProfileMachine.withoutAccount(identity, event.accountId)
    case "AccountSynced": {
      const { accountId, profile } = event
      const accounts = identity.accounts.map((it) => it.id === accountId ? { ...it, profile, lastSyncAt: at } : it)
      return ProfileMachine.withEmail({ ...identity, accounts }, profile)
    }
    case "NameFollowed":
      return { ...identity, displayName: event.displayName }
    case "ProfileEdited":
      return ProfileMachine.withProfile(identity, event)
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

/**
 * The rules of identity: a pure function from a command to events. IdentityEvolution.ts gives the next state,
 * ProfileMachine.ts holds the rules of profiles, and MergeMachine.ts holds the rules of merges.
 */
import { DateTime, Duration, Result } from "effect"
import { type RefusalsOf, rule } from "../../decision/Rule.ts"
import { displayNameOf, displayNameOfProfile } from "../model/DisplayName.ts"
import { accountOf, type Identity, loginCount, maxWallets } from "../model/Identity.ts"
import type { IdentityCommand, IdentityCommandOf } from "../model/IdentityCommand.ts"
import {
  AccountOwnedByOther,
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
import type { IdentityEvent, SignInMethod } from "../model/IdentityEvent.ts"
import { isSameWallet } from "../model/Wallet.ts"
import * as ProfileMachine from "./ProfileMachine.ts"

/** The events of a command; empty if the command changes nothing. */
type Decided<Refusal> = Result.Result<ReadonlyArray<IdentityEvent>, Refusal>

const decided = (events: ReadonlyArray<IdentityEvent>): Decided<never> => Result.succeed(events)

type Rule<Command, Refusal> = (command: Command, identity: Identity, at: DateTime.Utc) => Decided<Refusal>

/** Time for which a proof counts as fresh. */
export const freshProofLifetime = Duration.minutes(10)

/** Whether the last proof is fresh enough to change the ways to sign in. */
export const isFresh = (authenticatedAt: DateTime.Utc, at: DateTime.Utc): boolean =>
  DateTime.isLessThan(at, DateTime.addDuration(authenticatedAt, freshProofLifetime))

type Registration = IdentityCommandOf<"RegisterByWallet" | "RegisterByAccount">

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

/** A command on a user who was neither merged nor deleted. */
const whilePresent =
  <Command, Refusal>(rule: Rule<Command, Refusal>): Rule<Command, Refusal | UserNotFound> => (command, identity, at) =>
    identity.status === "merged" || identity.status === "deleted"
      ? Result.fail(new UserNotFound({ userId: identity.id }))
      : rule(command, identity, at)

/** A command on a user who is not disabled either. */
const whileActive = <Command, Refusal>(rule: Rule<Command, Refusal>) =>
  whilePresent<Command, Refusal | UserDisabled>((command, identity, at) =>
    identity.status === "disabled"
      ? Result.fail(new UserDisabled({ userId: identity.id }))
      : rule(command, identity, at)
  )

/** A command that also needs a fresh proof. */
const whileFresh = <Command extends { readonly authenticatedAt: DateTime.Utc }, Refusal>(
  rule: Rule<Command, Refusal>
) =>
  whileActive<Command, Refusal | ReauthRequired>((command, identity, at) =>
    isFresh(command.authenticatedAt, at) ? rule(command, identity, at) : Result.fail(new ReauthRequired())
  )

const enable = ({ reason }: IdentityCommandOf<"Enable">, { status }: Identity) =>
  decided(status === "active" ? [] : [{ _tag: "Enabled", reason }])

const disable = ({ reason }: IdentityCommandOf<"Disable">, { status }: Identity) =>
  decided(status === "disabled" ? [] : [{ _tag: "Disabled", reason }])

const signIn = ({ account, method }: IdentityCommandOf<"SignIn">, identity: Identity) =>
  decided([...ProfileMachine.synced(account, identity), { _tag: "SignedIn", method }])

const reauthenticated = (method: SignInMethod, isTheirs: boolean) =>
  isTheirs ? decided([{ _tag: "Reauthenticated", method }]) : Result.fail(new ReauthMismatch())

const syncAccount = rule(({ accountId: id, profile }: IdentityCommandOf<"SyncAccount">, identity: Identity) =>
  identity.accounts.some((account) => account.id === id)
    ? decided(ProfileMachine.synced({ id, profile }, identity))
    : Result.fail(new LinkedInNotLinked())
)

const linkWallet = rule(({ owner, wallet }: IdentityCommandOf<"LinkWallet">, identity: Identity) => {
  if (identity.wallets.some((own) => isSameWallet(own, wallet))) return decided([])
  if (owner !== undefined && owner !== identity.id) return Result.fail(new WalletOwnedByOther())
  if (identity.wallets.length >= maxWallets) return Result.fail(new TooManyWallets({ limit: maxWallets }))
  const { temporaryWallet } = identity
  return decided([
    { _tag: "WalletLinked", wallet: { ...wallet, userId: identity.id, isPrimary: identity.wallets.length === 0 } },
    ...(temporaryWallet === undefined ? [] : [{ _tag: "TemporaryWalletRetired", ref: temporaryWallet.ref } as const])
  ])
})

const unlinkWallet = rule((
  { clientId, temporaryRef, walletId }: IdentityCommandOf<"UnlinkWallet">,
  identity: Identity,
  at: DateTime.Utc
) => {
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
  return decided(events)
})

const setPrimary = rule(({ walletId }: IdentityCommandOf<"SetPrimaryWallet">, { wallets }: Identity) => {
  const wallet = wallets.find(({ id }) => id === walletId)
  if (wallet === undefined) return Result.fail(new WalletNotFound())
  return decided(wallet.isPrimary ? [] : [{ _tag: "PrimaryWalletChanged", walletId }])
})

const linkAccount = rule(({ account, owner }: IdentityCommandOf<"LinkAccount">, identity: Identity) => {
  const own = accountOf(identity, account.clientId)
  if (own?.profile.subject === account.profile.subject) {
    return decided(ProfileMachine.synced({ id: own.id, profile: account.profile }, identity))
  }
  if (owner !== undefined && owner !== identity.id) return Result.fail(new AccountOwnedByOther())
  if (own !== undefined) return Result.fail(new LinkedInAlreadyLinked())
  const linked = { ...account, userId: identity.id }
  return decided([
    { _tag: "AccountLinked", account: linked },
    ...ProfileMachine.followed(linked.profile, identity)
  ])
})

const unlinkAccount = rule(({ clientId }: IdentityCommandOf<"UnlinkAccount">, identity: Identity) => {
  const account = accountOf(identity, clientId) ?? identity.accounts[0]
  if (account === undefined) return Result.fail(new LinkedInNotLinked())
  const rest = { ...identity, accounts: identity.accounts.filter(({ id }) => id !== account.id) }
  if (loginCount(rest, clientId) === 0) return Result.fail(new LastLoginMethod())
  return decided([
    { _tag: "AccountUnlinked", accountId: account.id },
    ...ProfileMachine.nameWithout(account.id, identity)
  ])
})

const rules = {
  SignIn: whileActive(signIn),
  ReauthenticateByWallet: whileActive(({ wallet }: IdentityCommandOf<"ReauthenticateByWallet">, { wallets }) =>
    reauthenticated("wallet", wallets.some((own) => isSameWallet(own, wallet)))
  ),
  ReauthenticateByAccount: whileActive(
    ({ clientId, profile }: IdentityCommandOf<"ReauthenticateByAccount">, identity) =>
      reauthenticated("linkedin", accountOf(identity, clientId)?.profile.subject === profile.subject)
  ),
  LinkWallet: whileFresh(linkWallet),
  LinkAccount: whileFresh(linkAccount),
  UnlinkWallet: whileFresh(unlinkWallet),
  UnlinkAccount: whileFresh(unlinkAccount),
  ReportStolenToken: whileActive(({ sessionId }: IdentityCommandOf<"ReportStolenToken">) =>
    decided([{ _tag: "TokenStolen", sessionId }])
  ),
  SetPrimaryWallet: whileActive(setPrimary),
  SyncAccount: whileActive(syncAccount),
  EditProfile: whileActive((command: IdentityCommandOf<"EditProfile">, identity) =>
    decided(ProfileMachine.edited(command, identity))
  ),
  Disable: whilePresent(disable),
  Enable: whilePresent(enable),
  Delete: whileFresh((_: IdentityCommandOf<"Delete">) => decided([{ _tag: "Deleted" }]))
}

type Refusals = RefusalsOf<typeof rules>

/** The tags of the commands on a known user. */
export type KnownUserCommand = Exclude<IdentityCommand["_tag"], Registration["_tag"]>

/** The refusals of a command. */
export type IdentityRefusalOf<Tag extends KnownUserCommand> = Refusals[Tag]

const ruleOf: { readonly [Tag in KnownUserCommand]: Rule<IdentityCommandOf<Tag>, Refusals[Tag]> } = rules

/** Decides a command on a known user, at a time. */
export const decide = <Tag extends KnownUserCommand>(
  command: IdentityCommandOf<Tag>,
  identity: Identity,
  at: DateTime.Utc
): Decided<IdentityRefusalOf<Tag>> => ruleOf[command._tag](command, identity, at)

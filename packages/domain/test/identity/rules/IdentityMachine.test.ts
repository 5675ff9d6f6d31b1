import {
  AccountOwnedByOther,
  changesCredentials,
  DisplayName,
  displayNameOf,
  freshProofLifetime,
  type Identity,
  type IdentityCommand,
  type IdentityCommandOf,
  type IdentityEvent,
  LastLoginMethod,
  type LinkedAccount,
  LinkedInAlreadyLinked,
  LinkedInClientId,
  LinkedInNotLinked,
  type LinkedInProfile,
  maxWallets,
  ReauthMismatch,
  ReauthRequired,
  SessionId,
  start,
  TooManyWallets,
  UserDisabled,
  UserId,
  UserNotFound,
  type Wallet,
  WalletNotFound,
  WalletOwnedByOther,
  walletRefOf
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime } from "effect"
import { given, now } from "../given.ts"
import {
  account,
  accountId,
  addressOf,
  after,
  beginning,
  contract,
  profile,
  temporaryRef,
  user,
  userId,
  wallet,
  walletId
} from "../identities.ts"
import { application } from "../LinkedInAnswers.ts"

const formerApplication = LinkedInClientId.make("the-former-application")
const authenticatedAt = now

type Asked = Exclude<IdentityCommand, { readonly _tag: "RegisterByWallet" | "RegisterByAccount" }>

const linkWallet = (some: Wallet, owner?: Identity["id"]): Asked => ({
  _tag: "LinkWallet",
  wallet: some,
  owner,
  authenticatedAt
})
const unlinkWallet = (number: number): IdentityCommandOf<"UnlinkWallet"> => ({
  _tag: "UnlinkWallet",
  walletId: walletId(number),
  clientId: application,
  temporaryRef: temporaryRef(99),
  authenticatedAt
})
const linkAccount = (some: LinkedAccount, owner?: Identity["id"]): Asked => ({
  _tag: "LinkAccount",
  account: some,
  owner,
  authenticatedAt
})
const unlinkAccount = (): Asked => ({ _tag: "UnlinkAccount", clientId: application, authenticatedAt })
const disable: Asked = { _tag: "Disable", reason: "spam" }
const enable: Asked = { _tag: "Enable", reason: "a mistake" }
const erase: Asked = { _tag: "Delete", authenticatedAt }

const byWallet = user(1, { wallets: [wallet(1)] })
const byLinkedIn = user(2, { accounts: [account(1)], name: "Person 1" })
const byBoth = user(3, { wallets: [wallet(2)], accounts: [account(2)] })

const chosenName: IdentityEvent = { _tag: "ProfileEdited", displayName: DisplayName.make("Annie") }

const followed = (name: string): IdentityEvent => ({ _tag: "NameFollowed", displayName: DisplayName.make(name) })
const walletLinked = ({ id }: Identity, some: Wallet): IdentityEvent => ({
  _tag: "WalletLinked",
  wallet: { ...some, userId: id }
})
const accountLinked = ({ id }: Identity, some: LinkedAccount): IdentityEvent => ({
  _tag: "AccountLinked",
  account: { ...some, userId: id }
})

const everyCommand: ReadonlyArray<Asked> = [
  { _tag: "SignIn", method: "wallet" },
  { _tag: "ReauthenticateByWallet", wallet: wallet(1) },
  { _tag: "ReauthenticateByAccount", clientId: application, profile: profile(1) },
  linkWallet(wallet(9)),
  linkAccount(account(9)),
  unlinkWallet(1),
  unlinkAccount(),
  { _tag: "SetPrimaryWallet", walletId: walletId(1) },
  { _tag: "SyncAccount", accountId: accountId(1), profile: profile(1) },
  { _tag: "EditProfile", company: "Acme" },
  erase
]

describe("Registering", () => {
  it("by a wallet makes the wallet primary, and derives the name of the user from the address", () => {
    const own = wallet(1, { userId: userId(7) })
    const registered = given().when({ _tag: "RegisterByWallet", wallet: own }).yields(
      { _tag: "Registered", userId: userId(7), displayName: DisplayName.make("0x0000…0002"), method: "wallet" },
      { _tag: "WalletLinked", wallet: { ...own, isPrimary: true } },
      { _tag: "SignedIn", method: "wallet" }
    )
    assert.deepStrictEqual(registered.state, {
      id: userId(7),
      status: "active",
      displayName: DisplayName.make("0x0000…0002"),
      createdAt: now,
      lastSignInAt: now,
      version: 3,
      nameEdited: false,
      wallets: [{ ...own, isPrimary: true }],
      accounts: []
    })
  })

  it("by LinkedIn takes the name of the profile, and assigns a temporary wallet", () => {
    const own = { ...account(1, { name: "Ann" }), userId: userId(7) }
    const ref = temporaryRef(7)
    given().when({ _tag: "RegisterByAccount", account: own, temporaryRef: ref }).yields(
      { _tag: "Registered", userId: userId(7), displayName: DisplayName.make("Ann"), method: "linkedin" },
      { _tag: "AccountLinked", account: own },
      { _tag: "TemporaryWalletAssigned", temporaryWallet: { ref, userId: userId(7), createdAt: now } },
      { _tag: "SignedIn", method: "linkedin" }
    )
  })
})

describe("Signing in", () => {
  const byAccount = (changed: LinkedInProfile): Asked => ({
    _tag: "SignIn",
    method: "linkedin",
    account: { id: accountId(1), profile: changed }
  })

  it("by a wallet changes nothing but the time of the last sign-in", () => {
    const signedIn = given(byWallet).when({ _tag: "SignIn", method: "wallet" }).yields(
      { _tag: "SignedIn", method: "wallet" }
    )
    assert.deepStrictEqual(signedIn.state, { ...byWallet, lastSignInAt: now, version: byWallet.version + 1 })
  })

  it("by LinkedIn stores the current profile and its verified address", () => {
    const changed = profile(1, { email: "new@example.com", emailVerified: true })
    const signedIn = given(byLinkedIn).when(byAccount(changed)).yields(
      { _tag: "AccountSynced", accountId: accountId(1), profile: changed },
      { _tag: "SignedIn", method: "linkedin" }
    ).state
    assert.deepStrictEqual(signedIn.accounts[0]?.profile, changed)
    assert.deepStrictEqual(signedIn.accounts[0]?.lastSyncAt, now)
    assert.strictEqual(signedIn.primaryEmail, "new@example.com")
  })

  it("by LinkedIn follows a changed name until the user has chosen a name", () => {
    const changed = profile(1, { name: "Ann Jones" })
    const synced = { _tag: "AccountSynced", accountId: accountId(1), profile: changed } as const
    const signedIn = { _tag: "SignedIn", method: "linkedin" } as const
    given(byLinkedIn).when(byAccount(changed)).yields(synced, followed("Ann Jones"), signedIn)
    given(byLinkedIn).and(chosenName).when(byAccount(changed)).yields(synced, signedIn)
  })
})

describe("Proving an identity again", () => {
  it("accepts a wallet of the user", () => {
    given(byBoth).when({ _tag: "ReauthenticateByWallet", wallet: wallet(2) }).yields(
      { _tag: "Reauthenticated", method: "wallet" }
    )
  })

  it("refuses another wallet, and a contract at the same address", () => {
    for (const other of [wallet(1), contract(2, 1)]) {
      given(byBoth).when({ _tag: "ReauthenticateByWallet", wallet: other }).refuses(new ReauthMismatch())
    }
  })

  it("accepts the LinkedIn account of the user", () => {
    given(byBoth).when({ _tag: "ReauthenticateByAccount", clientId: application, profile: profile(2) }).yields(
      { _tag: "Reauthenticated", method: "linkedin" }
    )
  })

  it("refuses another LinkedIn account, also with the same e-mail address or of another application", () => {
    const others = [
      { clientId: application, profile: profile(1) },
      { clientId: formerApplication, profile: profile(2) }
    ]
    for (const other of others) {
      for (const identity of [byBoth, byWallet]) {
        given(identity).when({ _tag: "ReauthenticateByAccount", ...other }).refuses(new ReauthMismatch())
      }
    }
  })
})

describe("Linking a wallet", () => {
  it("adds the wallet behind the primary one", () => {
    given(byWallet).when(linkWallet(wallet(9))).yields(walletLinked(byWallet, wallet(9)))
  })

  it("makes the first wallet primary, and retires the temporary wallet", () => {
    const linked = given(byLinkedIn).when(linkWallet(wallet(9))).yields(
      walletLinked(byLinkedIn, wallet(9, { isPrimary: true })),
      { _tag: "TemporaryWalletRetired", ref: temporaryRef(2) }
    ).state
    assert.deepStrictEqual(linked.wallets.map(({ id, isPrimary }) => ({ id, isPrimary })), [
      { id: walletId(9), isPrimary: true }
    ])
    assert.isUndefined(linked.temporaryWallet)
    assert.deepStrictEqual(walletRefOf(linked), { _tag: "Linked", address: addressOf(9) })
  })

  it("changes nothing for a wallet that the user has already, whichever owner is named", () => {
    const own = wallet(1, { id: walletId(50) })
    given(byWallet).when(linkWallet(own, byWallet.id)).changesNothing()
    given(byWallet).when(linkWallet(own, userId(9))).changesNothing()
  })

  it("refuses the wallet of another user", () => {
    given(byWallet).when(linkWallet(wallet(9), userId(9))).refuses(new WalletOwnedByOther())
  })

  it("treats a contract at the address of an externally owned account as another wallet, one for each chain", () => {
    const one = contract(1, 1)
    const other = { ...contract(1, 10), id: walletId(51) }
    const linked = given(byWallet).when(linkWallet(one)).yields(walletLinked(byWallet, one))
      .after.when(linkWallet(other)).yields(walletLinked(byWallet, other))
    assert.lengthOf(linked.state.wallets, 3)
    linked.after.when(linkWallet({ ...one, id: walletId(52) })).changesNothing()
  })

  it(`refuses more than ${maxWallets} wallets, but not a wallet that the user has already`, () => {
    const full = user(1, { wallets: Array.makeBy(maxWallets, (number) => wallet(number)) })
    given(full).when(linkWallet(wallet(99))).refuses(new TooManyWallets({ limit: maxWallets }))
    given(full).when(linkWallet(wallet(99), userId(9))).refuses(new WalletOwnedByOther())
    given(full).when(linkWallet(wallet(3))).changesNothing()
  })
})

describe("Unlinking a wallet", () => {
  const withTwo = user(1, { wallets: [wallet(1), wallet(2)] })

  it("removes the wallet", () => {
    given(withTwo).when(unlinkWallet(2)).yields({ _tag: "WalletUnlinked", walletId: walletId(2) })
  })

  it("makes the next wallet primary if the primary wallet is unlinked", () => {
    const left = given(withTwo).when(unlinkWallet(1)).yields(
      { _tag: "WalletUnlinked", walletId: walletId(1) },
      { _tag: "PrimaryWalletChanged", walletId: walletId(2) }
    ).state
    assert.deepStrictEqual(left.wallets.map(({ id, isPrimary }) => ({ id, isPrimary })), [
      { id: walletId(2), isPrimary: true }
    ])
    assert.isUndefined(left.temporaryWallet)
  })

  it("assigns a new temporary wallet in place of the last wallet", () => {
    const temporaryWallet = { ref: temporaryRef(99), userId: byBoth.id, createdAt: now }
    const left = given(byBoth).when(unlinkWallet(2)).yields(
      { _tag: "WalletUnlinked", walletId: walletId(2) },
      { _tag: "TemporaryWalletAssigned", temporaryWallet }
    ).state
    assert.deepStrictEqual(left.wallets, [])
    assert.deepStrictEqual(left.temporaryWallet, temporaryWallet)
  })

  it("refuses to remove the last way to sign in", () => {
    given(byWallet).when(unlinkWallet(1)).refuses(new LastLoginMethod())
  })

  it("is refused if only an account of a former application would be left, or if LinkedIn is not configured", () => {
    const former = user(1, { wallets: [wallet(1)], accounts: [account(1, { clientId: formerApplication })] })
    given(former).when(unlinkWallet(1)).refuses(new LastLoginMethod())
    given(byBoth).when({ ...unlinkWallet(2), clientId: undefined }).refuses(new LastLoginMethod())
  })

  it("refuses a wallet that the user does not have", () => {
    given(withTwo).when(unlinkWallet(3)).refuses(new WalletNotFound())
  })
})

describe("Choosing the primary wallet", () => {
  const withTwo = user(1, { wallets: [wallet(1), wallet(2)] })
  const choose = (number: number): Asked => ({ _tag: "SetPrimaryWallet", walletId: walletId(number) })

  it("replaces the former primary wallet", () => {
    const chosen = given(withTwo).when(choose(2)).yields({ _tag: "PrimaryWalletChanged", walletId: walletId(2) })
    assert.deepStrictEqual(chosen.state.wallets.map(({ isPrimary }) => isPrimary), [false, true])
  })

  it("changes nothing if the wallet is primary already", () => {
    given(withTwo).when(choose(1)).changesNothing()
  })

  it("refuses a wallet that the user does not have", () => {
    given(withTwo).when(choose(3)).refuses(new WalletNotFound())
  })
})

describe("Linking a LinkedIn account", () => {
  it("adds the account and its verified address, and gives its name to a user who has not chosen a name", () => {
    const some = account(9, { name: "Ann Smith", email: "ann@example.com", emailVerified: true })
    const linked = given(byWallet).when(linkAccount(some)).yields(
      accountLinked(byWallet, some),
      followed("Ann Smith")
    ).state
    assert.deepStrictEqual(linked.accounts, [{ ...some, userId: byWallet.id }])
    assert.strictEqual(linked.displayName, "Ann Smith")
    assert.strictEqual(linked.primaryEmail, "ann@example.com")
  })

  it("keeps a chosen name", () => {
    given(byWallet).and(chosenName).when(linkAccount(account(9))).yields(accountLinked(byWallet, account(9)))
  })

  it("reads the profile again if the user has the account already, which is no change of credentials", () => {
    const { events } = given(byLinkedIn).when(linkAccount({ ...account(1), id: accountId(50) }, byLinkedIn.id))
      .yields({ _tag: "AccountSynced", accountId: accountId(1), profile: profile(1) })
    assert.isFalse(events.some(changesCredentials))
  })

  it("refuses the account of another user", () => {
    for (const identity of [byWallet, byLinkedIn]) {
      given(identity).when(linkAccount(account(9), userId(9))).refuses(new AccountOwnedByOther())
    }
  })

  it("refuses a second account of the same application, and allows one besides an account of a former application", () => {
    given(byLinkedIn).when(linkAccount(account(9))).refuses(new LinkedInAlreadyLinked())
    const former = user(1, { wallets: [wallet(1)], accounts: [account(1, { clientId: formerApplication })] })
    given(former).when(linkAccount(account(9))).yields(accountLinked(former, account(9)), followed("Person 9"))
  })
})

describe("Unlinking the LinkedIn account", () => {
  it("removes the e-mail address that only the account had", () => {
    const synced = given(byBoth).when({
      _tag: "SyncAccount",
      accountId: accountId(2),
      profile: profile(2, { email: "ann@mail.test", emailVerified: true })
    })
    assert.strictEqual(synced.state.primaryEmail, "ann@mail.test")
    assert.isUndefined(synced.after.when(unlinkAccount()).state.primaryEmail)
  })

  it("removes the account of a user who has a wallet", () => {
    given(byBoth).and(chosenName).when(unlinkAccount()).yields(
      { _tag: "AccountUnlinked", accountId: accountId(2) }
    )
  })

  it("replaces a name from LinkedIn by the name of the wallet or of another account", () => {
    const name = displayNameOf(addressOf(2))
    const left = given(byBoth).when(unlinkAccount()).yields(
      { _tag: "AccountUnlinked", accountId: accountId(2) },
      followed(name)
    )
    assert.strictEqual(left.state.displayName, name)
    const two = given(byBoth).and({
      _tag: "AccountLinked",
      account: account(3, { clientId: formerApplication, name: "Ann at work" })
    })
    const other = two.when(unlinkAccount()).yields(
      { _tag: "AccountUnlinked", accountId: accountId(2) },
      followed("Ann at work")
    )
    assert.strictEqual(other.state.displayName, "Ann at work")
  })

  it("refuses to remove the last way to sign in: a temporary wallet is none", () => {
    given(byLinkedIn).when(unlinkAccount()).refuses(new LastLoginMethod())
  })

  it("is refused if the user has no account", () => {
    given(byWallet).when(unlinkAccount()).refuses(new LinkedInNotLinked())
  })

  it("removes the account of the current application first, and then that of a former application", () => {
    const both = user(1, {
      wallets: [wallet(1)],
      accounts: [account(1, { clientId: formerApplication }), account(2)]
    })
    const left = given(both).when(unlinkAccount()).yields(
      { _tag: "AccountUnlinked", accountId: accountId(2) },
      followed("Person 1")
    )
    assert.deepStrictEqual(left.state.accounts.map(({ id }) => id), [accountId(1)])
    const last = left.after.when(unlinkAccount()).yields(
      { _tag: "AccountUnlinked", accountId: accountId(1) },
      followed(displayNameOf(addressOf(1)))
    )
    assert.deepStrictEqual(last.state.accounts, [])
  })
})

describe("Reading the LinkedIn profile again", () => {
  const sync = (number: number, read: LinkedInProfile): Asked => ({
    _tag: "SyncAccount",
    accountId: accountId(number),
    profile: read
  })

  it("is recorded even if nothing has changed", () => {
    given(byLinkedIn).when(sync(1, profile(1))).yields(
      { _tag: "AccountSynced", accountId: accountId(1), profile: profile(1) }
    )
  })

  it("keeps the contact address of the user if LinkedIn has not verified the new one", () => {
    const known = given(byLinkedIn).when(sync(1, profile(1, { email: "ann@example.com", emailVerified: true })))
    const unsure = known.after.when(sync(1, profile(1, { email: "other@example.com" }))).state
    assert.strictEqual(unsure.primaryEmail, "ann@example.com")
    assert.strictEqual(unsure.accounts[0]?.profile.email, "other@example.com")
  })

  it("is refused for an account that the user does not have any more", () => {
    given(byLinkedIn).when(sync(9, profile(1))).refuses(new LinkedInNotLinked())
  })
})

describe("Editing the profile", () => {
  it("changes the given fields, and removes empty lines", () => {
    const edited = given(byWallet).when({ _tag: "EditProfile", company: "Acme", position: "Baker" }).yields(
      { _tag: "ProfileEdited", company: "Acme", position: "Baker" }
    )
    assert.deepInclude(edited.state, { company: "Acme", position: "Baker", displayName: byWallet.displayName })
    assert.isFalse(edited.state.nameEdited)
    const shorter = edited.after.when({ _tag: "EditProfile", company: "" }).yields(
      { _tag: "ProfileEdited", company: "" }
    ).state
    assert.notProperty(shorter, "company")
    assert.strictEqual(shorter.position, "Baker")
  })

  it("makes a name the user's own choice, even the name that LinkedIn gave", () => {
    const { displayName } = byLinkedIn
    const named = given(byLinkedIn).when({ _tag: "EditProfile", displayName }).yields(
      { _tag: "ProfileEdited", displayName }
    )
    assert.isTrue(named.state.nameEdited)
    named.after.when({ _tag: "EditProfile", displayName }).changesNothing()
  })

  it("changes nothing if the profile is the same already", () => {
    given(byWallet).when({ _tag: "EditProfile", company: "", position: "" }).changesNothing()
    given(byWallet).when({ _tag: "EditProfile" }).changesNothing()
  })
})

describe("Disabling, enabling and deleting", () => {
  it("keeps all data of a disabled user, who can do nothing until enabled again", () => {
    const disabled = given(byBoth).when(disable).yields({ _tag: "Disabled", reason: "spam" })
    assert.strictEqual(disabled.state.status, "disabled")
    assert.deepStrictEqual(disabled.state.wallets, byBoth.wallets)
    for (const command of everyCommand) {
      disabled.after.when(command).refuses(new UserDisabled({ userId: byBoth.id }))
    }
    const enabled = disabled.after.when(enable).yields({ _tag: "Enabled", reason: "a mistake" })
    assert.deepStrictEqual(enabled.state, { ...byBoth, version: byBoth.version + 2 })
  })

  it("changes nothing the second time", () => {
    given(byBoth).when(enable).changesNothing()
    given(byBoth).when(disable).after.when(disable).changesNothing()
  })

  it("leaves no personal data of a deleted user", () => {
    const some = user(1, {
      wallets: [wallet(1)],
      accounts: [account(1, { email: "ann@example.com", emailVerified: true })]
    })
    const known = given(some).when({ _tag: "SignIn", method: "wallet" })
      .after.when({ _tag: "EditProfile", company: "Acme" })
    const deleted = known.after.when(erase).yields({ _tag: "Deleted" })
    assert.deepStrictEqual(deleted.state, {
      id: some.id,
      status: "deleted",
      displayName: DisplayName.make("Deleted user"),
      createdAt: beginning,
      version: known.state.version + 1,
      nameEdited: false,
      wallets: [],
      accounts: []
    })
  })

  it("refuses every command on a deleted or merged user", () => {
    const merged = given(byBoth).and({ _tag: "MergedInto", userId: userId(9) })
    for (const gone of [given(byBoth).when(erase).after, merged]) {
      for (const command of [...everyCommand, disable, enable]) {
        gone.when(command).refuses(new UserNotFound({ userId: byBoth.id }))
      }
    }
  })
})

describe("A proof", () => {
  const guarded = everyCommand.filter((command) => "authenticatedAt" in command)

  it("is needed for linking, unlinking and deleting", () => {
    assert.sameMembers(guarded.map(({ _tag }) => _tag), [
      "LinkWallet",
      "LinkAccount",
      "UnlinkWallet",
      "UnlinkAccount",
      "Delete"
    ])
  })

  it("is fresh for less than ten minutes", () => {
    const stale = DateTime.addDuration(authenticatedAt, freshProofLifetime)
    const justFresh = DateTime.subtract(stale, { milliseconds: 1 })
    const outcomes = [
      given(byBoth).when(linkWallet(wallet(9)), justFresh).yields(walletLinked(byBoth, wallet(9))),
      given(byBoth).when(linkAccount(account(9)), justFresh).refuses(new LinkedInAlreadyLinked()),
      given(byBoth).when(unlinkWallet(1), justFresh).refuses(new WalletNotFound()),
      given(byBoth).when(unlinkAccount(), justFresh).yields(
        { _tag: "AccountUnlinked", accountId: accountId(2) },
        followed(displayNameOf(addressOf(2)))
      ),
      given(byBoth).when(erase, justFresh).yields({ _tag: "Deleted" })
    ]
    assert.lengthOf(outcomes, guarded.length)
    for (const command of guarded) given(byBoth).when(command, stale).refuses(new ReauthRequired())
  })

  it("is required before a refusal says that a credential belongs to another user", () => {
    const stale = after("3 hours")
    given(byBoth).when(linkWallet(wallet(9), userId(9)), stale).refuses(new ReauthRequired())
    given(byBoth).when(linkAccount(account(9), userId(9)), stale).refuses(new ReauthRequired())
  })
})

describe("The report of a stolen token", () => {
  it("is recorded with the session", () => {
    const sessionId = SessionId.make(userId(3))
    given(byWallet).when({ _tag: "ReportStolenToken", sessionId }).yields({ _tag: "TokenStolen", sessionId })
  })
})

describe("A new user", () => {
  it("has no credentials after the first event", () => {
    const first = {
      _tag: "Registered",
      userId: userId(1),
      displayName: DisplayName.make("Ann"),
      method: "wallet"
    } as const
    assert.deepStrictEqual(start(first, now), {
      id: UserId.make(userId(1)),
      status: "active",
      displayName: DisplayName.make("Ann"),
      createdAt: now,
      version: 1,
      nameEdited: false,
      wallets: [],
      accounts: []
    })
  })
})

import {
  changesCredentials,
  decide,
  DisplayName,
  displayNameOf,
  evolve,
  freshProofLifetime,
  type Identity,
  type IdentityCommand,
  type IdentityEvent,
  LinkedInClientId,
  maxWallets,
  register,
  start,
  UserId,
  type Wallet,
  walletRefOf
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Duration, Result } from "effect"
import {
  account,
  accountId,
  addressOf,
  after,
  beginning,
  contract,
  having,
  person,
  profile,
  temporaryRef,
  userId,
  wallet,
  walletId
} from "../given.ts"
import { application } from "../LinkedInAnswers.ts"

const formerApplication = LinkedInClientId.make("the-former-application")
const now = after("1 hour")
const authenticatedAt = now

type Asked = Exclude<IdentityCommand, { readonly _tag: "RegisterByWallet" | "RegisterByAccount" }>

/** What a command leads to: the events, or the name of the refusal. */
const when = (identity: Identity, command: Asked, at = now): ReadonlyArray<IdentityEvent> | string =>
  Result.match(decide(command, identity, at), { onSuccess: (events) => events, onFailure: ({ _tag }) => _tag })

const tags = (outcome: ReturnType<typeof when>) =>
  typeof outcome === "string" ? outcome : outcome.map(({ _tag }) => _tag)

/** Somebody after a command that is not refused. */
const then = (identity: Identity, command: Asked): Identity =>
  Result.getOrThrow(decide(command, identity, now)).reduce((state, event) => evolve(state, event, now), identity)

const linkWallet = (some: Wallet, owner?: Identity["id"]): Asked => ({
  _tag: "LinkWallet",
  wallet: some,
  owner,
  authenticatedAt
})
const unlinkWallet = (number: number, clientId: LinkedInClientId | undefined = application): Asked => ({
  _tag: "UnlinkWallet",
  walletId: walletId(number),
  clientId,
  temporaryRef: temporaryRef(99),
  authenticatedAt
})
const linkAccount = (some: ReturnType<typeof account>, owner?: Identity["id"]): Asked => ({
  _tag: "LinkAccount",
  account: some,
  owner,
  authenticatedAt
})
const unlinkAccount = (clientId: LinkedInClientId | undefined = application): Asked => ({
  _tag: "UnlinkAccount",
  clientId,
  authenticatedAt
})
const disable: Asked = { _tag: "Disable", reason: "spam" }
const enable: Asked = { _tag: "Enable", reason: "a mistake" }
const erase: Asked = { _tag: "Delete", authenticatedAt }

const byWallet = person(1, { wallets: [wallet(1)] })
const byLinkedIn = person(2, { accounts: [account(1)], name: "Person 1" })
const byBoth = person(3, { wallets: [wallet(2)], accounts: [account(2)] })

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
  it("by a wallet makes it primary, and names the person after it", () => {
    const events = register({ _tag: "RegisterByWallet", wallet: wallet(1, { userId: userId(7) }) }, now)
    assert.deepStrictEqual(events, [
      { _tag: "Registered", userId: userId(7), displayName: DisplayName.make("0x0000…0002"), method: "wallet" },
      { _tag: "WalletLinked", wallet: wallet(1, { userId: userId(7), isPrimary: true }) },
      { _tag: "SignedIn", method: "wallet" }
    ])
  })

  it("by LinkedIn takes the name over, and puts a placeholder in place of a wallet", () => {
    const own = { ...account(1, { name: "Ann" }), userId: userId(7) }
    const ref = temporaryRef(7)
    const [first, ...events] = register({ _tag: "RegisterByAccount", account: own, temporaryRef: ref }, now)
    assert.deepStrictEqual(first, {
      _tag: "Registered",
      userId: userId(7),
      displayName: DisplayName.make("Ann"),
      method: "linkedin"
    })
    assert.deepStrictEqual(events, [
      { _tag: "AccountLinked", account: own },
      { _tag: "TemporaryWalletAssigned", temporaryWallet: { ref, userId: userId(7), createdAt: now } },
      { _tag: "SignedIn", method: "linkedin" }
    ])
  })
})

describe("Signing in", () => {
  it("by a wallet is recorded, and nothing else", () => {
    assert.deepStrictEqual(when(byWallet, { _tag: "SignIn", method: "wallet" }), [{
      _tag: "SignedIn",
      method: "wallet"
    }])
    const signedIn = then(byWallet, { _tag: "SignIn", method: "wallet" })
    assert.deepStrictEqual(signedIn, { ...byWallet, lastSignInAt: now, version: byWallet.version + 1 })
  })

  it("by LinkedIn keeps the profile as it is now", () => {
    const changed = profile(1, { email: "new@example.com", emailVerified: true })
    const signedIn = then(byLinkedIn, {
      _tag: "SignIn",
      method: "linkedin",
      account: { id: accountId(1), profile: changed }
    })
    assert.deepStrictEqual(signedIn.accounts[0]?.profile, changed)
    assert.deepStrictEqual(signedIn.accounts[0]?.lastSyncAt, now)
    assert.strictEqual(signedIn.primaryEmail, "new@example.com")
  })

  it("by LinkedIn follows another name until the person has chosen one", () => {
    const command: Asked = {
      _tag: "SignIn",
      method: "linkedin",
      account: { id: accountId(1), profile: profile(1, { name: "Ann Jones" }) }
    }
    assert.deepStrictEqual(tags(when(byLinkedIn, command)), ["AccountSynced", "NameFollowed", "SignedIn"])
    const chosen = having(byLinkedIn, { _tag: "ProfileEdited", displayName: DisplayName.make("Annie") })
    assert.deepStrictEqual(tags(when(chosen, command)), ["AccountSynced", "SignedIn"])
  })
})

describe("Proving again who one is", () => {
  it("takes a wallet of one's own", () => {
    assert.deepStrictEqual(when(byBoth, { _tag: "ReauthenticateByWallet", wallet: wallet(2) }), [
      { _tag: "Reauthenticated", method: "wallet" }
    ])
  })

  it("takes no other wallet, nor a contract at the same address", () => {
    for (const other of [wallet(1), contract(2, 1)]) {
      assert.strictEqual(when(byBoth, { _tag: "ReauthenticateByWallet", wallet: other }), "ReauthMismatch")
    }
  })

  it("takes one's own LinkedIn account", () => {
    const command: Asked = { _tag: "ReauthenticateByAccount", clientId: application, profile: profile(2) }
    assert.deepStrictEqual(when(byBoth, command), [{ _tag: "Reauthenticated", method: "linkedin" }])
  })

  it("takes no other LinkedIn account, not even of the same e-mail address, and none of another application", () => {
    const others = [
      { clientId: application, profile: profile(1) },
      { clientId: formerApplication, profile: profile(2) }
    ]
    for (const other of others) {
      assert.strictEqual(when(byBoth, { _tag: "ReauthenticateByAccount", ...other }), "ReauthMismatch")
      assert.strictEqual(when(byWallet, { _tag: "ReauthenticateByAccount", ...other }), "ReauthMismatch")
    }
  })
})

describe("Linking a wallet", () => {
  it("adds it behind the primary one", () => {
    assert.deepStrictEqual(when(byWallet, linkWallet(wallet(9))), [
      { _tag: "WalletLinked", wallet: wallet(9, { userId: byWallet.id, isPrimary: false }) }
    ])
  })

  it("makes the first one primary, and retires the placeholder", () => {
    const linked = then(byLinkedIn, linkWallet(wallet(9)))
    assert.deepStrictEqual(linked.wallets.map(({ id, isPrimary }) => ({ id, isPrimary })), [
      { id: walletId(9), isPrimary: true }
    ])
    assert.isUndefined(linked.temporaryWallet)
    assert.deepStrictEqual(walletRefOf(linked), { _tag: "Linked", address: addressOf(9) })
  })

  it("that is one's own changes nothing, whoever it is said to belong to", () => {
    assert.deepStrictEqual(when(byWallet, linkWallet(wallet(1, { id: walletId(50) }), byWallet.id)), [])
    assert.deepStrictEqual(when(byWallet, linkWallet(wallet(1, { id: walletId(50) }), userId(9))), [])
  })

  it("of somebody else is refused", () => {
    assert.strictEqual(when(byWallet, linkWallet(wallet(9), userId(9))), "WalletOwnedByOther")
  })

  it("takes a contract at the address of one's own externally owned account for another wallet, and on each chain", () => {
    const [one, other] = [contract(1, 1), contract(1, 10)]
    const linked = then(then(byWallet, linkWallet(one)), linkWallet({ ...other, id: walletId(51) }))
    assert.lengthOf(linked.wallets, 3)
    assert.deepStrictEqual(when(linked, linkWallet({ ...one, id: walletId(52) })), [])
  })

  it(`ends at ${maxWallets}, but for one's own`, () => {
    const full = person(1, { wallets: Array.makeBy(maxWallets, (number) => wallet(number)) })
    assert.strictEqual(when(full, linkWallet(wallet(99))), "TooManyWallets")
    assert.strictEqual(when(full, linkWallet(wallet(99), userId(9))), "WalletOwnedByOther")
    assert.deepStrictEqual(when(full, linkWallet(wallet(3))), [])
  })
})

describe("Unlinking a wallet", () => {
  const withTwo = person(1, { wallets: [wallet(1), wallet(2)] })

  it("lets it go", () => {
    assert.deepStrictEqual(when(withTwo, unlinkWallet(2)), [{ _tag: "WalletUnlinked", walletId: walletId(2) }])
  })

  it("makes the next one primary when it was", () => {
    const left = then(withTwo, unlinkWallet(1))
    assert.deepStrictEqual(left.wallets.map(({ id, isPrimary }) => ({ id, isPrimary })), [
      { id: walletId(2), isPrimary: true }
    ])
    assert.isUndefined(left.temporaryWallet)
  })

  it("puts a new placeholder in place of the last one", () => {
    const left = then(byBoth, unlinkWallet(2))
    assert.deepStrictEqual(left.wallets, [])
    assert.deepStrictEqual(left.temporaryWallet, { ref: temporaryRef(99), userId: byBoth.id, createdAt: now })
  })

  it("that is the last way to sign in is refused", () => {
    assert.strictEqual(when(byWallet, unlinkWallet(1)), "LastLoginMethod")
  })

  it("is refused when only an account of a former application would be left, or LinkedIn is not set up", () => {
    const former = person(1, { wallets: [wallet(1)], accounts: [account(1, { clientId: formerApplication })] })
    assert.strictEqual(when(former, unlinkWallet(1)), "LastLoginMethod")
    const command = unlinkWallet(2)
    assert.strictEqual(when(byBoth, { ...command, clientId: undefined } as Asked), "LastLoginMethod")
  })

  it("of somebody else is refused as unknown", () => {
    assert.strictEqual(when(withTwo, unlinkWallet(3)), "WalletNotFound")
  })
})

describe("Choosing the primary wallet", () => {
  const withTwo = person(1, { wallets: [wallet(1), wallet(2)] })

  it("takes the place of the former one", () => {
    const chosen = then(withTwo, { _tag: "SetPrimaryWallet", walletId: walletId(2) })
    assert.deepStrictEqual(chosen.wallets.map(({ isPrimary }) => isPrimary), [false, true])
  })

  it("again changes nothing", () => {
    assert.deepStrictEqual(when(withTwo, { _tag: "SetPrimaryWallet", walletId: walletId(1) }), [])
  })

  it("refuses a wallet that is not one's own", () => {
    assert.strictEqual(when(withTwo, { _tag: "SetPrimaryWallet", walletId: walletId(3) }), "WalletNotFound")
  })
})

describe("Linking a LinkedIn account", () => {
  it("adds it, with its verified address and its name for somebody who has not chosen one", () => {
    const some = account(9, { name: "Ann Smith", email: "ann@example.com", emailVerified: true })
    const linked = then(byWallet, linkAccount(some))
    assert.deepStrictEqual(linked.accounts, [{ ...some, userId: byWallet.id }])
    assert.strictEqual(linked.displayName, "Ann Smith")
    assert.strictEqual(linked.primaryEmail, "ann@example.com")
  })

  it("leaves a chosen name alone", () => {
    const chosen = having(byWallet, { _tag: "ProfileEdited", displayName: DisplayName.make("Annie") })
    assert.deepStrictEqual(tags(when(chosen, linkAccount(account(9)))), ["AccountLinked"])
  })

  it("that is one's own reads the profile again, and is no change of credentials", () => {
    const outcome = when(byLinkedIn, linkAccount({ ...account(1), id: accountId(50) }, byLinkedIn.id))
    assert.deepStrictEqual(outcome, [{ _tag: "AccountSynced", accountId: accountId(1), profile: profile(1) }])
    assert.isFalse(typeof outcome === "string" || outcome.some(changesCredentials))
  })

  it("of somebody else is refused", () => {
    assert.strictEqual(when(byWallet, linkAccount(account(9), userId(9))), "AccountOwnedByOther")
    assert.strictEqual(when(byLinkedIn, linkAccount(account(9), userId(9))), "AccountOwnedByOther")
  })

  it("beside another one of the same application is refused, and allowed beside one of a former application", () => {
    assert.strictEqual(when(byLinkedIn, linkAccount(account(9))), "LinkedInAlreadyLinked")
    const former = person(1, { wallets: [wallet(1)], accounts: [account(1, { clientId: formerApplication })] })
    assert.deepStrictEqual(tags(when(former, linkAccount(account(9)))), ["AccountLinked", "NameFollowed"])
  })
})

describe("Unlinking the LinkedIn account", () => {
  it("forgets the address that only the account told", () => {
    const told = then(byBoth, {
      _tag: "SyncAccount",
      accountId: accountId(2),
      profile: profile(2, { email: "ann@mail.test", emailVerified: true })
    })
    assert.strictEqual(told.primaryEmail, "ann@mail.test")
    assert.isUndefined(then(told, unlinkAccount()).primaryEmail)
  })

  it("lets it go, when there is a wallet", () => {
    const chosen = having(byBoth, { _tag: "ProfileEdited", displayName: DisplayName.make("Annie") })
    assert.deepStrictEqual(when(chosen, unlinkAccount()), [{ _tag: "AccountUnlinked", accountId: accountId(2) }])
  })

  it("takes a name that was LinkedIn's away, for that of the wallet or of another account", () => {
    assert.strictEqual(
      then(byBoth, unlinkAccount()).displayName,
      displayNameOf(byBoth.wallets[0]?.address ?? addressOf(0))
    )
    const two = having(byBoth, {
      _tag: "AccountLinked",
      account: account(3, { clientId: formerApplication, name: "Ann at work" })
    })
    assert.strictEqual(then(two, unlinkAccount()).displayName, "Ann at work")
  })

  it("that is the last way to sign in is refused: a placeholder is none", () => {
    assert.strictEqual(when(byLinkedIn, unlinkAccount()), "LastLoginMethod")
  })

  it("is refused when there is none", () => {
    assert.strictEqual(when(byWallet, unlinkAccount()), "LinkedInNotLinked")
  })

  it("lets the one of the current application go first, then that of a former one", () => {
    const both = person(1, {
      wallets: [wallet(1)],
      accounts: [account(1, { clientId: formerApplication }), account(2)]
    })
    const left = then(both, unlinkAccount())
    assert.deepStrictEqual(left.accounts.map(({ id }) => id), [accountId(1)])
    assert.deepStrictEqual(then(left, unlinkAccount()).accounts, [])
  })
})

describe("Reading the LinkedIn profile again", () => {
  it("is recorded also when nothing is new", () => {
    const outcome = when(byLinkedIn, { _tag: "SyncAccount", accountId: accountId(1), profile: profile(1) })
    assert.deepStrictEqual(tags(outcome), ["AccountSynced"])
  })

  it("keeps the address where the person can be written to when LinkedIn does not vouch for the new one", () => {
    const known = then(byLinkedIn, {
      _tag: "SyncAccount",
      accountId: accountId(1),
      profile: profile(1, { email: "ann@example.com", emailVerified: true })
    })
    const unsure = then(known, {
      _tag: "SyncAccount",
      accountId: accountId(1),
      profile: profile(1, { email: "other@example.com" })
    })
    assert.strictEqual(unsure.primaryEmail, "ann@example.com")
    assert.strictEqual(unsure.accounts[0]?.profile.email, "other@example.com")
  })

  it("of an account that is not one's own any more is refused", () => {
    const command: Asked = { _tag: "SyncAccount", accountId: accountId(9), profile: profile(1) }
    assert.strictEqual(when(byLinkedIn, command), "LinkedInNotLinked")
  })
})

describe("Editing the profile", () => {
  it("changes the fields that are given, and takes empty lines away", () => {
    const edited = then(byWallet, { _tag: "EditProfile", company: "Acme", position: "Baker" })
    assert.deepInclude(edited, { company: "Acme", position: "Baker", displayName: byWallet.displayName })
    assert.isFalse(edited.nameEdited)
    const shorter = then(edited, { _tag: "EditProfile", company: "" })
    assert.notProperty(shorter, "company")
    assert.strictEqual(shorter.position, "Baker")
  })

  it("makes a name one's own, also the one that LinkedIn gave", () => {
    const command: Asked = { _tag: "EditProfile", displayName: byLinkedIn.displayName }
    assert.isTrue(then(byLinkedIn, command).nameEdited)
    assert.deepStrictEqual(when(then(byLinkedIn, command), command), [])
  })

  it("to what it is already changes nothing", () => {
    assert.deepStrictEqual(when(byWallet, { _tag: "EditProfile", company: "", position: "" }), [])
    assert.deepStrictEqual(when(byWallet, { _tag: "EditProfile" }), [])
  })
})

describe("Disabling, enabling and deleting", () => {
  it("keeps everything of a disabled person, who can do nothing until enabled", () => {
    const disabled = then(byBoth, disable)
    assert.strictEqual(disabled.status, "disabled")
    assert.deepStrictEqual(disabled.wallets, byBoth.wallets)
    for (const command of everyCommand) assert.strictEqual(when(disabled, command), "UserDisabled", command._tag)
    assert.deepStrictEqual(then(disabled, enable), { ...byBoth, version: byBoth.version + 2 })
  })

  it("again changes nothing", () => {
    assert.deepStrictEqual(when(byBoth, enable), [])
    assert.deepStrictEqual(when(then(byBoth, disable), disable), [])
  })

  it("leaves nothing personal of who is deleted", () => {
    const some = person(1, {
      wallets: [wallet(1)],
      accounts: [account(1, { email: "ann@example.com", emailVerified: true })]
    })
    const known = then(then(some, { _tag: "SignIn", method: "wallet" }), { _tag: "EditProfile", company: "Acme" })
    assert.deepStrictEqual(then(known, erase), {
      id: some.id,
      status: "deleted",
      displayName: DisplayName.make("Deleted user"),
      createdAt: beginning,
      version: known.version + 1,
      nameEdited: false,
      wallets: [],
      accounts: []
    })
  })

  it("does not know who is deleted or merged", () => {
    for (const gone of [then(byBoth, erase), having(byBoth, { _tag: "MergedInto", userId: userId(9) })]) {
      for (const command of [...everyCommand, disable, enable]) {
        assert.strictEqual(when(gone, command), "UserNotFound", command._tag)
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
    const justFresh = DateTime.addDuration(authenticatedAt, Duration.millis(Duration.toMillis(freshProofLifetime) - 1))
    const stale = DateTime.addDuration(authenticatedAt, freshProofLifetime)
    for (const command of guarded) {
      assert.notStrictEqual(when(byBoth, command, justFresh), "ReauthRequired", command._tag)
      assert.strictEqual(when(byBoth, command, stale), "ReauthRequired", command._tag)
    }
  })

  it("is asked for before it is said whether something belongs to somebody else", () => {
    const stale = after("3 hours")
    assert.strictEqual(when(byBoth, linkWallet(wallet(9), userId(9)), stale), "ReauthRequired")
    assert.strictEqual(when(byBoth, linkAccount(account(9), userId(9)), stale), "ReauthRequired")
  })
})

describe("Somebody new", () => {
  it("has happened once, and holds nothing", () => {
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

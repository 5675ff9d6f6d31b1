import {
  AccountTokenRepository,
  DisplayName,
  IdentityRepository,
  LinkedInTokens,
  maxWallets,
  Merging,
  People,
  SessionRepository,
  Sessions,
  SignIn,
  UserRepository,
  type WalletId
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { userId, walletId } from "./identities.ts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { application, grantOf, someProfile } from "./LinkedInAnswers.ts"
import { ownIdentities } from "./ownIdentities.ts"
import { addressOf, newAccount, signedBy } from "./provedWallet.ts"
import { isAccepted, noticesDuring, unwrap } from "./sessionsAlive.ts"
import { renewed, signedIn } from "./signedIn.ts"
import { signedUp, signedUpByLinkedIn } from "./signedUp.ts"

type Who = Effect.Success<ReturnType<typeof signedIn>>

const origin = { userAgent: "Firefox", address: "2001:db8::1" }

/** A user with a wallet whose key is known, in a session. */
const withWallet = Effect.fnUntraced(function*(account = newAccount()) {
  const who = yield* signedIn((yield* signedUp({ address: addressOf(account) })).id)
  return { account, who }
})

const linkWallet = Effect.fnUntraced(function*(who: Who, account = newAccount()) {
  const proof = yield* signedBy(account, { purpose: "link", session: who.session })
  return yield* (yield* ownIdentities).linkWallet(who, proof, origin)
})

const reauthenticate = Effect.fnUntraced(function*(who: Who, account: ReturnType<typeof newAccount>) {
  const proof = yield* signedBy(account, { purpose: "reauth", session: who.session })
  return yield* (yield* ownIdentities).reauthenticateByWallet(who, proof, origin)
})

const linkLinkedIn = Effect.fnUntraced(function*(who: Who, profile = someProfile()) {
  return yield* (yield* ownIdentities).linkLinkedIn(who, grantOf(profile), application, origin)
})

const eventsOf = Effect.fnUntraced(function*(who: Who, limit = 100) {
  const activity = yield* (yield* ownIdentities).activity(who.user.id, { limit })
  return activity.map(({ event }) => event._tag)
})

const firstWallet = Effect.fnUntraced(function*(who: Who) {
  const { wallets } = yield* (yield* ownIdentities).me(who.user.id)
  return yield* unwrap(Option.map(Array.head(wallets), ({ id }) => id))
})

const mergedBy = Effect.fnUntraced(function*(who: Who, ticket: string) {
  const { session, token } = yield* (yield* Merging).merge(yield* renewed(who), Redacted.make(ticket), origin)
  return { ...yield* (yield* Sessions).find(session.id), token }
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: ({ _tag }) => _tag })

describe("Identities", () => {
  it.effect("show a user their own data", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      yield* linkLinkedIn(who)
      const me = yield* (yield* ownIdentities).me(who.user.id)
      assert.deepStrictEqual(me.wallets.map(({ address }) => address), [addressOf(account)])
      assert.deepStrictEqual(me.accounts.map(({ clientId }) => clientId), [application])
      assert.strictEqual((yield* Effect.flip((yield* ownIdentities).me(userId(1))))._tag, "UserNotFound")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("change the profile to the given texts, at any time after the sign-in", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const { editProfile } = yield* ownIdentities
      yield* TestClock.adjust("1 day")
      const displayName = DisplayName.make("Ann 🎈")
      const { notices, result } = yield* noticesDuring(editProfile(who, { displayName, company: "Acme" }, origin))
      assert.deepInclude(result, { displayName, company: "Acme", nameEdited: true })
      assert.deepStrictEqual(notices, [{ _tag: "IdentityChanged", userId: who.user.id }])
      assert.strictEqual((yield* (yield* People).get(who.user.id)).displayName, displayName)
      assert.isTrue(yield* isAccepted(who.token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("publish no edit that changes nothing", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const { editProfile } = yield* ownIdentities
      const { notices } = yield* noticesDuring(editProfile(who, { company: "" }, origin))
      assert.deepStrictEqual(notices, [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("record each event with its session", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      yield* TestClock.adjust("1 minute")
      yield* linkWallet(who)
      const [linked] = yield* (yield* ownIdentities).activity(who.user.id, { limit: 1 })
      assert.strictEqual(linked?.event._tag, "WalletLinked")
      assert.deepStrictEqual(linked?.cause, { _tag: "User", sessionId: who.session.id })
      // From where is known by the session, and goes with it.
      assert.deepStrictEqual(linked?.origin, {})
      assert.strictEqual(linked?.at.epochMilliseconds, 60_000)
      assert.strictEqual(linked?.seq, (yield* (yield* ownIdentities).me(who.user.id)).version)
    }).pipe(Effect.provide(identityTestLayer())))
})

describe("Linking and unlinking", () => {
  it.effect("adds a wallet, by which the user is found and can sign in", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const other = newAccount()
      const { identity } = yield* linkWallet(who, other)
      assert.deepStrictEqual(identity.wallets.map(({ isPrimary }) => isPrimary), [true, false])
      const found = yield* (yield* People).find(other.address)
      assert.deepStrictEqual(found.map(({ id }) => id), [who.user.id])
      const wallet = { kind: "eoa" as const, address: addressOf(other) }
      assert.strictEqual((yield* (yield* SignIn).byWallet(wallet, {})).session.userId, who.user.id)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("replaces the token of the session, and ends the other sessions", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const other = yield* signedIn(who.user.id)
      const { notices, result } = yield* noticesDuring(linkWallet(who))
      const token = yield* unwrap(result.token)
      assert.deepStrictEqual((yield* (yield* Sessions).authenticate(token)).session.id, who.session.id)
      assert.isFalse(yield* isAccepted(other.token))
      assert.deepStrictEqual(notices, [
        { _tag: "IdentityChanged", userId: who.user.id },
        { _tag: "SessionsEnded", sessions: [other.session.id] },
        { _tag: "TokenReplaced", session: who.session.id, generation: 1 }
      ])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("lets the former token read for another 30 seconds", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const token = yield* unwrap((yield* linkWallet(who)).token)
      yield* TestClock.adjust("29999 millis")
      assert.strictEqual((yield* (yield* Sessions).authenticate(who.token, "read")).session.id, who.session.id)
      assert.isFalse(yield* isAccepted(who.token))
      assert.isTrue(yield* isAccepted(token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("changes nothing for a credential that the user has already, and ends no session", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      const profile = someProfile()
      yield* linkLinkedIn(who, profile)
      const other = yield* signedIn(who.user.id)
      const me = yield* (yield* ownIdentities).me(who.user.id)
      const wallet = yield* linkWallet(who, account)
      assert.deepStrictEqual(wallet, { identity: me, token: Option.none() })
      const linkedIn = yield* linkLinkedIn(who, profile)
      assert.deepStrictEqual(linkedIn.identity.accounts, me.accounts)
      assert.deepStrictEqual(linkedIn.token, Option.none())
      assert.isTrue(yield* isAccepted(other.token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("replaces the temporary wallet of a user who signed up by LinkedIn, and assigns another one at the end", () =>
    Effect.gen(function*() {
      const who = yield* signedUpByLinkedIn()
      const { me, unlinkWallet } = yield* ownIdentities
      const before = (yield* me(who.user.id)).temporaryWallet?.ref
      const { identity } = yield* linkWallet(who)
      assert.isUndefined(identity.temporaryWallet)
      const after = yield* unlinkWallet(who, yield* firstWallet(who), origin)
      assert.isDefined(after.identity.temporaryWallet)
      assert.notStrictEqual(after.identity.temporaryWallet?.ref, before)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("requires a proof from the last ten minutes", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      yield* linkWallet(who)
      yield* linkLinkedIn(who)
      const id = yield* firstWallet(who)
      const identities = yield* ownIdentities
      const guarded = () => [
        tagOf(linkWallet(who)),
        tagOf(linkLinkedIn(who)),
        tagOf(identities.unlinkWallet(who, id, origin)),
        tagOf(identities.unlinkLinkedIn(who, origin)),
        tagOf(identities.delete(who, origin))
      ]
      yield* TestClock.adjust("599999 millis")
      assert.notStrictEqual(yield* tagOf(linkWallet(who, account)), "ReauthRequired")
      yield* TestClock.adjust("1 millis")
      for (const outcome of guarded()) assert.strictEqual(yield* outcome, "ReauthRequired")
      yield* reauthenticate(who, account)
      yield* TestClock.adjust("9 minutes")
      for (const outcome of guarded()) assert.notStrictEqual(yield* outcome, "ReauthRequired")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("does not rely on an outdated reading of the proof", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      yield* TestClock.adjust("1 hour")
      const claims = {
        ...who,
        session: { ...who.session, authenticatedAt: (yield* signedIn(who.user.id)).session.createdAt }
      }
      assert.strictEqual(yield* tagOf(linkWallet(claims)), "ReauthRequired")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("offers a merge if the wallet belongs to another user, and changes nothing", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const { account, who: owner } = yield* withWallet()
      const refusal = yield* Effect.flip(linkWallet(who, account))
      if (refusal._tag !== "OwnedByOther") return assert.fail(refusal._tag)
      assert.match(refusal.ticket, /^dcm_[A-Za-z0-9_-]{43}$/)
      assert.strictEqual(refusal.expiresIn, 600)
      assert.notInclude(refusal.message, owner.user.id)
      assert.lengthOf((yield* (yield* ownIdentities).me(who.user.id)).wallets, 1)
      assert.lengthOf((yield* (yield* ownIdentities).me(owner.user.id)).wallets, 1)
      assert.isTrue(yield* isAccepted(who.token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("offers a merge if the LinkedIn account belongs to another user, and stores no token of that user", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const profile = someProfile()
      const owner = yield* signedUpByLinkedIn(grantOf(profile))
      const [account] = (yield* (yield* ownIdentities).me(owner.user.id)).accounts
      const accountId = yield* unwrap(Option.fromUndefinedOr(account?.id))
      const before = yield* (yield* AccountTokenRepository).find(accountId)
      assert.strictEqual(yield* tagOf(linkLinkedIn(who, profile)), "OwnedByOther")
      assert.deepStrictEqual(yield* (yield* AccountTokenRepository).find(accountId), before)
      assert.deepStrictEqual((yield* (yield* ownIdentities).me(who.user.id)).accounts, [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("does not link users with the same e-mail address", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      yield* linkLinkedIn(who, someProfile({ email: "ann@example.com" }))
      const other = yield* signedUpByLinkedIn(grantOf(someProfile({ email: "ann@example.com" })))
      assert.notStrictEqual(other.user.id, who.user.id)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a second LinkedIn account", () =>
    Effect.gen(function*() {
      const who = yield* signedUpByLinkedIn()
      assert.strictEqual(yield* tagOf(linkLinkedIn(who)), "LinkedInAlreadyLinked")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect(`refuses more than ${maxWallets} wallets`, () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      yield* Effect.forEach(Array.range(2, maxWallets), () => linkWallet(who), { discard: true })
      assert.strictEqual(yield* tagOf(linkWallet(who)), "TooManyWallets")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("never removes the last way to sign in", () =>
    Effect.gen(function*() {
      const { unlinkLinkedIn, unlinkWallet } = yield* ownIdentities
      const { who } = yield* withWallet()
      assert.strictEqual(yield* tagOf(unlinkWallet(who, yield* firstWallet(who), origin)), "LastLoginMethod")
      assert.strictEqual(yield* tagOf(unlinkLinkedIn(who, origin)), "LinkedInNotLinked")
      assert.strictEqual(yield* tagOf(unlinkWallet(who, walletId(1), origin)), "WalletNotFound")
      const other = yield* signedUpByLinkedIn()
      assert.strictEqual(yield* tagOf(unlinkLinkedIn(other, origin)), "LastLoginMethod")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("never removes the last way to sign in under concurrent requests", () =>
    Effect.gen(function*() {
      const { me, unlinkLinkedIn, unlinkWallet } = yield* ownIdentities
      const { who } = yield* withWallet()
      yield* linkLinkedIn(who)
      const id = yield* firstWallet(who)
      const attempts = Array.makeBy(20, (index) =>
        index % 2 === 0 ? tagOf(unlinkWallet(who, id, origin)) : tagOf(unlinkLinkedIn(who, origin)))
      const answers = yield* Effect.all(attempts, { concurrency: "unbounded" })
      assert.lengthOf(
        answers.filter((answer) =>
          answer === "accepted"
        ),
        1
      )
      const { accounts, wallets } = yield* me(who.user.id)
      assert.strictEqual(accounts.length + wallets.length, 1)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("deletes the access token with the account", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const { identity } = yield* linkLinkedIn(who)
      const id = yield* unwrap(Option.map(Array.head(identity.accounts), (account) => account.id))
      assert.isTrue(yield* Effect.isSuccess((yield* LinkedInTokens).open(id)))
      const { token } = yield* (yield* ownIdentities).unlinkLinkedIn(who, origin)
      assert.isTrue(Option.isSome(token))
      assert.isTrue(Option.isNone(yield* (yield* AccountTokenRepository).find(id)))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("lets another user link an unlinked wallet", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      yield* linkWallet(who)
      yield* (yield* ownIdentities).unlinkWallet(who, yield* firstWallet(who), origin)
      const { who: other } = yield* withWallet()
      assert.lengthOf((yield* linkWallet(other, account)).identity.wallets, 2)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("changes the primary wallet without ending a session", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const { identity } = yield* linkWallet(who)
      const second = yield* unwrap(Array.last(identity.wallets))
      const other = yield* signedIn(who.user.id)
      const { setPrimaryWallet } = yield* ownIdentities
      yield* TestClock.adjust("1 hour")
      const primary = (id: WalletId) =>
        Effect.map(setPrimaryWallet(who, id, origin), ({ wallets }) => wallets.find((it) => it.isPrimary)?.id)
      assert.strictEqual(yield* primary(second.id), second.id)
      assert.isTrue(yield* isAccepted(other.token))
      assert.strictEqual((yield* (yield* People).get(who.user.id)).wallet, second.address)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is refused to a session that has ended in the meantime", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      const { editProfile, setPrimaryWallet } = yield* ownIdentities
      yield* (yield* Sessions).revoke(who.session.id)
      assert.strictEqual(yield* tagOf(linkWallet(who)), "SessionInvalid")
      assert.strictEqual(yield* tagOf(linkLinkedIn(who)), "SessionInvalid")
      assert.strictEqual(yield* tagOf(reauthenticate(who, account)), "SessionInvalid")
      assert.strictEqual(yield* tagOf(editProfile(who, { company: "Acme" }, origin)), "SessionInvalid")
      assert.strictEqual(yield* tagOf(setPrimaryWallet(who, walletId(1), origin)), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))
})

describe("Proving an identity again", () => {
  it.effect("renews the proof of the session, under the same token", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      yield* TestClock.adjust("1 hour")
      yield* reauthenticate(who, account)
      const { session } = yield* (yield* Sessions).authenticate(who.token)
      assert.strictEqual(session.authenticatedAt.epochMilliseconds, 3_600_000)
      assert.deepStrictEqual(yield* eventsOf(who, 1), ["Reauthenticated"])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("by LinkedIn renews the proof of the session, and stores the new access token", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const who = yield* signedUpByLinkedIn(grantOf(profile))
      yield* TestClock.adjust("1 hour")
      const { reauthenticateByLinkedIn } = yield* ownIdentities
      yield* reauthenticateByLinkedIn(who, grantOf(profile, { scopes: ["openid"] }), application, origin)
      const { session } = yield* (yield* Sessions).authenticate(who.token)
      assert.strictEqual(session.authenticatedAt.epochMilliseconds, 3_600_000)
      const [account] = (yield* (yield* ownIdentities).me(who.user.id)).accounts
      const kept = yield* (yield* AccountTokenRepository).find(yield* unwrap(Option.fromUndefinedOr(account?.id)))
      assert.deepStrictEqual(Option.map(kept, ({ scopes }) => scopes), Option.some(["openid"]))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a wallet or an account of another user, and does not renew the proof", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const { account } = yield* withWallet()
      yield* TestClock.adjust("1 hour")
      const { reauthenticateByLinkedIn } = yield* ownIdentities
      assert.strictEqual(yield* tagOf(reauthenticate(who, account)), "ReauthMismatch")
      const byLinkedIn = reauthenticateByLinkedIn(who, grantOf(someProfile()), application, origin)
      assert.strictEqual(yield* tagOf(byLinkedIn), "ReauthMismatch")
      assert.strictEqual((yield* (yield* Sessions).find(who.session.id)).session.authenticatedAt.epochMilliseconds, 0)
    }).pipe(Effect.provide(identityTestLayer())))
})

describe("Deleting a user", () => {
  it.effect("removes all personal data, and ends every session", () =>
    Effect.gen(function*() {
      const { account, who } = yield* withWallet()
      const { identity } = yield* linkLinkedIn(who)
      const other = yield* signedIn(who.user.id)
      const identities = yield* ownIdentities
      yield* identities.editProfile(other, { company: "Acme", position: "Baker" }, origin)
      const { notices } = yield* noticesDuring(identities.delete(who, origin))
      const left = yield* identities.me(who.user.id)
      assert.deepStrictEqual(Object.keys(left).toSorted(), [
        "accounts",
        "createdAt",
        "displayName",
        "id",
        "nameEdited",
        "status",
        "version",
        "wallets"
      ])
      assert.deepInclude(left, { status: "deleted", displayName: DisplayName.make("Deleted user") })
      assert.deepStrictEqual(yield* (yield* People).find(account.address), [])
      assert.deepStrictEqual(yield* (yield* UserRepository).walletsOf([who.user.id]), [])
      const accountId = yield* unwrap(Option.map(Array.head(identity.accounts), ({ id }) => id))
      assert.isTrue(Option.isNone(yield* (yield* AccountTokenRepository).find(accountId)))
      for (const { token } of [who, other]) assert.isFalse(yield* isAccepted(token))
      const ended = notices.flatMap((notice) => notice._tag === "SessionsEnded" ? notice.sessions : [])
      assert.sameMembers(ended, [who.session.id, other.session.id])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("deletes the activity of the user, and keeps only the time of the deletion", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      yield* linkLinkedIn(who)
      const identities = yield* ownIdentities
      yield* identities.delete(who, origin)
      const activity = yield* identities.activity(who.user.id, { limit: 100 })
      assert.deepStrictEqual(activity.map(({ event }) => event._tag), ["Deleted"])
      const text = JSON.stringify(activity)
      for (const personal of [origin.userAgent, origin.address]) assert.notInclude(text, personal)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("deletes the network addresses of the user's sessions, and of merged users", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const rows = yield* SessionRepository
      const sessions = yield* Sessions
      const profile = someProfile({ name: "Ann Secret" })
      const absorbed = yield* signedUpByLinkedIn(grantOf(profile))
      const opened = [yield* sessions.issue(who.user.id, origin), yield* sessions.issue(absorbed.user.id, origin)]
      const refusal = yield* Effect.flip(linkLinkedIn(who, profile))
      if (refusal._tag !== "OwnedByOther") return assert.fail(refusal._tag)
      const merged = yield* mergedBy(who, refusal.ticket)
      const origins = Effect.map(
        rows.findByIds(opened.map(({ session }) => session.id)),
        (found) => found.map(({ session: { address, userAgent } }) => ({ userAgent, address }))
      )
      assert.deepStrictEqual(yield* origins, [origin, origin])
      yield* (yield* ownIdentities).delete(merged, origin)
      const forgotten = { userAgent: undefined, address: undefined }
      assert.deepStrictEqual(yield* origins, [forgotten, forgotten])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("also removes the data of users who were merged into the user", () =>
    Effect.gen(function*() {
      const { who } = yield* withWallet()
      const profile = someProfile({ name: "Ann Secret" })
      const absorbed = yield* signedUpByLinkedIn(grantOf(profile))
      const refusal = yield* Effect.flip(linkLinkedIn(who, profile))
      if (refusal._tag !== "OwnedByOther") return assert.fail(refusal._tag)
      const merged = yield* mergedBy(who, refusal.ticket)
      const identities = yield* ownIdentities
      yield* identities.delete(merged, origin)
      assert.deepStrictEqual(yield* identities.activity(absorbed.user.id, { limit: 100 }), [])
      assert.strictEqual((yield* identities.me(absorbed.user.id)).displayName, "Deleted user")
      assert.deepStrictEqual(yield* (yield* IdentityRepository).absorbedBy(who.user.id), [absorbed.user.id])
    }).pipe(Effect.provide(identityTestLayer())))
})

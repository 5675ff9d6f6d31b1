import {
  accountCredential,
  Identities,
  IdentityAdministration,
  LinkedInProfiles,
  MergeInCall,
  type MergeParticipant,
  mergeTickets,
  Merging,
  People,
  Sessions,
  SignIn,
  SingleUse,
  type UserId,
  UserRepository,
  type WalletProofs
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { BeforeLock, beforeLockLayer } from "./BeforeLock.ts"
import { credentialOf } from "./credentialOf.ts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { application, grantOf, LinkedInAnswers, someProfile } from "./LinkedInAnswers.ts"
import { newAccount, signedBy } from "./provedWallet.ts"
import { isAccepted, noticesDuring, unwrap } from "./sessionsAlive.ts"
import { renewed, signedIn } from "./signedIn.ts"
import { signedUp, signedUpByLinkedIn } from "./signedUp.ts"

type Who = Effect.Success<ReturnType<typeof signedIn>>

const origin = { userAgent: "Firefox" }

/** A user with a wallet, and a user by LinkedIn whose account the first user has proved as well. */
const offered = Effect.gen(function*() {
  const profile = someProfile()
  const absorbed = yield* signedUpByLinkedIn(grantOf(profile))
  const who = yield* signedIn((yield* signedUp()).id)
  const ticket = yield* ticketFor(who, profile)
  return { who, absorbed, profile, ticket }
})

const ticketFor = Effect.fnUntraced(function*(who: Who, profile: ReturnType<typeof someProfile>) {
  const refusal = yield* Effect.flip(
    (yield* Identities).linkLinkedIn(yield* renewed(who), grantOf(profile), application, origin)
  )
  return refusal._tag === "OwnedByOther" ? refusal.ticket : yield* Effect.die(refusal)
}, Effect.orDie)

const merge = Effect.fnUntraced(function*(who: Who, ticket: string) {
  return yield* (yield* Merging).merge(yield* renewed(who), Redacted.make(ticket), origin)
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: ({ _tag }) => _tag })

const eventsOf = Effect.fnUntraced(function*(id: UserId) {
  return (yield* (yield* Identities).activity(id, { limit: 100 })).map(({ event }) => event)
})

describe("Merging", () => {
  it.effect("makes one user of two, with the ways to sign in of both", () =>
    Effect.gen(function*() {
      const { absorbed, profile, ticket, who } = yield* offered
      const { session, token, userId } = yield* merge(who, ticket)
      assert.strictEqual(userId, who.user.id)
      assert.strictEqual(session.userId, who.user.id)
      assert.deepStrictEqual((yield* (yield* Sessions).authenticate(token)).session, session)
      const me = yield* (yield* Identities).me(who.user.id)
      assert.lengthOf(me.wallets, 1)
      assert.deepStrictEqual(me.accounts.map((account) => account.profile.subject), [profile.subject])
      const again = yield* (yield* SignIn).byLinkedIn(grantOf(profile), application, origin)
      assert.strictEqual(again.session.userId, who.user.id)
      assert.strictEqual((yield* (yield* People).get(absorbed.user.id)).id, who.user.id)
      assert.deepStrictEqual((yield* (yield* People).getAll([absorbed.user.id, who.user.id])).map(({ id }) => id), [
        who.user.id
      ])
      const tombstone = yield* (yield* Identities).me(absorbed.user.id)
      assert.deepInclude(tombstone, { status: "merged", mergedInto: who.user.id, wallets: [], accounts: [] })
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("moves the access token of the account to the surviving user", () =>
    Effect.gen(function*() {
      const { profile, ticket, who } = yield* offered
      const { session } = yield* merge(who, ticket)
      const profiles = yield* LinkedInProfiles
      const answers = yield* LinkedInAnswers
      answers.onToken(grantOf(profile).accessToken, { ...profile, name: "Ann Jones" })
      const synced = yield* profiles.sync(yield* (yield* Sessions).find(session.id), origin)
      assert.strictEqual(synced.profile.name, "Ann Jones")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("ends every session of both users, and notifies the hosts", () =>
    Effect.gen(function*() {
      const { absorbed, ticket, who } = yield* offered
      const others = [yield* signedIn(who.user.id), yield* signedIn(absorbed.user.id)]
      const { notices, result } = yield* noticesDuring(merge(who, ticket))
      const before = [who, absorbed, ...others]
      for (const { token } of before) assert.isFalse(yield* isAccepted(token))
      assert.isTrue(yield* isAccepted(result.token))
      const ended = notices.flatMap((notice) => notice._tag === "SessionsEnded" ? notice.sessions : [])
      assert.sameMembers(ended, before.map(({ session }) => session.id))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is recorded for both users, with the session that merged them", () =>
    Effect.gen(function*() {
      const { absorbed, ticket, who } = yield* offered
      yield* merge(who, ticket)
      const [latest] = yield* (yield* Identities).activity(absorbed.user.id, { limit: 1 })
      assert.deepStrictEqual(latest?.event, { _tag: "MergedInto", userId: who.user.id })
      assert.deepStrictEqual(latest?.cause, { _tag: "User", sessionId: who.session.id })
      assert.deepInclude(yield* eventsOf(who.user.id), { _tag: "Absorbed", userId: absorbed.user.id })
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accepts a ticket once, also under concurrent requests", () =>
    Effect.gen(function*() {
      const { ticket, who } = yield* offered
      const answers = yield* Effect.all(Array.makeBy(20, () => tagOf(merge(who, ticket))), {
        concurrency: "unbounded"
      })
      assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
      assert.deepStrictEqual(new Set(answers), new Set(["accepted", "MergeTicketInvalid"]))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a ticket of another session, which cannot use it up", () =>
    Effect.gen(function*() {
      const { ticket, who } = yield* offered
      const others = [yield* signedIn(who.user.id), yield* signedIn((yield* signedUp()).id), (yield* offered).who]
      for (const other of others) assert.strictEqual(yield* tagOf(merge(other, ticket)), "MergeTicketInvalid")
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accepts a ticket for ten minutes", () =>
    Effect.gen(function*() {
      const early = yield* offered
      const late = yield* offered
      yield* TestClock.adjust("599999 millis")
      assert.strictEqual(yield* tagOf(merge(early.who, early.ticket)), "accepted")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* tagOf(merge(late.who, late.ticket)), "MergeTicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses any other text as a ticket", () =>
    Effect.gen(function*() {
      const { ticket, who } = yield* offered
      const others = [
        "",
        `${ticket} `,
        ticket.slice(0, -1),
        ticket.slice(4),
        Redacted.value(who.token),
        `dcm_${"A".repeat(43)}`
      ]
      for (const other of others) assert.strictEqual(yield* tagOf(merge(who, other)), "MergeTicketInvalid", other)
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("never prints a ticket", () =>
    Effect.gen(function*() {
      const { who } = yield* offered
      const { ticket } = yield* (yield* Merging).pending(who.session)
      assert.notInclude(`${ticket}${JSON.stringify({ ticket })}`, Redacted.value(ticket).slice(4))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("offers one merge a session: a later offer replaces the previous one", () =>
    Effect.gen(function*() {
      const { absorbed, profile, ticket, who } = yield* offered
      const later = yield* ticketFor(who, profile)
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTicketInvalid")
      assert.strictEqual(yield* tagOf(merge(who, later)), "accepted")
      assert.strictEqual((yield* (yield* Identities).me(absorbed.user.id)).status, "merged")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("reports the pending offer under a new ticket, which does not last longer", () =>
    Effect.gen(function*() {
      const { ticket, who } = yield* offered
      const { pending } = yield* Merging
      yield* TestClock.adjust("4 minutes")
      const waiting = yield* pending(who.session)
      assert.strictEqual(waiting.expiresIn, 360)
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTicketInvalid")
      assert.strictEqual(yield* tagOf(merge(who, Redacted.value(waiting.ticket))), "accepted")
      assert.strictEqual(yield* tagOf(pending(who.session)), "NoMergePending")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("reports no offer to another session, and no expired offer", () =>
    Effect.gen(function*() {
      const { who } = yield* offered
      const { pending } = yield* Merging
      assert.strictEqual(yield* tagOf(pending((yield* signedIn(who.user.id)).session)), "NoMergePending")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* tagOf(pending(who.session)), "NoMergePending")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is refused if both users have a LinkedIn account by then, and changes neither user", () =>
    Effect.gen(function*() {
      const { absorbed, profile, who } = yield* offered
      const identities = yield* Identities
      yield* identities.linkLinkedIn(who, grantOf(someProfile()), application, origin)
      const again = yield* signedIn(who.user.id)
      const ticket = yield* ticketFor(who, profile)
      const before = [yield* identities.me(who.user.id), yield* identities.me(absorbed.user.id)]
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTwoLinkedIn")
      assert.deepStrictEqual([yield* identities.me(who.user.id), yield* identities.me(absorbed.user.id)], before)
      for (const { token } of [again, absorbed]) assert.isTrue(yield* isAccepted(token))
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is refused to a session that has ended in the meantime", () =>
    Effect.gen(function*() {
      const { absorbed, ticket, who } = yield* offered
      yield* (yield* Sessions).revoke(who.session.id)
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "SessionInvalid")
      assert.strictEqual((yield* (yield* Identities).me(absorbed.user.id)).status, "active")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("does not restore a user who was deleted or disabled in the meantime", () =>
    Effect.gen(function*() {
      const deleted = yield* offered
      yield* (yield* Identities).delete(deleted.absorbed, origin)
      assert.strictEqual(yield* tagOf(merge(deleted.who, deleted.ticket)), "MergeTicketInvalid")
      const disabled = yield* offered
      yield* (yield* IdentityAdministration).disable(disabled.absorbed.user.id, { actor: "somebody", reason: "spam" })
      assert.strictEqual(yield* tagOf(merge(disabled.who, disabled.ticket)), "MergeTicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is void once the ways to sign in of either user have changed", () =>
    Effect.gen(function*() {
      const { linkWallet, unlinkLinkedIn, unlinkWallet } = yield* Identities
      const { disable, enable } = yield* IdentityAdministration
      const { pending } = yield* Merging
      const by = { actor: "somebody", reason: "a test" }
      const link = (who: Who) =>
        Effect.flatMap(signedBy(newAccount(), { purpose: "link", session: who.session }), (proof) =>
          linkWallet(who, proof, origin))
      const unlink = Effect.fnUntraced(function*(who: Who) {
        const { wallets: [wallet] } = yield* (yield* Identities).me(who.user.id)
        if (wallet !== undefined) {
          yield* unlinkWallet(who, wallet.id, origin)
        }
      })
      const twice = ({ user }: Who) =>
        Effect.andThen(disable(user.id, by), enable(user.id, by))
      type Change = (
        people: { readonly who: Who; readonly absorbed: Who }
      ) => Effect.Effect<unknown, unknown, WalletProofs | Identities>
      const changes: Record<string, Change> = {
        "the absorbed person unlinks what was proved": ({ absorbed }) => unlinkLinkedIn(absorbed, origin),
        "the absorbed person unlinks something else": ({ absorbed }) => unlink(absorbed),
        "the absorbed person links something": ({ absorbed }) => link(absorbed),
        "the absorbed person is disabled and enabled": ({ absorbed }) => twice(absorbed),
        "the survivor links something": ({ who }) => link(who)
      }
      for (const [name, change] of Object.entries(changes)) {
        const { absorbed, profile, who } = yield* offered
        yield* link(absorbed)
        const ticket = yield* ticketFor(who, profile)
        yield* change({ who, absorbed: yield* renewed(absorbed) })
        assert.strictEqual(yield* tagOf(pending((yield* renewed(who)).session)), "NoMergePending", name)
        assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTicketInvalid", name)
        assert.strictEqual((yield* (yield* Identities).me(absorbed.user.id)).status, "active", name)
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is void if the absorbed user is disabled and enabled just before both are locked", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const by = { actor: "somebody", reason: "a test" }
      const { absorbed: { user }, ticket, who } = yield* offered
      const twice = Effect.andThen(disable(user.id, by), enable(user.id, by)).pipe(Effect.orDie, Effect.asVoid)
      yield* (yield* BeforeLock).next(twice)
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTicketInvalid")
      assert.strictEqual((yield* (yield* Identities).me(user.id)).status, "active")
    }).pipe(Effect.provide(beforeLockLayer)))

  it.effect("is refused if the absorbed user no longer has the proved credential, even though the ticket is not void", () =>
    Effect.gen(function*() {
      const { absorbed, profile, ticket, who } = yield* offered
      const store = yield* SingleUse
      const kept = yield* unwrap(yield* store.findInSlot(mergeTickets, who.session.id))
      assert.deepStrictEqual(kept.proved, accountCredential(application, profile.subject))
      const proof = yield* signedBy(newAccount(), { purpose: "link", session: absorbed.session })
      yield* (yield* Identities).linkWallet(absorbed, proof, origin)
      yield* (yield* Identities).unlinkLinkedIn(yield* renewed(absorbed), origin)
      yield* store.put(mergeTickets, kept)
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeTicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("is not offered with a disabled user", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const absorbed = yield* signedUpByLinkedIn(grantOf(profile))
      yield* (yield* IdentityAdministration).disable(absorbed.user.id, { actor: "somebody", reason: "spam" })
      const who = yield* signedIn((yield* signedUp()).id)
      const link = (yield* Identities).linkLinkedIn(who, grantOf(profile), application, origin)
      assert.strictEqual(yield* tagOf(link), "AccountOwnedByOther")
      assert.strictEqual(yield* tagOf((yield* Merging).pending(who.session)), "NoMergePending")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("opens a session whose proof is as old as that of the previous session", () =>
    Effect.gen(function*() {
      const { ticket, who } = yield* offered
      yield* TestClock.adjust("9 minutes")
      const { session } = yield* merge(who, ticket)
      assert.strictEqual(session.authenticatedAt.epochMilliseconds, 0)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("resolves a chain of merges to the surviving user", () =>
    Effect.gen(function*() {
      const { absorbed, ticket, who } = yield* offered
      yield* merge(who, ticket)
      const profile = someProfile()
      const other = yield* signedUpByLinkedIn(grantOf(profile))
      const offer = yield* (yield* Merging).offer(other.session, who.user.id, yield* credentialOf(who.user.id))
      assert.strictEqual(yield* tagOf(merge(other, Redacted.value(offer.ticket))), "MergeTwoLinkedIn")
      const third = yield* signedIn((yield* signedUp()).id)
      const next = yield* (yield* Merging).offer(third.session, who.user.id, yield* credentialOf(who.user.id))
      yield* merge(third, Redacted.value(next.ticket))
      const survivors = yield* (yield* UserRepository).survivorsOf([absorbed.user.id, who.user.id, third.user.id])
      assert.deepStrictEqual(survivors, new Map([[absorbed.user.id, third.user.id], [who.user.id, third.user.id]]))
      assert.strictEqual((yield* (yield* People).get(absorbed.user.id)).id, third.user.id)
    }).pipe(Effect.provide(identityTestLayer())))
})

describe("The objections of other features to a merge", () => {
  const asked: Array<readonly [string, UserId, UserId]> = []
  const agreeing: MergeParticipant = {
    check: (survivor, absorbed) => Effect.sync(() => void asked.push(["check", survivor, absorbed])),
    move: (survivor, absorbed) => Effect.sync(() => void asked.push(["move", survivor, absorbed]))
  }
  const objecting: MergeParticipant = {
    check: () => Effect.fail(new MergeInCall()),
    move: () => Effect.die("nobody may move anything")
  }

  it.effect("are all requested before a feature changes its data", () =>
    Effect.gen(function*() {
      asked.length = 0
      const { absorbed, ticket, who } = yield* offered
      yield* merge(who, ticket)
      const [survivor, other] = [who.user.id, absorbed.user.id]
      assert.deepStrictEqual(asked, [
        ["check", survivor, other],
        ["check", survivor, other],
        ["move", survivor, other],
        ["move", survivor, other]
      ])
    }).pipe(Effect.provide(identityTestLayer({ participants: { calls: agreeing, subscriptions: agreeing } }))))

  it.effect("leave both users unchanged", () =>
    Effect.gen(function*() {
      asked.length = 0
      const { absorbed, ticket, who } = yield* offered
      assert.strictEqual(yield* tagOf(merge(who, ticket)), "MergeInCall")
      assert.strictEqual((yield* (yield* Identities).me(absorbed.user.id)).status, "active")
      for (const { token } of [who, absorbed]) assert.isTrue(yield* isAccepted(token))
      assert.isFalse(asked.some(([what]) => what === "move"))
    }).pipe(Effect.provide(identityTestLayer({ participants: { calls: agreeing, subscriptions: objecting } }))))
})

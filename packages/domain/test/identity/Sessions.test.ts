import {
  hashToken,
  Identities,
  maxTokensOfSession,
  originOf,
  SessionId,
  SessionRepository,
  Sessions,
  SessionToken
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Redacted, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { isAccepted, noticesDuring } from "./sessionsAlive.ts"
import { signedUp } from "./signedUp.ts"

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: (error) => error._tag })

describe("Sessions", () => {
  it.effect("have a token of 256 bits that leads to the session and its user", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const { session, token } = yield* sessions.issue(user.id, { userAgent: "Firefox" })
      assert.match(Redacted.value(token), /^dcs_[A-Za-z0-9_-]{43}$/)
      assert.strictEqual(session.userAgent, "Firefox")
      assert.deepStrictEqual(yield* sessions.authenticate(token), { session, user })
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("shorten a long user agent, and accept odd characters", () =>
    Effect.gen(function*() {
      const origin = originOf({ userAgent: `\0${"🎈".repeat(300)}`, address: "1".repeat(100) })
      const { session, token } = yield* (yield* Sessions).issue((yield* signedUp()).id, origin)
      assert.strictEqual(session.userAgent, "🎈".repeat(128))
      assert.strictEqual(session.address, "1".repeat(64))
      assert.deepStrictEqual((yield* (yield* Sessions).authenticate(token)).session, session)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse tokens that are unknown, altered, cut, of another form, or a hash", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { token } = yield* sessions.issue((yield* signedUp()).id)
      const secret = Redacted.value(token)
      const hash = yield* hashToken(secret)
      const wrong = [
        "",
        SessionToken.make(`dcs_${"A".repeat(43)}`),
        secret.slice(0, -1),
        `${secret} `,
        `${secret}\n`,
        secret.replace("dcs_", "dct_"),
        secret.slice(4),
        secret.toUpperCase(),
        `dcs_${hash}`,
        hash,
        "ü".repeat(47),
        `dcs_${"A".repeat(100_000)}`
      ]
      for (const text of wrong) {
        assert.strictEqual(yield* tagOf(sessions.authenticate(Redacted.make(text))), "SessionInvalid", text)
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("store the hash of the token only", () =>
    Effect.gen(function*() {
      const { session, token } = yield* (yield* Sessions).issue((yield* signedUp()).id)
      const secret = Redacted.value(token)
      const found = yield* (yield* SessionRepository).findByTokenHash(yield* hashToken(secret))
      assert.deepStrictEqual(Option.map(found, (it) => it.session), Option.some(session))
      assert.notInclude(JSON.stringify(found), secret.slice(4))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("end after 7 days without use", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { token } = yield* sessions.issue((yield* signedUp()).id)
      yield* TestClock.adjust("7 days")
      assert.strictEqual(yield* tagOf(sessions.authenticate(token)), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("continue while in use, for at most 30 days", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { token } = yield* sessions.issue((yield* signedUp()).id)
      for (let day = 6; day < 30; day += 6) {
        yield* TestClock.adjust("6 days")
        assert.strictEqual(yield* tagOf(sessions.authenticate(token)), "accepted", `day ${day}`)
      }
      yield* TestClock.adjust("6 days")
      assert.strictEqual(yield* tagOf(sessions.authenticate(token)), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("record their use at most every 5 minutes", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { session, token } = yield* sessions.issue((yield* signedUp()).id)
      const lastSeen = Effect.map((yield* SessionRepository).findByIds([session.id]), ([found]) =>
        found === undefined ? -1 : DateTime.toEpochMillis(found.session.lastSeenAt))

      yield* TestClock.adjust("299 seconds")
      yield* sessions.authenticate(token)
      assert.strictEqual(yield* lastSeen, 0)
      yield* TestClock.adjust("1 second")
      yield* sessions.authenticate(token)
      assert.strictEqual(yield* lastSeen, 300_000)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("end at once when they are revoked, and stay revoked", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const { session, token } = yield* sessions.issue(user.id)
      const other = yield* sessions.issue(user.id)
      yield* sessions.revoke(session.id)
      yield* sessions.revoke(session.id)
      assert.strictEqual(yield* tagOf(sessions.authenticate(token)), "SessionInvalid")
      assert.strictEqual(yield* tagOf(sessions.authenticate(other.token)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are listed by last use, and only live ones", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const [phone, laptop, lost] = [
        yield* sessions.issue(user.id, { userAgent: "phone" }),
        yield* sessions.issue(user.id, { userAgent: "laptop" }),
        yield* sessions.issue(user.id, { userAgent: "lost" })
      ]
      yield* sessions.issue((yield* signedUp()).id)
      yield* sessions.revoke(lost.session.id)
      yield* TestClock.adjust("1 hour")
      yield* sessions.authenticate(phone.token)
      const agents = Effect.map(sessions.listOf(user.id), (found) => found.map(({ userAgent }) => userAgent))
      assert.deepStrictEqual(yield* agents, ["phone", "laptop"])
      yield* TestClock.adjust("7 days")
      assert.deepStrictEqual(yield* agents, [])
      assert.isFalse(yield* isAccepted(laptop.token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("continue under a new token, and let the former token read for 30 seconds", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { session, token: first } = yield* sessions.issue((yield* signedUp()).id)
      const { notices, result: second } = yield* noticesDuring(sessions.rotate(session))
      assert.notStrictEqual(Redacted.value(second), Redacted.value(first))
      assert.deepStrictEqual(notices, [{ _tag: "TokenReplaced", session: session.id, generation: 1 }])
      yield* TestClock.adjust("29999 millis")
      assert.strictEqual((yield* sessions.authenticate(second)).session.id, session.id)
      assert.strictEqual((yield* sessions.authenticate(first, "read")).session.id, session.id)
      assert.strictEqual(yield* tagOf(sessions.authenticate(first, "act")), "TokenReplaced")
      assert.strictEqual(yield* tagOf(sessions.authenticate(first)), "TokenReplaced")
      // Being refused has ended nothing.
      assert.isTrue(yield* isAccepted(second))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("let a token read for its 30 seconds even if it is replaced twice", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { session, token: first } = yield* sessions.issue((yield* signedUp()).id)
      const second = yield* sessions.rotate(session)
      yield* TestClock.adjust("5 seconds")
      const third = yield* sessions.rotate((yield* sessions.authenticate(second)).session)
      yield* TestClock.adjust("24999 millis")
      for (const token of [first, second, third]) {
        assert.strictEqual(yield* tagOf(sessions.authenticate(token, "read")), "accepted")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("end when a replaced token is used after its 30 seconds, and record the stolen token", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { id } = yield* signedUp()
      const { session, token: first } = yield* sessions.issue(id)
      const other = yield* sessions.issue(id)
      const second = yield* sessions.rotate(session)
      yield* TestClock.adjust("30 seconds")
      const { notices, result } = yield* noticesDuring(tagOf(sessions.authenticate(first, "read")))
      assert.strictEqual(result, "SessionInvalid")
      assert.deepStrictEqual(notices, [
        { _tag: "IdentityChanged", userId: id },
        { _tag: "SessionsEnded", sessions: [session.id] }
      ])
      assert.isFalse(yield* isAccepted(second))
      assert.isTrue(yield* isAccepted(other.token))
      const [latest] = yield* (yield* Identities).activity(id, { limit: 1 })
      assert.deepStrictEqual(latest?.event, { _tag: "TokenStolen", sessionId: session.id })
      assert.deepStrictEqual(latest?.cause, { _tag: "System" })
      // Later reports are not published again.
      assert.deepStrictEqual((yield* noticesDuring(tagOf(sessions.authenticate(first)))).notices, [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("end when their first token is used late, after any number of rotations", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { token: first } = yield* sessions.issue((yield* signedUp()).id)
      // A thief replaces the token of the owner until the owner's is the oldest of many.
      let latest = first
      for (let count = 0; count < 50; count++) {
        latest = yield* sessions.rotate((yield* sessions.authenticate(latest)).session)
        yield* TestClock.adjust("31 seconds")
      }
      assert.strictEqual(yield* tagOf(sessions.authenticate(first, "read")), "SessionInvalid")
      assert.isFalse(yield* isAccepted(latest))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect(`have at most ${maxTokensOfSession} tokens`, () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { id } = yield* signedUp()
      const { session, token } = yield* sessions.issue(id)
      let latest = token
      for (let generation = 0; generation < maxTokensOfSession - 1; generation++) {
        latest = yield* sessions.rotate({ ...session, generation })
      }
      assert.isTrue(yield* isAccepted(latest))
      assert.lengthOf(yield* sessions.listOf(id), 1)
      const beyond = yield* sessions.rotate({ ...session, generation: maxTokensOfSession - 1 })
      assert.isFalse(yield* isAccepted(beyond))
      assert.lengthOf(yield* sessions.listOf(id), 0)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are rotated by the current token, and by no former token", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { session, token } = yield* sessions.issue((yield* signedUp()).id)
      const second = yield* sessions.rotate(session)
      assert.strictEqual(yield* tagOf(sessions.rotate(session)), "TokenReplaced")
      assert.strictEqual(yield* tagOf(sessions.revokeOthers(session)), "TokenReplaced")
      assert.isTrue(yield* isAccepted(second))
      assert.isFalse(yield* isAccepted(token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accept neither token once they are revoked", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { session, token: first } = yield* sessions.issue((yield* signedUp()).id)
      const second = yield* sessions.rotate(session)
      yield* sessions.revoke(session.id)
      for (const token of [first, second]) assert.isFalse(yield* isAccepted(token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("can be ended by their own user only", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const [ann, bob] = [yield* signedUp(), yield* signedUp()]
      const { session, token } = yield* sessions.issue(ann.id)
      assert.strictEqual(yield* tagOf(sessions.revokeOf(bob.id, session.id)), "SessionNotFound")
      const unknown = SessionId.make(SecureRandom.uuidV7Unsafe())
      assert.strictEqual(yield* tagOf(sessions.revokeOf(ann.id, unknown)), "SessionNotFound")
      assert.isTrue(yield* isAccepted(token))
      const { notices } = yield* noticesDuring(sessions.revokeOf(ann.id, session.id))
      assert.deepStrictEqual(notices, [{ _tag: "SessionsEnded", sessions: [session.id] }])
      assert.isFalse(yield* isAccepted(token))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("can be ended all but one, and report their number", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const { session, token } = yield* sessions.issue(user.id)
      const others = [yield* sessions.issue(user.id), yield* sessions.issue(user.id)]
      const stranger = yield* sessions.issue((yield* signedUp()).id)
      const { notices, result } = yield* noticesDuring(sessions.revokeOthers(session))
      assert.strictEqual(result.ended, 2)
      const ended = notices.flatMap((notice) => notice._tag === "SessionsEnded" ? notice.sessions : [])
      assert.sameMembers(ended, others.map((other) => other.session.id))
      for (const other of others) assert.isFalse(yield* isAccepted(other.token))
      for (const kept of [result.token, stranger.token]) assert.isTrue(yield* isAccepted(kept))
      // A copy of the token does nothing any more, and what it has opened ends.
      assert.isFalse(yield* isAccepted(token))
      assert.deepInclude(notices, { _tag: "TokenReplaced", session: session.id, generation: 1 })
      const again = yield* sessions.revokeOthers((yield* sessions.authenticate(result.token)).session)
      assert.strictEqual(again.ended, 0)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("do not let a disabled user act", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const { session, token } = yield* sessions.issue((yield* signedUp({ status: "disabled" })).id)
      assert.strictEqual(yield* tagOf(sessions.authenticate(token)), "SessionInvalid")
      assert.deepStrictEqual(yield* sessions.keepAlive([session.id]), [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("report which of many are live, and keep those alive", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const [kept, left, revoked] = [
        yield* sessions.issue(user.id),
        yield* sessions.issue(user.id),
        yield* sessions.issue(user.id)
      ]
      yield* sessions.revoke(revoked.session.id)
      const unknown = SessionId.make(SecureRandom.uuidV7Unsafe())
      yield* TestClock.adjust("6 days")
      const alive = yield* sessions.keepAlive([kept.session.id, revoked.session.id, unknown])
      assert.deepStrictEqual(alive.map(({ id }) => id), [kept.session.id])
      assert.deepStrictEqual(yield* sessions.keepAlive([]), [])
      yield* TestClock.adjust("6 days")
      assert.strictEqual(yield* tagOf(sessions.authenticate(kept.token)), "accepted")
      assert.strictEqual(yield* tagOf(sessions.authenticate(left.token)), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect.prop("refuse any other text as a token", [Schema.String], ([text]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tagOf((yield* Sessions).authenticate(Redacted.make(text))), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))
})

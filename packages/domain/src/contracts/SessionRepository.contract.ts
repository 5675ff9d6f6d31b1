import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import { type IdentityRepository, maxTokensOfSession, type Session, SessionRepository } from "../identity/index.ts"
import { noon, sessionOf, signUp, someHash, someSessionId, userOf } from "./support/identityFixtures.ts"

const later = (amount: Duration.Input) => DateTime.addDuration(noon, amount)

const signedUp = (status: "active" | "disabled" = "active") => Effect.map(signUp({ status }), userOf)

/** Several sessions of one new user. */
const opened = Effect.fnUntraced(function*(...fields: ReadonlyArray<Partial<Session>>) {
  const sessions = yield* SessionRepository
  const user = yield* signedUp()
  const all = fields.map((some) => sessionOf(user, some))
  yield* Effect.forEach(all, (session) => sessions.insert(session, someHash()), { discard: true })
  return { user, all }
})

const idOfToken = (hash: ReturnType<typeof someHash>) =>
  Effect.flatMap(
    SessionRepository,
    (sessions) =>
      Effect.map(sessions.findByTokenHash(hash), (found) =>
        Option.getOrUndefined(Option.map(found, ({ session }) => session.id)))
  )

/** The contract of `SessionRepository`, for every implementation. */
export const sessionRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<SessionRepository | IdentityRepository, E>
) =>
  layer(subject)(name, (it) => {
    it.effect("finds a session and its user by the hash of the token, whether the session is live or over", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp("disabled")
        const hash = someHash()
        const session = { ...sessionOf(user), revokedAt: later("1 hour"), userAgent: "Firefox", address: "2001:db8::1" }
        yield* sessions.insert(session, hash)
        assert.deepStrictEqual(
          yield* sessions.findByTokenHash(hash),
          Option.some({ session, user })
        )
        assert.deepStrictEqual(yield* sessions.findByTokenHash(someHash()), Option.none())
      }))

    it.effect("finds several sessions by id, without unknown ids", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const first = sessionOf(user)
        const second = sessionOf(user)
        yield* sessions.insert(second, someHash())
        yield* sessions.insert(first, someHash())
        assert.deepStrictEqual(yield* sessions.findByIds([second.id, sessionOf(user).id, first.id]), [
          { session: first, user },
          { session: second, user }
        ])
        assert.deepStrictEqual(yield* sessions.findByIds([]), [])
      }))

    it.effect("records the use of several sessions, never moves a time back, and does not change revoked sessions", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const used = sessionOf(user)
        const revoked = { ...sessionOf(user), revokedAt: later("1 minute") }
        yield* sessions.insert(used, someHash())
        yield* sessions.insert(revoked, someHash())
        const touchAt = (amount: Duration.Input) =>
          sessions.touch([used.id, revoked.id], {
            lastSeenAt: later(amount),
            idleExpiresAt: DateTime.addDuration(later(amount), Duration.days(7))
          })
        yield* touchAt("10 minutes")
        yield* touchAt("5 minutes")
        const found = yield* sessions.findByIds([used.id, revoked.id])
        assert.deepStrictEqual(found.map(({ session }) => session), [
          {
            ...used,
            lastSeenAt: later("10 minutes"),
            idleExpiresAt: DateTime.addDuration(later("10 minutes"), Duration.days(7))
          },
          revoked
        ])
      }))

    it.effect("revokes a session once: the first time stays, and an unknown session is ignored", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const session = sessionOf(user)
        yield* sessions.insert(session, someHash())
        yield* sessions.revoke(session.id, later("1 hour"))
        yield* sessions.revoke(session.id, later("2 hours"))
        yield* sessions.revoke(sessionOf(user).id, later("2 hours"))
        assert.deepStrictEqual(yield* sessions.findByIds([session.id]), [
          { session: { ...session, revokedAt: later("1 hour") }, user }
        ])
      }))

    it.effect("finds a session by its token, and by each replaced token until the token's own time", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const session = sessionOf(user)
        const [first, second, third] = [someHash(), someHash(), someHash()]
        yield* sessions.insert(session, first)
        const replace = (generation: number, hash: typeof first, replacedUntil: DateTime.Utc) =>
          sessions.replaceToken({ id: session.id, generation }, hash, replacedUntil)
        assert.isTrue(yield* replace(0, second, later("30 seconds")))
        assert.isTrue(yield* replace(1, third, later("35 seconds")))
        const now = { user, session: { ...session, generation: 2 } }
        assert.deepStrictEqual(yield* sessions.findByTokenHash(third), Option.some(now))
        assert.deepStrictEqual(
          yield* sessions.findByTokenHash(second),
          Option.some({ ...now, replacedUntil: later("35 seconds") })
        )
        assert.deepStrictEqual(
          yield* sessions.findByTokenHash(first),
          Option.some({ ...now, replacedUntil: later("30 seconds") })
        )
        assert.deepStrictEqual(yield* sessions.findByIds([session.id]), [now])
      }))

    it.effect("replaces no token of another generation, of a revoked session or of an unknown session", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const [session, revoked] = [sessionOf(user), sessionOf(user, { revokedAt: noon })]
        const [first, lost] = [someHash(), someHash()]
        yield* sessions.insert(session, first)
        yield* sessions.insert(revoked, someHash())
        for (const known of [{ ...session, generation: 1 }, revoked, { id: someSessionId(), generation: 0 }]) {
          assert.isFalse(yield* sessions.replaceToken(known, lost, later("30 seconds")))
        }
        assert.isUndefined(yield* idOfToken(lost))
        assert.deepStrictEqual(yield* sessions.findByTokenHash(first), Option.some({ session, user }))
      }))

    it.effect("replaces a token for one of 20 concurrent requests", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const session = sessionOf(yield* signedUp())
        yield* sessions.insert(session, someHash())
        const answers = yield* Effect.all(
          Array.makeBy(20, () => sessions.replaceToken(session, someHash(), later("30 seconds"))),
          { concurrency: "unbounded" }
        )
        assert.lengthOf(answers.filter((isReplaced) => isReplaced), 1)
      }))

    it.effect("stores every replaced token for as long as the session, whatever their number", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const session = sessionOf(yield* signedUp())
        const hashes = Array.makeBy(60, someHash)
        const [first = someHash(), ...rest] = hashes
        yield* sessions.insert(session, first)
        for (const [generation, hash] of rest.entries()) {
          yield* sessions.replaceToken({ id: session.id, generation }, hash, later(`${generation} minutes`))
        }
        const known = yield* Effect.forEach(hashes, idOfToken)
        assert.deepStrictEqual(known, Array.map(hashes, () => session.id))
      }))

    it.effect("reports which of many sessions are over, and which have another token", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const at = later("1 hour")
        const { all } = yield* opened(
          {},
          { revokedAt: noon },
          { idleExpiresAt: at },
          { absoluteExpiresAt: at },
          { generation: maxTokensOfSession },
          {},
          { generation: 3 }
        )
        const ofDisabled = sessionOf(yield* signedUp("disabled"))
        yield* sessions.insert(ofDisabled, someHash())
        const [same, revoked, unused, old, spent, replaced, third] = all
        if (replaced === undefined || third === undefined) return assert.fail()
        yield* sessions.replaceToken(replaced, someHash(), at)
        const unknown = someSessionId()
        const known = [...all, ofDisabled, { id: unknown, generation: 0 }]
        const found = yield* sessions.outdated(known.map(({ generation, id }) => ({ id, generation })), at)
        assert.sameDeepMembers([...found], [
          ...[revoked, unused, old, spent, ofDisabled].map((session) => ({ id: session?.id ?? unknown })),
          { id: unknown },
          { id: replaced.id, generation: 1 }
        ])
        assert.deepStrictEqual(yield* sessions.outdated([{ id: third.id, generation: 2 }], noon), [
          { id: third.id, generation: 3 }
        ])
        assert.deepStrictEqual(yield* sessions.outdated(same === undefined ? [] : [same], noon), [])
        assert.deepStrictEqual(yield* sessions.outdated([], noon), [])
      }))

    it.effect("ends every session of some users except one, and returns the sessions that it has ended", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const ann = yield* opened({}, {}, { revokedAt: later("1 second") })
        const bob = yield* opened({})
        const cat = yield* opened({})
        const [kept, other, before] = ann.all
        const ended = yield* sessions.revokeAllOf([ann.user.id, bob.user.id], later("1 minute"), kept?.id)
        assert.sameMembers([...ended], [other, ...bob.all].map((session) => session?.id ?? ""))
        const found = yield* sessions.findByIds([...ann.all, ...bob.all, ...cat.all].map(({ id }) => id))
        assert.deepStrictEqual(
          new Map(found.map(({ session }) => [session.id as string, session.revokedAt])),
          new Map([
            [kept?.id ?? "", undefined],
            [other?.id ?? "", later("1 minute")],
            [before?.id ?? "", later("1 second")],
            ...bob.all.map(({ id }) => [id as string, later("1 minute")] as const),
            ...cat.all.map(({ id }) => [id as string, undefined] as const)
          ])
        )
        assert.deepStrictEqual(yield* sessions.revokeAllOf([bob.user.id], later("2 minutes")), [])
        assert.deepStrictEqual(yield* sessions.revokeAllOf([], later("2 minutes")), [])
      }))

    it.effect("lists the live sessions of a user by last use, latest first, at most as many as the limit", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const { all: [early, late, alike, ...others], user } = yield* opened(
          { lastSeenAt: later("1 minute") },
          { lastSeenAt: later("2 minutes") },
          { lastSeenAt: later("2 minutes") },
          { lastSeenAt: later("3 minutes"), revokedAt: later("3 minutes") },
          { lastSeenAt: later("3 minutes"), idleExpiresAt: later("5 minutes") },
          { lastSeenAt: later("3 minutes"), absoluteExpiresAt: later("5 minutes") }
        )
        yield* opened({ lastSeenAt: later("4 minutes") })
        const listed = (at: DateTime.Utc, limit: number) =>
          Effect.map(sessions.listOf(user.id, at, limit), (found) => found.map(({ id }) => id))
        assert.deepStrictEqual(yield* listed(later("5 minutes"), 10), [alike, late, early].map((it) => it?.id))
        assert.deepStrictEqual(yield* listed(later("5 minutes"), 2), [alike, late].map((it) => it?.id))
        assert.lengthOf(yield* listed(later("4 minutes"), 10), 2 + others.length)
      }))

    it.effect("records the time of the last proof of the user", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const session = sessionOf(user)
        yield* sessions.insert(session, someHash())
        yield* sessions.reauthenticated(session.id, later("1 hour"))
        yield* sessions.reauthenticated(someSessionId(), later("1 hour"))
        assert.deepStrictEqual(yield* sessions.findByIds([session.id]), [
          { session: { ...session, authenticatedAt: later("1 hour") }, user }
        ])
      }))

    it.effect("deletes the network addresses of the sessions of some users, also of sessions that are over", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const origin = { userAgent: "Firefox", address: "2001:db8::1" }
        const ann = yield* opened(origin, { ...origin, revokedAt: noon })
        const bob = yield* opened(origin)
        yield* sessions.forgetOrigins([ann.user.id])
        const found = yield* sessions.findByIds([...ann.all, ...bob.all].map(({ id }) => id))
        for (const { session, user } of found) {
          const { address, userAgent } = session
          const kept = user.id === bob.user.id ? origin : { userAgent: undefined, address: undefined }
          assert.deepStrictEqual({ userAgent, address }, kept)
        }
        assert.lengthOf(found, 3)
        yield* sessions.forgetOrigins([])
      }))

    it.effect("purges revoked and expired sessions, at most as many as the limit, and no live session", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp()
        const longAgo = DateTime.subtractDuration(noon, Duration.days(3650))
        const live = sessionOf(user)
        const ended = [
          { ...sessionOf(user), revokedAt: longAgo },
          { ...sessionOf(user), idleExpiresAt: longAgo },
          { ...sessionOf(user), absoluteExpiresAt: longAgo }
        ]
        yield* Effect.forEach([live, ...ended], (session) => sessions.insert(session, someHash()))
        assert.strictEqual(yield* sessions.purge(longAgo, 2), 2)
        assert.strictEqual(yield* sessions.purge(longAgo, 2), 1)
        assert.strictEqual(yield* sessions.purge(longAgo, 2), 0)
        assert.deepStrictEqual(yield* sessions.findByIds(Array.map([live, ...ended], ({ id }) => id)), [
          { session: live, user }
        ])
      }))
  })

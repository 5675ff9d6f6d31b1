import { SessionRepository, UserRepository } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import { noon, sessionOf, someHash, someUser, walletOf } from "./support/identityFixtures.ts"

const later = (amount: Duration.Input) => DateTime.addDuration(noon, amount)

const signedUp = Effect.fnUntraced(function*(status: "active" | "disabled" = "active") {
  const users = yield* UserRepository
  const user = someUser({ status })
  return yield* users.createOrLoadByWallet(user, walletOf(user))
})

/** What every `SessionRepository` promises, whatever it is built on. */
export const sessionRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<SessionRepository | UserRepository, E>
) =>
  layer(subject)(name, (it) => {
    it.effect("finds a session and its person by the hash of the token, dead or alive", () =>
      Effect.gen(function*() {
        const sessions = yield* SessionRepository
        const user = yield* signedUp("disabled")
        const hash = someHash()
        const session = { ...sessionOf(user), revokedAt: later("1 hour"), userAgent: "Firefox" }
        yield* sessions.insert(session, hash)
        assert.deepStrictEqual(yield* sessions.findByTokenHash(hash), Option.some({ session, user }))
        assert.deepStrictEqual(yield* sessions.findByTokenHash(someHash()), Option.none())
      }))

    it.effect("finds several sessions by id, leaving unknown ids out", () =>
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

    it.effect("records use of several sessions, never moves a time back, and leaves revoked ones alone", () =>
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

    it.effect("revokes a session once: the first time stands, an unknown one is ignored", () =>
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

    it.effect("purges what was revoked or has expired, no more than the limit at a time, and nothing that lives", () =>
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

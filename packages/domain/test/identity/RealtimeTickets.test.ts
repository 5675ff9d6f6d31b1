import { hashToken, RealtimeTickets, Sessions, TicketToken } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { signedUp } from "./signedUp.ts"

const ticketed = Effect.gen(function*() {
  const user = yield* signedUp()
  const { session, token } = yield* (yield* Sessions).issue(user.id)
  const tickets = yield* RealtimeTickets
  return { user, session, token, ...yield* tickets.issue(session), redeem: tickets.redeem }
})

describe("RealtimeTickets", () => {
  it.effect("open one connection for a session", () =>
    Effect.gen(function*() {
      const { expiresIn, redeem, session, ticket, user } = yield* ticketed
      assert.strictEqual(expiresIn, 60)
      assert.match(Redacted.value(ticket), /^dct_[A-Za-z0-9_-]{43}$/)
      assert.deepStrictEqual(yield* redeem(ticket), { session, user })
      assert.strictEqual((yield* Effect.flip(redeem(ticket)))._tag, "TicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("open one of many concurrent connections", () =>
    Effect.gen(function*() {
      const { redeem, ticket } = yield* ticketed
      const answers = yield* Effect.all(Array.makeBy(20, () => Effect.result(redeem(ticket))), {
        concurrency: "unbounded"
      })
      assert.lengthOf(Array.getSuccesses(answers), 1)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are valid for less than 60 seconds", () =>
    Effect.gen(function*() {
      const { redeem, session, ticket } = yield* ticketed
      const other = yield* (yield* RealtimeTickets).issue(session)
      yield* TestClock.adjust("59999 millis")
      yield* redeem(other.ticket)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Effect.flip(redeem(ticket)))._tag, "TicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("open nothing once the requesting token is replaced", () =>
    Effect.gen(function*() {
      const { redeem, session, ticket } = yield* ticketed
      yield* (yield* Sessions).rotate(session)
      assert.strictEqual((yield* Effect.flip(redeem(ticket)))._tag, "TicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("open nothing once their session is revoked", () =>
    Effect.gen(function*() {
      const { redeem, session, ticket } = yield* ticketed
      yield* (yield* Sessions).revoke(session.id)
      assert.strictEqual((yield* Effect.flip(redeem(ticket)))._tag, "TicketInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are neither a session token, nor a hash, nor guessable", () =>
    Effect.gen(function*() {
      const { redeem, ticket, token } = yield* ticketed
      const hash = yield* hashToken(Redacted.value(ticket))
      for (const text of ["", Redacted.value(token), hash, `dct_${hash}`, TicketToken.make(`dct_${"A".repeat(43)}`)]) {
        assert.strictEqual((yield* Effect.flip(redeem(Redacted.make(text))))._tag, "TicketInvalid")
      }
      const asSession = (yield* Sessions).authenticate(ticket)
      assert.strictEqual((yield* Effect.flip(asSession))._tag, "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))
})

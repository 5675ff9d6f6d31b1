import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { type RealtimeTicket, RealtimeTicketRepository, SessionId } from "../identity/index.ts"
import { noon, someHash } from "./support/identityFixtures.ts"

const someTicket = (expiresAt = DateTime.addDuration(noon, "60 seconds")): RealtimeTicket => ({
  hash: someHash(),
  sessionId: SessionId.make(SecureRandom.uuidV7Unsafe()),
  generation: 4,
  expiresAt
})

/** The contract of `RealtimeTicketRepository`, for every implementation. */
export const realtimeTicketRepositoryContract = <E>(name: string, subject: Layer.Layer<RealtimeTicketRepository, E>) =>
  layer(subject)(name, (it) => {
    it.effect("gives a ticket back once, exactly as it was kept", () =>
      Effect.gen(function*() {
        const tickets = yield* RealtimeTicketRepository
        const ticket = someTicket()
        yield* tickets.insert(ticket)
        assert.deepStrictEqual(yield* tickets.consume(ticket.hash), Option.some(ticket))
        assert.deepStrictEqual(yield* tickets.consume(ticket.hash), Option.none())
        assert.deepStrictEqual(yield* tickets.consume(someHash()), Option.none())
      }))

    it.effect("gives a ticket to one of 50 that ask at once", () =>
      Effect.gen(function*() {
        const tickets = yield* RealtimeTicketRepository
        const ticket = someTicket()
        yield* tickets.insert(ticket)
        const answers = yield* Effect.all(Array.makeBy(50, () => tickets.consume(ticket.hash)), {
          concurrency: "unbounded"
        })
        assert.lengthOf(answers.filter(Option.isSome), 1)
      }))

    it.effect("purges what has expired, no more than the limit at a time, and nothing else", () =>
      Effect.gen(function*() {
        const tickets = yield* RealtimeTicketRepository
        const longAgo = DateTime.subtractDuration(noon, Duration.days(3650))
        const expired = Array.makeBy(3, () => someTicket(longAgo))
        const waiting = someTicket(DateTime.addDuration(longAgo, "1 millis"))
        yield* Effect.forEach([waiting, ...expired], tickets.insert)
        assert.strictEqual(yield* tickets.purge(longAgo, 2), 2)
        assert.strictEqual(yield* tickets.purge(longAgo, 2), 1)
        assert.strictEqual(yield* tickets.purge(longAgo, 2), 0)
        assert.deepStrictEqual(yield* tickets.consume(waiting.hash), Option.some(waiting))
      }))
  })

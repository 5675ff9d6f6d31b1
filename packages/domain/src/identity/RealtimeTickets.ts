/**
 * Issues and accepts the tickets that open a realtime connection.
 */
import { Array, Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { TicketInvalid } from "./model/IdentityErrors.ts"
import { realtimeTickets, ticketLifetime, TicketToken } from "./model/RealtimeTicket.ts"
import { isSessionLive, type Session, type SignedIn } from "./model/Session.ts"
import { hashToken, makeProvideCrypto, randomToken } from "./OpaqueToken.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import { SingleUse } from "./ports/SingleUse.ts"

export class RealtimeTickets extends Context.Service<RealtimeTickets, {
  /** Makes a ticket for this session. `expiresIn` is in seconds. */
  issue(session: Session): Effect.Effect<{
    readonly ticket: Redacted.Redacted<TicketToken>
    readonly expiresIn: number
  }>
  /** The session and user of this ticket. Any attempt uses the ticket up; the session must still be live. */
  redeem(ticket: Redacted.Redacted<string>): Effect.Effect<SignedIn, TicketInvalid>
}>()("@dchat/domain/identity/RealtimeTickets") {
  static readonly layer = Layer.effect(
    RealtimeTickets,
    Effect.gen(function*() {
      const store = yield* SingleUse
      const sessions = yield* SessionRepository
      const provideCrypto = yield* makeProvideCrypto

      const issue = Effect.fn("RealtimeTickets.issue")(function*({ generation, id: sessionId }: Session) {
        const ticket = TicketToken.make(yield* randomToken("dct_"))
        yield* store.put(realtimeTickets, {
          hash: yield* hashToken(ticket),
          sessionId,
          generation,
          expiresAt: DateTime.addDuration(yield* DateTime.now, ticketLifetime)
        })
        return { ticket: Redacted.make(ticket), expiresIn: Duration.toSeconds(ticketLifetime) }
      }, provideCrypto)

      const redeem = Effect.fn("RealtimeTickets.redeem")(function*(ticket: Redacted.Redacted<string>) {
        const secret = Redacted.value(ticket)
        if (!Schema.is(TicketToken)(secret)) return yield* new TicketInvalid()
        const consumed = yield* store.consume(realtimeTickets, yield* hashToken(secret))
        const now = yield* DateTime.now
        if (Option.isNone(consumed) || DateTime.isGreaterThanOrEqualTo(now, consumed.value.expiresAt)) {
          return yield* new TicketInvalid()
        }
        const found = Array.head(yield* sessions.findByIds([consumed.value.sessionId]))
        if (Option.isNone(found) || !isSessionLive(found.value, now)) return yield* new TicketInvalid()
        if (found.value.session.generation !== consumed.value.generation) return yield* new TicketInvalid()
        return found.value
      }, provideCrypto)

      return RealtimeTickets.of({ issue, redeem })
    })
  )
}

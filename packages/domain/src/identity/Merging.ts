/**
 * Makes one person of two, for somebody who has just proved to be both.
 */
import { Array, Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { type Digest, type SecureRandom } from "effect/crypto"
import type { AuditCause } from "./AuditEvent.ts"
import { IdentityBus } from "./IdentityBus.ts"
import {
  type IdentityRefusal,
  MergeTicketInvalid,
  NoMergePending,
  OwnedByOther,
  type SessionInvalid,
  UserNotFound
} from "./IdentityErrors.ts"
import { IdentityRepository } from "./IdentityRepository.ts"
import { replay } from "./IdentitySteps.ts"
import { merge as decideMerge } from "./MergeMachine.ts"
import { type MergeObjection, MergeParticipants } from "./MergeParticipant.ts"
import { mergeTicketLifetime, MergeTicketToken } from "./MergeTicket.ts"
import { MergeTicketRepository } from "./MergeTicketRepository.ts"
import { hashToken, randomToken } from "./OpaqueToken.ts"
import type { Origin } from "./Origin.ts"
import type { Session, SessionToken, SignedIn } from "./Session.ts"
import { SessionRepository } from "./SessionRepository.ts"
import { Sessions } from "./Sessions.ts"
import type { UserId } from "./UserId.ts"

export interface MergeOffer {
  readonly ticket: Redacted.Redacted<MergeTicketToken>
  /** Seconds. */
  readonly expiresIn: number
}

export class Merging extends Context.Service<Merging, {
  /** The proof of a link ended at somebody else: gives this session the right to merge with them. */
  offer(session: Session, absorbed: UserId): Effect.Effect<MergeOffer>
  /** As `offer`, as the refusal that tells the person. */
  refuse(session: Session, absorbed: UserId): Effect.Effect<never, OwnedByOther>
  /** The offer that waits for this session's decision, under a new ticket. */
  pending(session: Session): Effect.Effect<MergeOffer, NoMergePending>
  /**
   * The person of this session takes the other one's wallets, accounts and belongings over. Every session of both
   * ends; a new one begins. Any attempt uses the ticket up.
   */
  merge(
    signedIn: SignedIn,
    ticket: Redacted.Redacted<string>,
    origin: Origin
  ): Effect.Effect<
    { readonly userId: UserId; readonly session: Session; readonly token: Redacted.Redacted<SessionToken> },
    MergeTicketInvalid | MergeObjection | IdentityRefusal | SessionInvalid
  >
}>()("@dchat/domain/identity/Merging") {
  static readonly layer = Layer.effect(
    Merging,
    Effect.gen(function*() {
      const tickets = yield* MergeTicketRepository
      const identities = yield* IdentityRepository
      const sessions = yield* Sessions
      const sessionRows = yield* SessionRepository
      const bus = yield* IdentityBus
      const participants = yield* MergeParticipants
      const crypto = yield* Effect.context<SecureRandom.SecureRandom | Digest.Digest>()

      const issue = Effect.fnUntraced(function*({ id, userId }: Session, absorbed: UserId, expiresAt: DateTime.Utc) {
        const ticket = MergeTicketToken.make(yield* randomToken("dcm_"))
        yield* tickets.put({ hash: yield* hashToken(ticket), sessionId: id, survivor: userId, absorbed, expiresAt })
        const left = DateTime.distance(yield* DateTime.now, expiresAt)
        return { ticket: Redacted.make(ticket), expiresIn: Math.max(0, Math.floor(Duration.toSeconds(left))) }
      }, Effect.provide(crypto))

      const offer = Effect.fn("Merging.offer")(function*(session: Session, absorbed: UserId) {
        return yield* issue(session, absorbed, DateTime.addDuration(yield* DateTime.now, mergeTicketLifetime))
      })

      const refuse = Effect.fn("Merging.refuse")(function*(session: Session, absorbed: UserId) {
        const { expiresIn, ticket } = yield* offer(session, absorbed)
        return yield* new OwnedByOther({ ticket: Redacted.value(ticket), expiresIn })
      })

      const pending = Effect.fn("Merging.pending")(function*(session: Session) {
        const found = yield* tickets.ofSession(session.id)
        if (Option.isNone(found) || DateTime.isLessThanOrEqualTo(found.value.expiresAt, yield* DateTime.now)) {
          return yield* new NoMergePending()
        }
        return yield* issue(session, found.value.absorbed, found.value.expiresAt)
      })

      const redeem = Effect.fnUntraced(function*({ id, userId }: Session, ticket: Redacted.Redacted<string>) {
        const secret = Redacted.value(ticket)
        if (!Schema.is(MergeTicketToken)(secret)) return yield* new MergeTicketInvalid()
        const found = yield* tickets.consume(yield* hashToken(secret))
        const now = yield* DateTime.now
        const isUsable = Option.exists(
          found,
          ({ expiresAt, sessionId, survivor }) =>
            sessionId === id && survivor === userId && DateTime.isLessThan(now, expiresAt)
        )
        if (Option.isNone(found) || !isUsable) return yield* new MergeTicketInvalid()
        return found.value.absorbed
      }, Effect.provide(crypto))

      const merge = Effect.fn("Merging.merge")(
        function*({ session }: SignedIn, ticket: Redacted.Redacted<string>, origin: Origin) {
          const absorbedId = yield* redeem(session, ticket)
          const cause: AuditCause = { _tag: "User", sessionId: session.id, origin }
          const { ended, opened } = yield* identities.change(
            [session.userId, absorbedId],
            Effect.fnUntraced(function*(people) {
              yield* sessions.find(session.id)
              const survivor = people.find(({ id }) => id === session.userId)
              const absorbed = people.find(({ id }) => id === absorbedId)
              if (survivor === undefined || absorbed === undefined) {
                return yield* new UserNotFound({ userId: absorbedId })
              }
              const at = yield* DateTime.now
              const events = yield* Effect.fromResult(decideMerge(survivor, absorbed, at))
              yield* Effect.forEach(participants, (one) => one.check(survivor.id, absorbed.id), { discard: true })
              return {
                // The absorbed person lets go first: no wallet or account is ever two people's.
                changes: [
                  { identity: replay(absorbed, events.absorbed, at), events: events.absorbed },
                  { identity: replay(survivor, events.survivor, at), events: events.survivor }
                ],
                cause,
                at,
                alongside: Effect.gen(function*() {
                  yield* Effect.forEach(participants, (one) => one.move(survivor.id, absorbed.id), { discard: true })
                  const ended = yield* sessionRows.revokeAllOf([survivor.id, absorbed.id], at)
                  return { ended, opened: yield* sessions.issue(survivor.id, origin) }
                })
              }
            })
          ).pipe(Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure)))
          if (Array.isReadonlyArrayNonEmpty(ended)) yield* bus.publish({ _tag: "SessionsEnded", sessions: ended })
          return { userId: session.userId, ...opened }
        }
      )

      return Merging.of({ offer, refuse, pending, merge })
    })
  )
}

/**
 * Merges two users, for an actor who has just proved to be both.
 */
import { Array, Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { replay } from "./IdentitySteps.ts"
import type { AuditCause } from "./model/AuditEvent.ts"
import type { Credential } from "./model/Credential.ts"
import type { Identity } from "./model/Identity.ts"
import {
  MergeTicketInvalid,
  NoMergePending,
  type SessionInvalid,
  type TokenReplaced,
  type UserDisabled,
  UserNotFound
} from "./model/IdentityErrors.ts"
import { type MergeTicket, mergeTicketLifetime, mergeTickets, MergeTicketToken } from "./model/MergeTicket.ts"
import type { Origin } from "./model/Origin.ts"
import type { Session, SessionToken, SignedIn } from "./model/Session.ts"
import type { UserId } from "./model/UserId.ts"
import { hashToken, makeProvideCrypto, randomToken } from "./OpaqueToken.ts"
import { IdentityBus } from "./ports/IdentityBus.ts"
import { IdentityRepository, type IdentityStep } from "./ports/IdentityRepository.ts"
import { type MergeObjection, MergeParticipants } from "./ports/MergeParticipant.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import { SingleUse } from "./ports/SingleUse.ts"
import { mayMerge, merge as decideMerge, type MergeRefusal } from "./rules/MergeMachine.ts"
import { Sessions } from "./Sessions.ts"

export interface MergeOffer {
  readonly ticket: Redacted.Redacted<MergeTicketToken>
  /** Lifetime of the ticket in seconds. */
  readonly expiresIn: number
}

/** The errors for a right to merge that is invalid, or no longer valid. */
type TicketRefusal = MergeTicketInvalid | SessionInvalid | TokenReplaced | UserDisabled | UserNotFound

export class Merging extends Context.Service<Merging, {
  /**
   * Gives this session the right to merge with the user who holds the credential that was proved for a link. The right
   * lasts while that user holds the credential. Refused if that user no longer holds the credential, or if one of the
   * two users is not active.
   */
  offer(
    session: Session,
    absorbed: UserId,
    proved: Credential
  ): Effect.Effect<MergeOffer, TicketRefusal>
  /** The offer that awaits this session's decision, under a new ticket. */
  pending(session: Session): Effect.Effect<MergeOffer, NoMergePending>
  /**
   * Moves the other user's wallets, accounts and belongings to the user of this session. Ends every session of both
   * users and opens a new one. An attempt of this session uses its ticket up; an attempt of another session does not.
   */
  merge(
    signedIn: SignedIn,
    ticket: Redacted.Redacted<string>,
    origin: Origin
  ): Effect.Effect<
    { readonly userId: UserId; readonly session: Session; readonly token: Redacted.Redacted<SessionToken> },
    MergeObjection | MergeRefusal | TicketRefusal
  >
}>()("@dchat/domain/identity/Merging") {
  static readonly layer = Layer.effect(
    Merging,
    Effect.gen(function*() {
      const store = yield* SingleUse
      const identities = yield* IdentityRepository
      const sessions = yield* Sessions
      const sessionRows = yield* SessionRepository
      const bus = yield* IdentityBus
      const participants = Object.values(yield* MergeParticipants)
      const provideCrypto = yield* makeProvideCrypto

      /** Runs an effect while the session is live, both users are locked, and the right to merge them is valid. */
      const whileStanding = <A, E, R, E2, R2>(
        session: Session,
        { absorbed: absorbedId, proved }: Pick<MergeTicket, "absorbed" | "proved">,
        step: (people: {
          readonly survivor: Identity
          readonly absorbed: Identity
          readonly current: Session
        }) => Effect.Effect<Pick<IdentityStep<A, E2, R2>, "changes" | "alongside">, E, R>,
        origin: Origin = {}
      ): Effect.Effect<A, TicketRefusal | E | E2, R | R2> =>
        identities.change(
          [session.userId, absorbedId],
          Effect.fnUntraced(function*(people: ReadonlyArray<Identity>) {
            const current = yield* sessions.current(session)
            const survivor = people.find(({ id }) => id === session.userId)
            const absorbed = people.find(({ id }) => id === absorbedId)
            if (survivor === undefined || absorbed === undefined) {
              return yield* new UserNotFound({ userId: absorbedId })
            }
            yield* Effect.fromResult(mayMerge(survivor, absorbed, proved))
            const cause: AuditCause = { _tag: "User", sessionId: session.id, origin }
            return { ...yield* step({ survivor, absorbed, current }), cause, at: yield* DateTime.now }
          })
        ).pipe(Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure)))

      const issue = Effect.fnUntraced(function*(ticket: Omit<MergeTicket, "hash">) {
        const secret = MergeTicketToken.make(yield* randomToken("dcm_"))
        yield* store.put(mergeTickets, { ...ticket, hash: yield* hashToken(secret) })
        const left = DateTime.distance(yield* DateTime.now, ticket.expiresAt)
        return { ticket: Redacted.make(secret), expiresIn: Math.max(0, Math.floor(Duration.toSeconds(left))) }
      }, provideCrypto)

      const offer = Effect.fn("Merging.offer")(function*(session: Session, absorbed: UserId, proved: Credential) {
        const expiresAt = DateTime.addDuration(yield* DateTime.now, mergeTicketLifetime)
        const { generation, id: sessionId } = session
        const ticket = { sessionId, generation, survivor: session.userId, absorbed, proved, expiresAt }
        return yield* whileStanding(session, ticket, () => Effect.succeed({ changes: [], alongside: issue(ticket) }))
      })

      const pending = Effect.fn("Merging.pending")(function*(session: Session) {
        const waiting = Effect.flatMap(store.findInSlot(mergeTickets, session.id), Effect.fromOption)
        const found = yield* waiting
        const isOld = DateTime.isLessThanOrEqualTo(found.expiresAt, yield* DateTime.now)
        if (isOld || found.generation !== session.generation) return yield* new NoMergePending()
        // The ticket is looked up again under the locks, since it may have been voided.
        return yield* whileStanding(
          session,
          found,
          () => Effect.map(waiting, (still) => ({ changes: [], alongside: issue(still) }))
        )
      }, Effect.mapError(() => new NoMergePending()))

      /** The ticket of this session, if the secret matches. The ticket stays: it is used up under the locks. */
      const presented = Effect.fnUntraced(function*(
        { generation, id, userId }: Session,
        ticket: Redacted.Redacted<string>
      ) {
        const secret = Redacted.value(ticket)
        if (!Schema.is(MergeTicketToken)(secret)) return yield* new MergeTicketInvalid()
        const hash = yield* hashToken(secret)
        const now = yield* DateTime.now
        const found = Option.filter(
          yield* store.findInSlot(mergeTickets, id),
          (found) =>
            found.hash === hash && found.generation === generation && found.survivor === userId &&
            DateTime.isLessThan(now, found.expiresAt)
        )
        return Option.isSome(found) ? found.value : yield* new MergeTicketInvalid()
      }, provideCrypto)

      const merge = Effect.fn("Merging.merge")(
        function*({ session }: SignedIn, secret: Redacted.Redacted<string>, origin: Origin) {
          const ticket = yield* presented(session, secret)
          const { ended, opened } = yield* whileStanding(
            session,
            ticket,
            Effect.fnUntraced(function*({ absorbed, current, survivor }) {
              // A change that voided the ticket before this point held the same locks.
              if (Option.isNone(yield* store.consume(mergeTickets, ticket.hash))) return yield* new MergeTicketInvalid()
              const at = yield* DateTime.now
              const events = yield* Effect.fromResult(decideMerge(survivor, absorbed, ticket.proved, at))
              yield* Effect.forEach(participants, (one) => one.check(survivor.id, absorbed.id), { discard: true })
              return {
                // The absorbed user loses each credential first: no wallet or account ever belongs to two users.
                changes: [
                  { identity: replay(absorbed, events.absorbed, at), events: events.absorbed },
                  { identity: replay(survivor, events.survivor, at), events: events.survivor }
                ],
                alongside: Effect.gen(function*() {
                  yield* Effect.forEach(participants, (one) => one.move(survivor.id, absorbed.id), { discard: true })
                  yield* store.voidOf([survivor.id, absorbed.id])
                  const ended = yield* sessionRows.revokeAllOf([survivor.id, absorbed.id], at)
                  // A merge is no proof: the new session keeps the time of the former session's proof.
                  return {
                    ended,
                    opened: yield* sessions.issue(survivor.id, origin, { authenticatedAt: current.authenticatedAt })
                  }
                })
              }
            }),
            origin
            // A refused step is undone, but the attempt still uses the ticket up.
          ).pipe(Effect.tapError(() => store.consume(mergeTickets, ticket.hash)))
          if (Array.isReadonlyArrayNonEmpty(ended)) yield* bus.publish({ _tag: "SessionsEnded", sessions: ended })
          return { userId: session.userId, ...opened }
        }
      )

      return Merging.of({ offer, pending, merge })
    })
  )
}

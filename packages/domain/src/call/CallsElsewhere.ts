/**
 * A person is active in one call at a time: a call that rings at somebody who comes into another one ends for them as
 * busy. Both sides look after they have committed, so that of two steps at once the later one sees the other.
 */
import { type Cause, Context, Effect, Layer } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { gatherActiveIn } from "./CallFacts.ts"
import { CallSteps } from "./CallSteps.ts"
import { participation } from "./model/Call.ts"
import type { CallId } from "./model/CallIds.ts"
import { isPending } from "./model/Participation.ts"
import { CallPolicy } from "./ports/CallPolicy.ts"
import { type Asked, CallRepository } from "./ports/CallRepository.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

/** How many calls are settled at once that were left to be. */
const batch = 100

export class CallsElsewhere extends Context.Service<CallsElsewhere, {
  /**
   * After a step of a call that is kept: whoever came in with it is busy for the calls that ring at them, and whoever
   * it asks is busy for this call if they have come into another meanwhile. What fails here is left to `catchUp`.
   */
  leave(id: CallId, records: ReadonlyArray<CallRecord>): Effect.Effect<void>
  /**
   * Settles what should have been, as when a host died before it could: some of the calls that ring at somebody who is
   * active in another one, and the next of them when asked again.
   */
  readonly catchUp: Effect.Effect<void>
}>()("@dchat/domain/call/CallsElsewhere") {
  static readonly layer = Layer.effect(
    CallsElsewhere,
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const repository = yield* CallRepository
      const policy = yield* CallPolicy

      const findBusy = (id: CallId, userId: UserId) =>
        steps.take(id, () =>
          Effect.map(
            Effect.provideService(gatherActiveIn(userId, id), CallRepository, repository),
            (elsewhere) => ({ command: { _tag: "FindBusy", userId, ...elsewhere } })
          ))

      const leaveOthers = Effect.fnUntraced(function*(id: CallId, user: UserId) {
        const ringing = (yield* repository.openCallsOf(user)).filter((call) => {
          const person = participation(call, user)
          return call.id !== id && person !== undefined && isPending(person)
        })
        yield* Effect.forEach(ringing, (call) => findBusy(call.id, user), { discard: true })
      })

      const leaveThis = Effect.fnUntraced(function*(id: CallId, users: ReadonlyArray<UserId>) {
        const elsewhere = yield* repository.activeIn(users)
        const busy = users.filter((user) => (elsewhere.get(user) ?? id) !== id)
        yield* Effect.forEach(busy, (user) => findBusy(id, user), { discard: true })
      })

      const leave = Effect.fn("CallsElsewhere.leave")(
        function*(id: CallId, records: ReadonlyArray<CallRecord>) {
          const [entered, asked] = [records.flatMap(enteredBy), records.flatMap(askedBy)]
          if (entered.length + asked.length === 0) return
          const waiting = yield* policy.withCallWaiting([...entered, ...asked])
          const isTaken = (user: UserId) => !waiting.has(user)
          yield* Effect.forEach(entered.filter(isTaken), (user) => leaveOthers(id, user), { discard: true })
          if (asked.some(isTaken)) yield* leaveThis(id, asked.filter(isTaken))
        },
        Effect.catchCause(report),
        Effect.uninterruptible
      )

      let after: Asked | undefined
      const catchUp = Effect.gen(function*() {
        const asked = yield* repository.askedWhileActive({ after, limit: batch })
        after = asked.length < batch ? undefined : asked.at(-1)
        if (asked.length === 0) return
        const waiting = yield* policy.withCallWaiting([...new Set(asked.map(({ userId }) => userId))])
        // A refusal says that the call has gone on, or cannot be read here.
        yield* Effect.forEach(
          asked.filter(({ userId }) => !waiting.has(userId)),
          ({ callId, userId }) => Effect.catchCause(Effect.ignore(findBusy(callId, userId)), report),
          { concurrency: 8, discard: true }
        )
      }).pipe(Effect.withSpan("CallsElsewhere.catchUp"), Effect.catchCause(report))

      return CallsElsewhere.of({ leave, catchUp })
    })
  )
}

const report = (cause: Cause.Cause<unknown>) => Effect.logWarning("could not end a call as busy", cause)

const enteredBy = ({ event }: CallRecord): ReadonlyArray<UserId> => {
  if (event._tag === "CallInitiated") return [event.initiatorId]
  return event._tag === "Accepted" ? [event.userId] : []
}

/** A suppressed invitation looks as if the person were away, whatever they do. */
const askedBy = ({ event }: CallRecord): ReadonlyArray<UserId> =>
  event._tag === "Invited" && event.suppressed === undefined ? [event.userId] : []

/**
 * Ends pending invitations of a user who enters another call. A user is active in one call at a time, so such a user is
 * busy for every other call that rings for the user. Both steps check after their commit, so the later of two
 * concurrent steps sees the other.
 */
import { type Cause, Context, Effect, Layer } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { activeElsewhere } from "./CallFacts.ts"
import { CallSteps } from "./CallSteps.ts"
import type { CallId } from "./model/CallIds.ts"
import { CallPolicy } from "./ports/CallPolicy.ts"
import { type Asked, CallRepository } from "./ports/CallRepository.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

/** Maximum number of remaining calls that one run ends. */
const batch = 100

export class CallsElsewhere extends Context.Service<CallsElsewhere, {
  /**
   * Runs after a stored step of a call. A user who entered the call with the step is busy for the other calls that
   * ring. A user whom the step invited is busy for this call if the user has entered another call meanwhile. `catchUp`
   * retries after a failure.
   */
  leave(id: CallId, records: ReadonlyArray<CallRecord>): Effect.Effect<void>
  /**
   * Ends invitations that a step left behind, for example because a host died. Each run handles some of the calls that
   * ring a user who is active in another call; the next run handles the next of them.
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
            repository.openEntries([userId]),
            (entries) => ({ command: { _tag: "FindBusy", userId, ...activeElsewhere(entries, userId, id) } })
          ))

      const leave = Effect.fnUntraced(
        function*(id: CallId, records: ReadonlyArray<CallRecord>) {
          const [entered, asked] = [records.flatMap(enteredBy), records.flatMap(askedBy)]
          if (entered.length + asked.length === 0) return
          const waiting = yield* policy.withCallWaiting([...entered, ...asked])
          const users = [...entered, ...asked].filter((user) => !waiting.has(user))
          const others = users.length === 0
            ? []
            : (yield* repository.openEntries(users)).filter(({ callId }) => callId !== id)
          const ringing = others.filter(({ state, userId }) => state === "pending" && entered.includes(userId))
          const busy = others.filter(({ state, userId }) => state === "active" && asked.includes(userId))
          yield* Effect.forEach(ringing, ({ callId, userId }) => findBusy(callId, userId), { discard: true })
          yield* Effect.forEach(busy, ({ userId }) => findBusy(id, userId), { discard: true })
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
        // A refusal means that the call has changed, or that this host cannot read the call.
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

/** A suppressed invitation looks as if the invited user were away, whatever the user does. */
const askedBy = ({ event }: CallRecord): ReadonlyArray<UserId> =>
  event._tag === "Invited" && event.suppressed === undefined ? [event.userId] : []

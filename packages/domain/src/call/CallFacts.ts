/**
 * The facts from outside a call that the rules need, as arguments of commands.
 */
import { Array, Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import type { Call } from "./model/Call.ts"
import type { CallCommand, CallCommandOf, Callee } from "./model/CallCommand.ts"
import { UnknownParticipant } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import type { IceCandidate } from "./model/Signal.ts"
import { CallDirectory } from "./ports/CallDirectory.ts"
import { CallEntitlement } from "./ports/CallEntitlement.ts"
import { CallPolicy } from "./ports/CallPolicy.ts"
import { activeCallOf, CallRepository, type OpenEntry } from "./ports/CallRepository.ts"

/** A command, and its signalling. The rules see the digests of the signalling only. */
export interface Prepared<Tag extends CallCommand["_tag"] = CallCommand["_tag"]> {
  readonly command: CallCommandOf<Tag>
  readonly sdp?: string
  /** By digest, in the order of sending. */
  readonly candidates?: ReadonlyMap<string, IceCandidate>
}

export const makeFacts = Effect.gen(function*() {
  const directory = yield* CallDirectory
  const policy = yield* CallPolicy
  const { limitsFor } = yield* CallEntitlement
  const { openEntries } = yield* CallRepository

  /** The facts about users whom `caller` is about to call. */
  const callees = Effect.fnUntraced(function*(
    users: Array.NonEmptyReadonlyArray<UserId>,
    caller: UserId,
    callId: CallId,
    entries: ReadonlyArray<OpenEntry>
  ) {
    const [known, blocked, waiting] = yield* Effect.all([
      directory.known(users),
      policy.blockedBy(users, caller),
      policy.withCallWaiting(users)
    ], { concurrency: "unbounded" })
    const strangers = users.filter((user) => !known.has(user))
    if (strangers.length > 0) return yield* new UnknownParticipant({ userIds: strangers })
    return Array.map(users, (userId): Callee => {
      const elsewhere = activeCallOf(entries, userId)
      const busy = elsewhere !== undefined && elsewhere !== callId && !waiting.has(userId)
      return { userId, busy, blocked: blocked.has(userId) }
    })
  })

  /** The limits that the plan of the call's initiator gives now, as an argument of a command. */
  const plan = ({ initiatorId }: Call) => Effect.map(limitsFor(initiatorId), (limits) => ({ plan: limits }))

  /** The other call in which this user is active and, for the first answer, the plan that counts from the answer on. */
  const forEntering = Effect.fnUntraced(function*(user: UserId, call: Call) {
    const entries = yield* openEntries([user])
    return { ...activeElsewhere(entries, user, call.id), ...(call.answeredAt === undefined && (yield* plan(call))) }
  })

  return { callees, entries: openEntries, plan, forEntering }
})

/** The other call in which this user is active, as an argument of a command. */
export const activeElsewhere = (entries: ReadonlyArray<OpenEntry>, user: UserId, callId: CallId) => {
  const elsewhere = activeCallOf(entries, user)
  return elsewhere === undefined || elsewhere === callId ? {} : { activeIn: elsewhere }
}

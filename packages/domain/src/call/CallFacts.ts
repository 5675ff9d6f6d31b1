/**
 * Turns a user's request into a command, with the facts from outside the call that the rules need.
 */
import { Array, Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import type { CheckedRequest } from "./CheckedRequest.ts"
import { type Call, participation } from "./model/Call.ts"
import type { CallCommand, Callee } from "./model/CallCommand.ts"
import { UnknownParticipant } from "./model/CallErrors.ts"
import type { CallId } from "./model/CallIds.ts"
import type { Actor } from "./model/CallRequest.ts"
import { isPending } from "./model/Participation.ts"
import type { IceCandidate } from "./model/Signal.ts"
import { CallDirectory } from "./ports/CallDirectory.ts"
import { CallEntitlement } from "./ports/CallEntitlement.ts"
import { CallPolicy } from "./ports/CallPolicy.ts"
import { activeCallOf, CallRepository, type OpenEntry } from "./ports/CallRepository.ts"

/** A command, and its signalling. The rules see the digests of the signalling only. */
export interface Prepared {
  readonly command: CallCommand
  readonly sdp?: string
  /** By digest, in the order of sending. */
  readonly candidates?: ReadonlyMap<string, IceCandidate>
}

/** The open calls of these users. */
export const gatherEntries = (users: ReadonlyArray<UserId>) =>
  Effect.flatMap(CallRepository, ({ openEntries }) => openEntries(users))

/** The facts about users whom `caller` is about to call. */
export const gatherCallees = Effect.fnUntraced(
  function*(
    users: Array.NonEmptyReadonlyArray<UserId>,
    caller: UserId,
    callId: CallId,
    entries: ReadonlyArray<OpenEntry>
  ) {
    const directory = yield* CallDirectory
    const policy = yield* CallPolicy
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
  }
)

/** The other call in which this user is active, as an argument of a command. */
export const activeElsewhere = (entries: ReadonlyArray<OpenEntry>, user: UserId, callId: CallId) => {
  const elsewhere = activeCallOf(entries, user)
  return elsewhere === undefined || elsewhere === callId ? {} : { activeIn: elsewhere }
}

/** The limits that the plan of the call's initiator gives now, as an argument of a command. */
export const gatherPlan = Effect.fnUntraced(function*({ initiatorId }: Call) {
  const { limitsFor } = yield* CallEntitlement
  return { plan: yield* limitsFor(initiatorId) }
})

/** The other call in which this user is active and, for the first answer, the plan that counts from the answer on. */
const gatherForEntering = Effect.fnUntraced(function*(user: UserId, call: Call) {
  const entries = yield* gatherEntries([user])
  return { ...activeElsewhere(entries, user, call.id), ...(call.answeredAt === undefined && (yield* gatherPlan(call))) }
})

export const prepare = Effect.fnUntraced(function*(actor: Actor, request: CheckedRequest, call: Call) {
  const by = { by: actor.userId, ...(actor.device && { device: actor.device }) }
  const entering = { ...by, reportsMedia: actor.reportsMedia ?? false }

  switch (request._tag) {
    case "Alert":
      return command({ _tag: "Alert", ...by })
    case "Accept":
      return command({ _tag: "Accept", ...entering, ...yield* gatherForEntering(actor.userId, call) })
    case "Decline":
      return command({ _tag: "Decline", ...by, reason: request.reason ?? "declined" })
    case "Leave":
      return command({ _tag: "Leave", ...by })
    case "End":
      return command({ _tag: request.forEveryone === true ? "End" : "Leave", ...by })
    case "Invite": {
      const entries = yield* gatherEntries([request.userId])
      const [callee] = yield* gatherCallees([request.userId], actor.userId, call.id, entries)
      return command({ _tag: "Invite", ...by, callee })
    }
    case "Join": {
      const policy = yield* CallPolicy
      const granted = yield* policy.mayJoin(call, actor.userId)
      return command({ _tag: "Join", ...entering, granted, ...yield* gatherForEntering(actor.userId, call) })
    }
    case "Kick":
      return command({ _tag: "Kick", ...by, userId: request.userId })
    case "ChangeMedia": {
      const { _tag, ...changes } = request
      return command({ _tag, ...by, changes })
    }
    case "Record":
      if (request.action === "stop") return command({ _tag: "StopRecording", ...by })
      return command({ _tag: "StartRecording", ...by, ...(!call.limits.recording && (yield* gatherPlan(call))) })
    case "ReportLink":
      return command({ ...request, ...by })
    case "Offer": {
      const { sdp, ...offer } = request
      return { sdp, command: { ...offer, ...by } } satisfies Prepared
    }
    case "Answer": {
      const { sdp, ...answer } = request
      const person = participation(call, actor.userId)
      const accepting = person !== undefined && isPending(person)
        ? { ...entering, ...yield* gatherForEntering(actor.userId, call) }
        : by
      return { sdp, command: { ...answer, ...accepting } } satisfies Prepared
    }
    case "Candidates": {
      const { candidates, ...rest } = request
      return {
        candidates,
        command: { ...rest, ...by, digests: [...candidates.keys()] }
      } satisfies Prepared
    }
  }
})

const command = (command: CallCommand): Prepared => ({ command })

/**
 * The rules of a call: pure functions from a command to events, and from an event to the next state.
 */
import { DateTime, Result } from "effect"
import { type Call, endsAt, hostOf, isOver, participation } from "../model/Call.ts"
import type { CallCommand, CallCommandOf } from "../model/CallCommand.ts"
import {
  CallFull,
  CallOver,
  type CallRefusal,
  InAnotherCall,
  NotHost,
  NotInCall,
  UnknownParticipant
} from "../model/CallErrors.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import { isPending } from "../model/Participation.ts"
import * as Recorder from "../model/Recorder.ts"
import { audienceOf } from "./CallAudience.ts"
import { CallDraft } from "./CallDraft.ts"
import { arm, type CallTimer, isPostponable, nextTimer, postpone } from "./CallTimers.ts"
import * as CandidateMachine from "./CandidateMachine.ts"
import * as LinkMachine from "./LinkMachine.ts"
import * as ParticipantMachine from "./ParticipantMachine.ts"
import * as PlanMachine from "./PlanMachine.ts"
import * as PresenceMachine from "./PresenceMachine.ts"

/** The events of a command; empty if the command changes nothing. */
export type Decision = Result.Result<ReadonlyArray<CallEvent>, CallRefusal>

type Decided = Result.Result<void, CallRefusal>

/** Decides a command on a call, or on no call (`undefined`), at a time. */
export const decide = (command: CallCommand, call: Call | undefined, at: DateTime.Utc): Decision => {
  if (command._tag === "Initiate") return initiate(command, call, at)
  if (call === undefined) return Result.fail(new NotInCall())
  if (isOver(call)) return endsQuietly(command) ? Result.succeed([]) : Result.fail(new CallOver())
  const draft = new CallDraft(call, notBefore(call, at), evolve)
  return Result.map(handle(command, draft), () => draft.events)
}

const handle = (command: Exclude<CallCommand, { _tag: "Initiate" }>, draft: CallDraft): Decided => {
  switch (command._tag) {
    case "Alert":
      return ParticipantMachine.alert(command, draft)
    case "Accept":
      return ParticipantMachine.accept(command, draft)
    case "Decline":
      return ParticipantMachine.decline(command, draft)
    case "FindBusy":
      if (command.activeIn === undefined || command.activeIn === draft.call.id) return done
      return ParticipantMachine.decline({ _tag: "Decline", by: command.userId, reason: "busy" }, draft)
    case "Leave":
      return ParticipantMachine.hangUp(command.by, command.device, draft)
    case "Invite":
      return ParticipantMachine.invite(command, draft)
    case "Join":
      return ParticipantMachine.join(command, draft)
    case "Kick":
      return ParticipantMachine.kick(command, draft)
    case "LeaseLost":
      return PresenceMachine.leaseLost(command, draft)
    case "SessionEnded":
      return PresenceMachine.sessionEnded(command, draft)
    case "Resume":
      return PresenceMachine.resume(command, draft)
    case "ChangeMedia":
      return ParticipantMachine.changeMedia(command, draft)
    case "End":
      return end(command, draft)
    case "StartRecording":
      return PlanMachine.startRecording(command, draft)
    case "StopRecording":
      return PlanMachine.stopRecording(command, draft)
    case "Offer":
      return described(draft, spoken(command, draft, () => LinkMachine.offer(command, draft)))
    case "Answer":
      return described(draft, answer(command, draft))
    case "Candidates":
      return CandidateMachine.candidates(command, draft)
    case "ReportLink":
      return spoken(command, draft, () => LinkMachine.report(command, draft))
    case "RaiseLimits":
    case "Tick":
      PlanMachine.lift(command.plan, draft)
      return command._tag === "Tick" ? tick(draft) : done
    case "Postpone":
      if (isPostponable(draft.call, command.until)) {
        draft.emit({ _tag: "DeadlinesPostponed", until: command.until })
      }
      return done
  }
}

/** The next state. Events are facts, so the function checks nothing. */
export const evolve = (call: Call, event: CallEvent, at: DateTime.Utc): Call =>
  stamp(call, apply(LinkMachine.evolve(ParticipantMachine.evolve(call, event, at), event, at), event, at), event, at)

/** The state after the first event of a call. */
export const start = (event: Extract<CallEvent, { _tag: "CallInitiated" }>, at: DateTime.Utc): Call => {
  const call: Call = {
    id: event.callId,
    phase: "initiated",
    kind: event.kind,
    type: event.callType,
    ...(event.groupId && { groupId: event.groupId }),
    initiatorId: event.initiatorId,
    limits: event.limits,
    participants: [],
    links: [],
    seq: 0,
    initiatedAt: at,
    updatedAt: at,
    warned: false
  }
  const initiator = {
    ...ParticipantMachine.newcomer(call, event.initiatorId),
    ...(event.device && { device: event.device }),
    reportsMedia: event.reportsMedia,
    acceptedSeq: 0,
    joinedAt: at
  }
  return stamp(undefined, { ...call, participants: [initiator] }, event, at)
}

const initiate = (command: CallCommandOf<"Initiate">, call: Call | undefined, at: DateTime.Utc): Decision => {
  if (call !== undefined) return merge(command, call, at)
  const { activeIn, by, callees, callId, callType, device, groupId, limits, reportsMedia = false } = command
  const unusable = callees.filter(({ userId }, index) =>
    userId === by || callees.findIndex((other) => other.userId === userId) !== index
  )
  if (unusable.length > 0) {
    return Result.fail(new UnknownParticipant({ userIds: unusable.map(({ userId }) => userId) }))
  }
  if (callees.length > limits.people - 1) return Result.fail(new CallFull({ limit: limits.people }))
  if (activeIn !== undefined) return Result.fail(new InAnotherCall({ callId: activeIn }))

  const kind = callees.length === 1 && groupId === undefined ? "direct" : "group"
  const initiated = {
    _tag: "CallInitiated",
    callId,
    initiatorId: by,
    callType,
    kind,
    ...(groupId && { groupId }),
    ...(device && { device }),
    reportsMedia,
    limits
  } as const
  const draft = new CallDraft(start(initiated, at), at, evolve, [initiated])
  const [busy, free] = [callees.filter(isBusy), callees.filter((callee) => !isBusy(callee))]
  for (const callee of free) draft.emit(ParticipantMachine.invited(draft, callee, by, kind))
  for (const { userId } of busy) draft.emit({ _tag: "Left", userId, reason: "busy" })
  if (free.length === 0) draft.emit({ _tag: "CallEnded", reason: "busy" })
  return Result.succeed(draft.events)
}

const isBusy = ({ blocked, busy }: CallCommandOf<"Initiate">["callees"][number]): boolean => busy && !blocked

/** Merges two users' calls to each other: the later call becomes an answer to the earlier call. */
const merge = (command: CallCommandOf<"Initiate">, call: Call, at: DateTime.Utc): Decision => {
  if (isOver(call)) return Result.fail(new CallOver())
  const person = participation(call, command.by)
  const isGlare = call.kind === "direct" && person !== undefined && isPending(person) &&
    command.groupId === undefined && command.callees.length === 1 && command.callees[0].userId === call.initiatorId
  if (!isGlare) return Result.fail(new InAnotherCall({ callId: call.id }))
  const draft = new CallDraft(call, notBefore(call, at), evolve)
  draft.emit({ _tag: "GlareMerged", by: command.by })
  return Result.map(ParticipantMachine.accept({ ...command, plan: command.limits }, draft), () => draft.events)
}

const answer = (command: CallCommandOf<"Answer">, draft: CallDraft): Decided => {
  const person = participation(draft.call, command.by)
  if (person === undefined || !isPending(person)) {
    return spoken(command, draft, () => LinkMachine.answer(command, draft))
  }
  return LinkMachine.canAnswer(command, draft.call).pipe(
    Result.flatMap(() => ParticipantMachine.accept(command, draft)),
    Result.flatMap(() => LinkMachine.answer(command, draft))
  )
}

/** Releases candidates that may have arrived before their description. */
const described = (draft: CallDraft, decided: Decided): Decided =>
  Result.map(decided, () => CandidateMachine.release(draft))

const spoken = (
  command: CallCommandOf<"Offer" | "Answer" | "Candidates" | "ReportLink">,
  draft: CallDraft,
  then: () => Decided
) => Result.flatMap(ParticipantMachine.speak(draft, command.by, command.device), then)

const end = ({ by, device }: CallCommandOf<"End">, draft: CallDraft): Decided => {
  if (by === undefined) {
    draft.emit({ _tag: "CallEnded", reason: "ended_by_admin" })
    return done
  }
  if (draft.call.kind === "direct") return ParticipantMachine.hangUp(by, device, draft)
  if (hostOf(draft.call) !== by) return Result.fail(new NotHost())
  return Result.map(ParticipantMachine.speak(draft, by, device), () => {
    draft.emit({ _tag: "CallEnded", reason: "ended_by_host", by })
  })
}

const tick = (draft: CallDraft): Decided => {
  for (
    let timer = nextTimer(draft.call);
    timer !== undefined && !DateTime.isGreaterThan(timer.at, draft.at);
    timer = nextTimer(draft.call)
  ) fire(timer, draft)
  return done
}

const fire = (timer: CallTimer, draft: CallDraft): void => {
  switch (timer.name) {
    case "ring":
      return ParticipantMachine.leave(draft, {
        userId: timer.person.userId,
        reason: timer.person.alerted ? "no_answer" : "unreachable"
      })
    case "resume":
      return ParticipantMachine.leave(draft, { userId: timer.person.userId, reason: "connection_lost" })
    case "media":
      return ParticipantMachine.leave(draft, { userId: timer.person.userId, reason: "media_failed" })
    case "negotiation":
      return LinkMachine.negotiationExpired(timer.link, draft)
    case "transport":
      return LinkMachine.transportTimedOut(timer.link, draft)
    case "alone":
      return draft.emit({ _tag: "CallEnded", reason: "alone" })
    case "warning":
      return draft.emit({ _tag: "CallEnding", at: endsAt(draft.call) })
    case "end":
      return draft.emit({ _tag: "CallEnded", reason: draft.call.limits.reason })
  }
}

const apply = (call: Call, event: CallEvent, at: DateTime.Utc): Call => {
  switch (event._tag) {
    case "RecordingStarted":
      return Recorder.started(call, event.by, at)
    case "RecordingStopped":
      return Recorder.stopped(call, event.by)
    case "CallEnding":
      return { ...call, warned: true }
    case "LimitsRaised":
      return PlanMachine.withLimits(call, event.limits)
    case "DeadlinesPostponed":
      return postpone(call, event.until)
    case "CallEnded":
      return {
        ...Recorder.allStopped(LinkMachine.closed(call)),
        phase: "disconnected",
        endedAt: at,
        endReason: event.reason,
        participants: call.participants.map((person) => {
          if (person.state === "left") return person
          return ParticipantMachine.gone(person, isPending(person) ? "cancelled" : event.reason, at)
        })
      }
    default:
      return call
  }
}

/** The effect common to all events: increases the number, records who saw the event, and starts and stops timers. */
const stamp = (before: Call | undefined, call: Call, event: CallEvent, at: DateTime.Utc): Call => {
  const seq = call.seq + 1
  const audience = audienceOf(before, event, call)
  return arm(
    before,
    {
      ...call,
      seq,
      updatedAt: at,
      participants: call.participants.map((person) =>
        audience.includes(person.userId) ? { ...person, lastSeq: seq } : person
      )
    },
    at
  )
}

/** The state after an event, which may be the first event. */
export const step = (call: Call | undefined, event: CallEvent, at: DateTime.Utc): Call | undefined => {
  if (event._tag === "CallInitiated") return start(event, at)
  return call && evolve(call, event, at)
}

/** Time never runs backwards within a call, even if the clocks of two hosts differ. */
export const notBefore = (call: Call, at: DateTime.Utc): DateTime.Utc => DateTime.max(call.updatedAt, at)

/** Whether a command on a call that is over changes nothing and is no error. */
const endsQuietly = ({ _tag }: CallCommand): boolean =>
  ["Leave", "Decline", "FindBusy", "End", "Alert", "Resume"].includes(_tag) ||
  ["LeaseLost", "SessionEnded", "RaiseLimits", "Tick", "Postpone"].includes(_tag)

const done: Decided = Result.succeed(undefined)

/**
 * The rules of a call: a pure function from a command to events. CallEvolution.ts gives the next state.
 */
import { DateTime, Result } from "effect"
import { type RefusalsOf, rule } from "../../decision/Rule.ts"
import { type Call, endsAt, hostOf, isOver, participation } from "../model/Call.ts"
import type { CallCommand, CallCommandOf } from "../model/CallCommand.ts"
import { CallFull, CallOver, InAnotherCall, NotHost, UnknownParticipant } from "../model/CallErrors.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import { isPending } from "../model/Participation.ts"
import { CallDraft } from "./CallDraft.ts"
import { evolve, notBefore, start } from "./CallEvolution.ts"
import { type CallTimer, isPostponable, nextTimer } from "./CallTimers.ts"
import * as CandidateMachine from "./CandidateMachine.ts"
import * as LinkMachine from "./LinkMachine.ts"
import * as ParticipantMachine from "./ParticipantMachine.ts"
import * as PlanMachine from "./PlanMachine.ts"
import * as PresenceMachine from "./PresenceMachine.ts"

type Decided<Refusal> = Result.Result<ReadonlyArray<CallEvent>, Refusal>

/** The events of a command on an open call. */
const decided = <Refusal>(
  call: Call,
  at: DateTime.Utc,
  rule: (draft: CallDraft) => Result.Result<void, Refusal>
): Decided<Refusal> => {
  const draft = new CallDraft(call, notBefore(call, at), evolve)
  return Result.map(rule(draft), () => draft.events)
}

const nothing: Decided<never> = Result.succeed([])

/** A command that is refused once the call is over. No call has no events. */
const untilOver =
  <Command, Refusal>(rule: (command: Command, draft: CallDraft) => Result.Result<void, Refusal>) =>
  (command: Command, call: Call | undefined, at: DateTime.Utc): Decided<Refusal | CallOver> => {
    if (call === undefined) return nothing
    return isOver(call) ? Result.fail(new CallOver()) : decided(call, at, (draft) => rule(command, draft))
  }

/** A command that changes nothing once the call is over. */
const always =
  <Command, Refusal>(rule: (command: Command, draft: CallDraft) => Result.Result<void, Refusal>) =>
  (command: Command, call: Call | undefined, at: DateTime.Utc): Decided<Refusal> =>
    call === undefined || isOver(call) ? nothing : decided(call, at, (draft) => rule(command, draft))

const initiate = rule((command: CallCommandOf<"Initiate">, call: Call | undefined, at: DateTime.Utc) => {
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
  return Result.succeed<ReadonlyArray<CallEvent>>(draft.events)
})

const isBusy = ({ blocked, busy }: CallCommandOf<"Initiate">["callees"][number]): boolean => busy && !blocked

/** Merges two users' calls to each other: the later call becomes an answer to the earlier call. */
const merge = rule((command: CallCommandOf<"Initiate">, call: Call, at: DateTime.Utc) => {
  if (isOver(call)) return Result.fail(new CallOver())
  const person = participation(call, command.by)
  const isGlare = call.kind === "direct" && person !== undefined && isPending(person) &&
    command.groupId === undefined && command.callees.length === 1 && command.callees[0].userId === call.initiatorId
  if (!isGlare) return Result.fail(new InAnotherCall({ callId: call.id }))
  return decided(call, at, (draft) => {
    draft.emit({ _tag: "GlareMerged", by: command.by })
    return ParticipantMachine.enter({ ...command, plan: command.limits }, draft)
  })
})

const offer = (command: CallCommandOf<"Offer">, draft: CallDraft) =>
  described(draft, spoken(command, draft, () => LinkMachine.offer(command, draft)))

const answer = rule((command: CallCommandOf<"Answer">, draft: CallDraft) => {
  const person = participation(draft.call, command.by)
  if (person === undefined || !isPending(person)) {
    return described(draft, spoken(command, draft, () => LinkMachine.answer(command, draft)))
  }
  const answered = LinkMachine.canAnswer(command, draft.call).pipe(
    Result.flatMap(() => ParticipantMachine.enter(command, draft)),
    Result.flatMap(() => LinkMachine.answer(command, draft))
  )
  return described(draft, answered)
})

/** Releases candidates that may have arrived before their description. */
const described = <Refusal>(draft: CallDraft, decided: Result.Result<void, Refusal>) =>
  Result.map(decided, () => CandidateMachine.release(draft))

const spoken = <Refusal>(
  command: CallCommandOf<"Offer" | "Answer" | "ReportLink">,
  draft: CallDraft,
  then: () => Result.Result<void, Refusal>
) => Result.flatMap(ParticipantMachine.speak(draft, command.by, command.device), then)

const end = rule(({ by, device }: CallCommandOf<"End">, draft: CallDraft) => {
  if (by === undefined) {
    draft.emit({ _tag: "CallEnded", reason: "ended_by_admin" })
    return Result.void
  }
  if (draft.call.kind === "direct") return ParticipantMachine.hangUp(by, device, draft)
  if (hostOf(draft.call) !== by) return Result.fail(new NotHost())
  return Result.map(ParticipantMachine.speak(draft, by, device), () => {
    draft.emit({ _tag: "CallEnded", reason: "ended_by_host", by })
  })
})

const findBusy = ({ activeIn, userId }: CallCommandOf<"FindBusy">, draft: CallDraft) =>
  activeIn === undefined || activeIn === draft.call.id
    ? Result.void
    : ParticipantMachine.decline({ _tag: "Decline", by: userId, reason: "busy" }, draft)

const raiseLimits = ({ plan }: CallCommandOf<"RaiseLimits">, draft: CallDraft) => {
  PlanMachine.lift(plan, draft)
  return Result.void
}

const postpone = ({ until }: CallCommandOf<"Postpone">, draft: CallDraft) => {
  if (isPostponable(draft.call, until)) draft.emit({ _tag: "DeadlinesPostponed", until })
  return Result.void
}

const tick = ({ plan }: CallCommandOf<"Tick">, draft: CallDraft) => {
  PlanMachine.lift(plan, draft)
  for (
    let timer = nextTimer(draft.call);
    timer !== undefined && !DateTime.isGreaterThan(timer.at, draft.at);
    timer = nextTimer(draft.call)
  ) fire(timer, draft)
  return Result.void
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

const deciders = {
  Initiate: initiate,
  Alert: always(ParticipantMachine.alert),
  Accept: untilOver((command: CallCommandOf<"Accept">, draft) => ParticipantMachine.accept(command, draft)),
  Decline: always(ParticipantMachine.decline),
  FindBusy: always(findBusy),
  Leave: always(({ by, device }: CallCommandOf<"Leave">, draft) => ParticipantMachine.hangUp(by, device, draft)),
  Invite: untilOver(ParticipantMachine.invite),
  Join: untilOver(ParticipantMachine.join),
  Kick: untilOver(ParticipantMachine.kick),
  End: always(end),
  ChangeMedia: untilOver(ParticipantMachine.changeMedia),
  StartRecording: untilOver(PlanMachine.startRecording),
  StopRecording: untilOver(PlanMachine.stopRecording),
  Offer: untilOver(offer),
  Answer: untilOver(answer),
  Candidates: untilOver(CandidateMachine.candidates),
  ReportLink: untilOver((command: CallCommandOf<"ReportLink">, draft) =>
    spoken(command, draft, () => LinkMachine.report(command, draft))
  ),
  LeaseLost: always(PresenceMachine.leaseLost),
  SessionEnded: always(PresenceMachine.sessionEnded),
  Resume: always(PresenceMachine.resume),
  RaiseLimits: always(raiseLimits),
  Tick: always(tick),
  Postpone: always(postpone)
}

type Refusals = RefusalsOf<typeof deciders>

/** The refusals of a command. */
export type CallRefusalOf<Tag extends CallCommand["_tag"]> = Refusals[Tag]

const decider: {
  readonly [Tag in CallCommand["_tag"]]: (
    command: CallCommandOf<Tag>,
    call: Call | undefined,
    at: DateTime.Utc
  ) => Decided<Refusals[Tag]>
} = deciders

/**
 * Decides a command on a call at a time: the events of the command, or none if the command changes nothing. Only
 * `Initiate` has events on no call (`undefined`).
 */
export const decide = <Tag extends CallCommand["_tag"]>(
  command: CallCommandOf<Tag>,
  call: Call | undefined,
  at: DateTime.Utc
): Decided<CallRefusalOf<Tag>> => decider[command._tag](command, call, at)

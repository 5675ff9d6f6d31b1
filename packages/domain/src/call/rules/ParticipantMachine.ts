/**
 * The rules of participation: ringing, answering, leaving, losing the connection and resuming.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import { active, type Call, hostOf, isOver, linkBetween, participation, pending } from "../model/Call.ts"
import type { CallCommandOf, Callee } from "../model/CallCommand.ts"
import {
  AnsweredElsewhere,
  CallFull,
  InAnotherCall,
  InviteeBusy,
  NotConnected,
  NotHost,
  NotInCall,
  NotPending,
  WrongDevice
} from "../model/CallErrors.ts"
import type { CallEvent, OpenedLink } from "../model/CallEvent.ts"
import type { DeviceId } from "../model/CallIds.ts"
import { answeredWith, isSameLimits } from "../model/CallLimits.ts"
import { type EndReason, type LeftReason, strongestUnanswered } from "../model/CallReasons.ts"
import { isActive, isPending, type Media, type MediaChanges } from "../model/Participation.ts"
import { isRecording } from "../model/Recorder.ts"
import type { CallDraft } from "./CallDraft.ts"
import { ringDeadline } from "./CallTimers.ts"

type Entering = Pick<CallCommandOf<"Accept">, "by" | "device" | "reportsMedia" | "activeIn" | "plan">

/** Checks that the user is active and uses the bound device. Binds the device if none was bound. */
export const speak = rule((draft: CallDraft, by: UserId, device: DeviceId | undefined) => {
  const person = participation(draft.call, by)
  if (person === undefined || !isActive(person)) return Result.fail(new NotInCall())
  if (device === undefined || device === person.device) return Result.void
  if (person.device !== undefined) return Result.fail(new WrongDevice())
  draft.emit({ _tag: "DeviceBound", userId: by, device })
  return Result.void
})

export const alert = ({ by }: CallCommandOf<"Alert">, draft: CallDraft) => {
  if (participation(draft.call, by)?.state === "invited") draft.emit({ _tag: "Ringing", userId: by })
  return Result.void
}

export const accept = rule((command: Entering, draft: CallDraft) => {
  const person = participation(draft.call, command.by)
  if (person === undefined) return Result.fail(new NotInCall())
  if (isActive(person)) {
    return Result.mapError(
      speak(draft, command.by, command.device),
      (refusal) => refusal._tag === "WrongDevice" ? new AnsweredElsewhere() : refusal
    )
  }
  return isPending(person) ? enter(command, draft) : Result.fail(new NotPending())
})

export const join = rule((command: CallCommandOf<"Join">, draft: CallDraft) => {
  const { call } = draft
  const person = participation(call, command.by)
  if (call.kind !== "group") return Result.fail(new NotInCall())
  if (person !== undefined && person.state !== "left") return accept(command, draft)
  if (!command.granted && (person === undefined || person.leftReason === "kicked")) return Result.fail(new NotInCall())
  if (call.phase === "initiated") return Result.fail(new NotConnected())
  return isFull(call) ? Result.fail(new CallFull({ limit: call.limits.people })) : enter(command, draft)
})

export const decline = ({ by, device, reason }: CallCommandOf<"Decline">, draft: CallDraft) => {
  const person = participation(draft.call, by)
  if (person !== undefined && isPending(person)) leave(draft, { userId: by, reason, ...(device && { device }) })
  return Result.void
}

/** Cancels the call before an answer, declines while pending, hangs up afterwards. */
export const hangUp = rule((by: UserId, device: DeviceId | undefined, draft: CallDraft) => {
  const person = participation(draft.call, by)
  if (person === undefined || person.state === "left") return Result.void
  if (isPending(person)) {
    return decline({ _tag: "Decline", by, reason: "declined", ...(device && { device }) }, draft)
  }
  return Result.map(speak(draft, by, device), () => {
    if (by === draft.call.initiatorId && draft.call.answeredAt === undefined) {
      draft.emit({ _tag: "CallEnded", reason: "cancelled", by })
    } else leave(draft, { userId: by, reason: "hangup" })
  })
})

export const invite = (command: CallCommandOf<"Invite">, draft: CallDraft) =>
  Result.flatMap(
    speak(draft, command.by, command.device),
    rule(() => {
      const { call } = draft
      const { blocked, busy, userId } = command.callee
      const person = participation(call, userId)
      if (call.phase !== "connected") return Result.fail(new NotConnected())
      if (person !== undefined && person.state !== "left") return Result.void
      if (person?.leftReason === "kicked" && hostOf(call) !== command.by) return Result.fail(new NotHost())
      if (busy && !blocked) return Result.fail(new InviteeBusy({ userId }))
      if (isFull(call)) return Result.fail(new CallFull({ limit: call.limits.people }))
      draft.emit(invited(draft, command.callee, command.by, "group"))
      return Result.void
    })
  )

export const invited = (draft: CallDraft, callee: Callee, by: UserId, kind: Call["kind"]): CallEvent => ({
  _tag: "Invited",
  userId: callee.userId,
  by,
  kind,
  ringUntil: ringDeadline(draft.call, draft.at),
  ...(callee.blocked ? { suppressed: true } : {})
})

export const kick = (command: CallCommandOf<"Kick">, draft: CallDraft) =>
  Result.flatMap(
    speak(draft, command.by, command.device),
    rule(() => {
      const person = participation(draft.call, command.userId)
      if (draft.call.kind !== "group" || hostOf(draft.call) !== command.by) return Result.fail(new NotHost())
      if (command.userId === command.by) return hangUp(command.by, command.device, draft)
      if (person !== undefined && person.state !== "left") {
        leave(draft, { userId: command.userId, reason: "kicked", by: command.by })
      }
      return Result.void
    })
  )

export const changeMedia = (command: CallCommandOf<"ChangeMedia">, draft: CallDraft) =>
  Result.map(speak(draft, command.by, command.device), () => {
    const media: Media | undefined = participation(draft.call, command.by)?.media
    const changes: MediaChanges = Object.fromEntries(
      Object.entries(command.changes).filter(([name, value]) => media?.[name as keyof Media] !== value)
    )
    if (Object.keys(changes).length > 0) draft.emit({ _tag: "MediaChanged", userId: command.by, changes })
  })

/** Removes a user, stops the user's recording, and ends the call if Rule R says so. */
export const leave = (draft: CallDraft, left: Omit<Extract<CallEvent, { _tag: "Left" }>, "_tag">): void => {
  if (isRecording(draft.call, left.userId)) draft.emit({ _tag: "RecordingStopped", by: left.userId })
  draft.emit({ _tag: "Left", ...left })
  const reason = endAfter(draft.call, left.reason)
  if (reason !== undefined && !isOver(draft.call)) draft.emit({ _tag: "CallEnded", reason })
}

/** Rule R: the reason for which the call is over after a user left for `reason`, if the call is over. */
export const endAfter = (call: Call, reason: LeftReason): EndReason | undefined => {
  const people = active(call)
  if (call.answeredAt === undefined) {
    const others = call.participants.filter(({ userId }) => userId !== call.initiatorId)
    if (people.length === 0) return reason === "connection_lost" ? reason : "cancelled"
    return pending(call).length === 0 ? strongestUnanswered(others.map(({ leftReason }) => leftReason)) : undefined
  }
  if (call.kind === "direct") return people.length < 2 && reason !== "kicked" ? reason : undefined
  return people.length === 0 ? "empty" : undefined
}

/** Lets a user in who is not active in this call. */
export const enter = rule(({ activeIn, by, device, plan, reportsMedia = false }: Entering, draft: CallDraft) => {
  if (activeIn !== undefined && activeIn !== draft.call.id) return Result.fail(new InAnotherCall({ callId: activeIn }))
  const links = linksOnEntering(draft.call, by)
  const { answeredAt, limits } = draft.call
  const now = plan === undefined || answeredAt !== undefined ? limits : answeredWith(limits, plan)
  draft.emit({
    _tag: "Accepted",
    userId: by,
    ...(device && { device }),
    reportsMedia,
    links,
    ...(!isSameLimits(now, limits) && { limits: now })
  })
  return Result.void
})

/** The link of a direct call is open since the call was placed. In a group the newcomer offers to every active user. */
const linksOnEntering = (call: Call, by: UserId): ReadonlyArray<OpenedLink> =>
  active(call).map(({ userId }) => ({
    with: userId,
    offerer: call.kind === "direct" ? linkBetween(call, userId, by)?.offerer ?? userId : by
  }))

const isFull = (call: Call): boolean => active(call).length + pending(call).length >= call.limits.people

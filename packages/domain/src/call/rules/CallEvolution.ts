/**
 * The state of a call after an event, and the effects common to all events. An event is a fact and is never refused.
 */
import { DateTime } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "../model/Call.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import { isPending } from "../model/Participation.ts"
import * as Recorder from "../model/Recorder.ts"
import { audienceOf } from "./CallAudience.ts"
import { arm, postpone } from "./CallTimers.ts"
import * as LinkEvolution from "./LinkEvolution.ts"
import * as ParticipantEvolution from "./ParticipantEvolution.ts"

interface Evolved {
  readonly before: Call
  readonly event: CallEvent
  readonly at: DateTime.Utc
  readonly after: Call
}

/** The newest states, in a ring: the record of the events of a decision comes to the states of the decision. */
const newest: Array<Evolved> = []
let position = 0

/** More than the events of nearly every decision. A `WeakMap` of all events costs as much as a rule. */
const remembered = 16

/** The next state. */
export const evolve = (before: Call, event: CallEvent, at: DateTime.Utc): Call => {
  const known = newest.find((each) => each.event === event)
  if (known?.before === before && known.at.epochMilliseconds === at.epochMilliseconds) return known.after
  const changed = LinkEvolution.evolve(ParticipantEvolution.evolve(before, event, at), event, at)
  const after = stamp(before, apply(changed, event, at), event, at)
  newest[position] = { before, event, at, after }
  position = (position + 1) % remembered
  return after
}

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
    ...ParticipantEvolution.newcomer(call, event.initiatorId),
    ...(event.device && { device: event.device }),
    reportsMedia: event.reportsMedia,
    acceptedSeq: 0,
    joinedAt: at
  }
  return stamp(undefined, { ...call, participants: [initiator] }, event, at)
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
      return withLimits(call, event.limits)
    case "DeadlinesPostponed":
      return postpone(call, event.until)
    case "CallEnded":
      return {
        ...Recorder.allStopped(LinkEvolution.closed(call)),
        phase: "disconnected",
        endedAt: at,
        endReason: event.reason,
        participants: call.participants.map((person) => {
          if (person.state === "left") return person
          return ParticipantEvolution.gone(person, isPending(person) ? "cancelled" : event.reason, at)
        })
      }
    default:
      return call
  }
}

/** A later end is announced again. */
const withLimits = (call: Call, limits: Call["limits"]): Call => ({
  ...call,
  limits,
  warned: call.warned && limits.callSeconds === call.limits.callSeconds
})

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
      participants: seenBy(audience, call.participants, seq)
    },
    at
  )
}

/** Nearly every event of signalling is for one user. */
const seenBy = (
  [user, ...others]: ReadonlyArray<UserId>,
  participants: Call["participants"],
  seq: number
): Call["participants"] => {
  if (user === undefined) return participants
  if (others.length === 0) {
    const index = participants.findIndex(({ userId }) => userId === user)
    const person = participants[index]
    return person === undefined ? participants : participants.with(index, { ...person, lastSeq: seq })
  }
  return participants.map((person) =>
    person.userId === user || others.includes(person.userId) ? { ...person, lastSeq: seq } : person
  )
}

/** The state after an event, which may be the first event. */
export const step = (call: Call | undefined, event: CallEvent, at: DateTime.Utc): Call | undefined => {
  if (event._tag === "CallInitiated") return start(event, at)
  return call && evolve(call, event, at)
}

/** Time never runs backwards within a call, even if the clocks of two hosts differ. */
export const notBefore = (call: Call, at: DateTime.Utc): DateTime.Utc => DateTime.max(call.updatedAt, at)

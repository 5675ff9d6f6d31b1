/**
 * The participants of a call after an event.
 */
import type { DateTime } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import { type Call, openLinksOf, participation } from "../model/Call.ts"
import type { CallEvent } from "../model/CallEvent.ts"
import type { LeftReason } from "../model/CallReasons.ts"
import { isPending, type Participation } from "../model/Participation.ts"
import * as LinkEvolution from "./LinkEvolution.ts"

export const evolve = (call: Call, event: CallEvent, at: DateTime.Utc): Call => {
  switch (event._tag) {
    case "Invited": {
      const asked = put({ ...call, kind: event.kind }, {
        ...newcomer(call, event.userId),
        state: "invited",
        invitedBy: event.by,
        ...(event.suppressed ? { suppressed: true } : {})
      })
      return event.kind === "direct" ? LinkEvolution.opened(asked, event.by, event.userId, event.by) : asked
    }
    case "Ringing":
      return update(
        { ...call, phase: call.phase === "initiated" ? "ringing" : call.phase },
        event.userId,
        (person) => ({
          ...person,
          state: "ringing",
          alerted: true
        })
      )
    case "Accepted":
      return accepted(call, event, at)
    case "DeviceBound":
      return update(call, event.userId, (person) => ({ ...person, device: event.device }))
    case "Reconnecting":
      return update(call, event.userId, (person) => ({
        ...person,
        state: "reconnecting",
        reconnecting: {
          from: person.reconnecting?.from ?? (person.state === "joined" ? "joined" : "joining"),
          since: person.reconnecting?.since ?? at,
          ...(event.signedOut && { signedOut: true })
        }
      }))
    case "Resumed":
      return resumed(call, event)
    case "MediaChanged":
      return update(call, event.userId, (person) => ({ ...person, media: { ...person.media, ...event.changes } }))
    case "Left":
      return LinkEvolution.closed(
        put(call, gone(participation(call, event.userId) ?? newcomer(call, event.userId), event.reason, at)),
        event.userId
      )
    default:
      return call
  }
}

/** The participation after its end. */
export const gone = (person: Participation, reason: LeftReason, at: DateTime.Utc): Participation => {
  const { reconnecting: _, ...rest } = person
  return { ...rest, state: "left", leftAt: at, leftReason: reason }
}

/** The first presence of this user, or the next one. */
export const newcomer = (call: Call, userId: UserId): Participation => {
  const earlier = participation(call, userId)
  return {
    userId,
    ordinal: (earlier?.ordinal ?? 0) + 1,
    state: "joining",
    reportsMedia: false,
    media: { audio: false, video: false, screen: false, hold: false },
    alerted: false,
    answered: earlier?.answered ?? false,
    lastSeq: earlier?.lastSeq ?? 0
  }
}

const accepted = (call: Call, event: Extract<CallEvent, { _tag: "Accepted" }>, at: DateTime.Utc): Call => {
  const earlier = participation(call, event.userId)
  const { suppressed: _, ...person } = earlier !== undefined && isPending(earlier)
    ? earlier
    : newcomer(call, event.userId)
  const { answeredAt = at } = call
  const { limits = call.limits } = event
  const warned = call.warned && call.answeredAt !== undefined
  const entered = put({ ...call, phase: "connected", answeredAt, limits, warned }, {
    ...person,
    state: "joining",
    ...(event.device && { device: event.device }),
    reportsMedia: event.reportsMedia,
    answered: true,
    acceptedSeq: call.seq + 1,
    joinedAt: at
  })
  return call.kind === "direct"
    ? entered
    : event.links.reduce((each, link) => LinkEvolution.opened(each, event.userId, link.with, link.offerer), entered)
}

const resumed = (call: Call, { fresh, userId }: Extract<CallEvent, { _tag: "Resumed" }>): Call => {
  const back = update(call, userId, ({ reconnecting, ...person }) => ({
    ...person,
    state: reconnecting?.from ?? "joining"
  }))
  return fresh
    ? openLinksOf(call, userId).reduce((each, { a, b }) => LinkEvolution.opened(each, a, b, userId), back)
    : back
}

const put = (call: Call, person: Participation): Call => ({
  ...call,
  participants: participation(call, person.userId) === undefined
    ? [...call.participants, person]
    : call.participants.map((each) => each.userId === person.userId ? person : each)
})

const update = (call: Call, user: UserId, change: (person: Participation) => Participation): Call => {
  const index = call.participants.findIndex(({ userId }) => userId === user)
  const person = call.participants[index]
  return person === undefined ? call : { ...call, participants: call.participants.with(index, change(person)) }
}

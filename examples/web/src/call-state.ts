/** A call as this page sees it: what each event changes, and the questions that the page asks of it. */
import { type Call, type Envelope, type Participant } from "./dchat-client.ts"

export const isActive = (user: Participant | undefined): boolean =>
  user !== undefined && ["joining", "joined", "reconnecting"].includes(user.state)
export const isPending = (user: Participant | undefined): boolean =>
  user !== undefined && ["invited", "ringing"].includes(user.state)
export const isOver = (call: Call): boolean => call.state === "disconnected"

export const participant = (call: Call, userId: string): Participant | undefined =>
  call.participants.find((user) => user.userId === userId)
export const others = (call: Call, me: string): ReadonlyArray<Participant> =>
  call.participants.filter(({ userId }) => userId !== me)
/** The active and invited users of a call, without this user. */
export const present = (call: Call, me: string): ReadonlyArray<Participant> =>
  others(call, me).filter((user) => isActive(user) || isPending(user))

const put = (call: Call, userId: string, change: Partial<Participant>): Call => {
  const known = participant(call, userId)
  const next: Participant = { state: "invited", ...known, userId, ...change }
  const participants = known === undefined
    ? [...call.participants, next]
    : call.participants.map((user) => user === known ? next : user)
  return { ...call, participants }
}

const recorders = ({ recording = [] }: Call) => recording

const withRecorders = ({ recording: _, ...call }: Call, recording: NonNullable<Call["recording"]>): Call =>
  recording.length === 0 ? call : { ...call, recording }

const withHost = (call: Call): Call => {
  const active = call.participants.filter(isActive)
  const byJoining = active.toSorted((one, other) => (one.joinedAt ?? "").localeCompare(other.joinedAt ?? ""))
  const host = active.find(({ userId }) => userId === call.initiatorId) ?? byJoining[0]
  return host === undefined ? call : { ...call, hostId: host.userId }
}

/** The call after an event; it may know the event already from a newer reply. Without a call only its beginning makes sense; otherwise it has to be read. */
export const evolve = (before: Call | undefined, envelope: Envelope): Call | undefined => {
  if (before === undefined) return begin(envelope)
  const { at, event, seq } = envelope
  if (seq <= before.seq) return before
  const call: Call = { ...before, seq }
  switch (event.type) {
    case "Invited": {
      return put({ ...call, kind: event.kind }, event.userId, { state: "invited" })
    }
    case "Ringing": {
      return put({ ...call, state: call.state === "initiated" ? "ringing" : call.state }, event.userId, {
        state: "ringing"
      })
    }
    case "DeviceBound": {
      return put(call, event.userId, { device: event.device })
    }
    case "Accepted":
    case "AnsweredElsewhere": {
      const device = event.type === "Accepted" ? event.device : "another"
      const answered: Call = { ...call, state: "connected", answeredAt: call.answeredAt ?? at }
      return withHost(
        put(answered, event.userId, { state: "joining", joinedAt: at, ...device !== undefined && { device } })
      )
    }
    case "Reconnecting": {
      return put(call, event.userId, { state: "reconnecting" })
    }
    case "Resumed": {
      return put(call, event.userId, { state: "joined" })
    }
    case "LinkUp": {
      return put(put(call, event.a, { state: "joined" }), event.b, { state: "joined" })
    }
    case "MediaChanged": {
      return put(call, event.userId, { media: { ...participant(call, event.userId)?.media, ...event.changes } })
    }
    case "RecordingStarted": {
      return withRecorders(call, [...recorders(call).filter(({ by }) => by !== event.by), { by: event.by, since: at }])
    }
    case "RecordingStopped": {
      return withRecorders(call, recorders(call).filter(({ by }) => by !== event.by))
    }
    case "Left":
    case "DeclinedElsewhere": {
      return withHost(put(call, event.userId, { state: "left" }))
    }
    case "CallEnded": {
      const participants = call.participants.map((user): Participant => ({ ...user, state: "left" }))
      return { ...withRecorders(call, []), participants, state: "disconnected", endedAt: at, endReason: event.reason }
    }
    default: {
      return call
    }
  }
}

const begin = ({ at, callId, event, seq }: Envelope): Call | undefined => {
  if (event.type !== "CallInitiated") return undefined
  const device = event.device === undefined ? {} : { device: event.device }
  return {
    id: callId,
    kind: event.kind,
    type: event.callType,
    state: "initiated",
    initiatorId: event.initiatorId,
    hostId: event.initiatorId,
    participants: [{ userId: event.initiatorId, state: "joining", ...device }],
    links: [],
    seq,
    initiatedAt: at,
    durationSeconds: 0
  }
}

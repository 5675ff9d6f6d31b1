/**
 * Events as clients receive them: numbered, with the number of the event that this user saw before, and with the
 * signalling addressed to the user.
 */
import {
  type Call,
  type CallEvent,
  CallId,
  CallKind,
  type CallRecord,
  CallType,
  type Delivery,
  DeviceId,
  EndReason,
  GroupId,
  LeftReason,
  linkBetween,
  type Signal
} from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Option, Schema } from "effect"
import { CallLimits, IceCandidate, MediaChanges, OpenedLink } from "./CallParts.ts"
import { Time } from "./Time.ts"

const event = <const Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields }).annotate({ identifier: `${type}Event` })

const description = { from: UserId, to: UserId, negotiation: Schema.Int, sdp: Schema.optionalKey(Schema.String) }
const link = { a: UserId, b: UserId, negotiation: Schema.Int }

/**
 * The events of a call. `sdp` and `candidates` are missing from an event of a call that has ended, and soon afterwards
 * the events of signalling are missing as well.
 */
export const EventView = Schema.Union([
  event("CallInitiated", {
    initiatorId: UserId,
    callType: CallType,
    kind: CallKind,
    groupId: Schema.optionalKey(GroupId),
    device: Schema.optionalKey(DeviceId),
    limits: CallLimits
  }),
  event("Invited", { userId: UserId, by: UserId, kind: CallKind, ringUntil: Time }),
  event("Ringing", { userId: UserId }),
  event("Accepted", {
    userId: UserId,
    device: Schema.optionalKey(DeviceId),
    reportsMedia: Schema.Boolean,
    links: Schema.Array(OpenedLink),
    limits: Schema.optionalKey(CallLimits)
  }),
  event("AnsweredElsewhere", { userId: UserId }),
  event("DeclinedElsewhere", { userId: UserId }),
  event("DeviceBound", { userId: UserId, device: DeviceId }),
  event("Offer", description),
  event("Answer", description),
  event("Candidates", {
    from: UserId,
    to: UserId,
    negotiation: Schema.Int,
    candidates: Schema.optionalKey(Schema.Array(IceCandidate)),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true))
  }),
  event("LinkUp", link),
  event("LinkDown", link),
  event("LinkFailed", link),
  event("NegotiationExpired", link),
  event("Reconnecting", { userId: UserId }),
  event("Resumed", { userId: UserId, fresh: Schema.Boolean }),
  event("MediaChanged", { userId: UserId, changes: MediaChanges }),
  event("RecordingStarted", { by: UserId }),
  event("RecordingStopped", { by: UserId }),
  event("Left", { userId: UserId, reason: LeftReason, by: Schema.optionalKey(UserId) }),
  event("GlareMerged", { by: UserId }),
  event("CallEnding", { at: Time }),
  event("LimitsRaised", { limits: CallLimits, endsAt: Time }),
  event("CallEnded", { reason: EndReason, by: Schema.optionalKey(UserId) })
]).annotate({ identifier: "CallEvent" })
export type EventView = typeof EventView.Type

export const CallEnvelope = Schema.Struct({
  callId: CallId,
  /** From 1, gapless per call; those that are for others leave gaps in what one sees. */
  seq: Schema.Int,
  /** The seq that this user saw before in this call, 0 for none: a gap is there only when it is not known. */
  after: Schema.Int,
  at: Time,
  event: EventView
}).annotate({ identifier: "CallEnvelope" })
export type CallEnvelope = typeof CallEnvelope.Type

/** The reader of an event. The same event looks different to the devices of a user who did not act. */
export interface Reader {
  readonly userId: UserId
  readonly device?: DeviceId | undefined
}

/** The envelope that a user receives for a record they may see; none for a record that concerns no user. */
export const envelopeOf = (callId: CallId, { record, signal }: Delivery, reader: Reader): Option.Option<CallEnvelope> =>
  Option.map(eventViewOf(record.event, signal, reader), (view) => ({
    callId,
    seq: record.seq,
    after: record.audience[reader.userId] ?? 0,
    at: record.at,
    event: view
  }))

/** The events that look the same to every device, and are JSON as they are. */
const plainEvents: ReadonlySet<CallEvent["_tag"]> = new Set([
  "Ringing",
  "DeviceBound",
  "Offer",
  "Answer",
  "Candidates",
  "LinkUp",
  "LinkDown",
  "LinkFailed",
  "NegotiationExpired",
  "MediaChanged"
])

/** A reader who acted in no event. */
const nobody: Reader = { userId: UserId.make("00000000-0000-7000-8000-000000000000") }

/** The text of each plain event: readers of one event share the text. */
const texts = new WeakMap<CallRecord, string>()

/** The frame `call.event` of a plain event; undefined for other events. `after`: see `CallEnvelope`. */
export const signallingText = (
  callId: CallId,
  record: CallRecord,
  after: number,
  signals: ReadonlyArray<{ readonly seq: number; readonly signal: Signal }>
): string | undefined => {
  let text = texts.get(record)
  if (text === undefined) {
    if (!plainEvents.has(record.event._tag)) return undefined
    const signal = Option.fromUndefinedOr(signals.find(({ seq }) => seq === record.seq)?.signal)
    const view = Option.getOrUndefined(eventViewOf(record.event, signal, nobody))
    text = JSON.stringify({ seq: record.seq, at: record.at, event: view }).slice(1)
    texts.set(record, text)
  }
  return `{"type":"call.event","callId":"${callId}","after":${after},${text}`
}

/** A signal that waits for its addressee. */
export const InboxItem = Schema.Union([
  Schema.Struct({
    seq: Schema.Int,
    type: Schema.Literals(["offer", "answer"]),
    from: UserId,
    negotiation: Schema.Int,
    sdp: Schema.String
  }).annotate({ identifier: "DescriptionInboxItem" }),
  Schema.Struct({
    seq: Schema.Int,
    type: Schema.Literal("candidates"),
    from: UserId,
    negotiation: Schema.Int,
    candidates: Schema.Array(IceCandidate),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true))
  }).annotate({ identifier: "CandidatesInboxItem" })
]).annotate({ identifier: "InboxItem" })
export type InboxItem = typeof InboxItem.Type

/** The signals among deliveries that are still of use to the reader, in their order. */
export const inboxOf = (call: Call, deliveries: ReadonlyArray<Delivery>, reader: UserId): ReadonlyArray<InboxItem> =>
  deliveries.flatMap(({ record: { event, seq }, signal }): ReadonlyArray<InboxItem> => {
    if (Option.isNone(signal) || !("from" in event) || isOutdated(call, event, reader)) return []
    if ((event._tag === "Offer" || event._tag === "Answer") && "sdp" in signal.value) {
      const { from, negotiation } = event
      return [{ seq, type: event._tag === "Offer" ? "offer" : "answer", from, negotiation, sdp: signal.value.sdp }]
    }
    if (event._tag === "Candidates" && "candidates" in signal.value) {
      const { from, negotiation } = event
      return [{ seq, type: "candidates", from, negotiation, ...signal.value }]
    }
    return []
  })

/** The signal is older than the current opening of the link. */
const isOutdated = (
  call: Call,
  { from, negotiation }: { readonly from: UserId; readonly negotiation: number },
  reader: UserId
): boolean => negotiation <= (linkBetween(call, from, reader)?.openedAtNegotiation ?? 0)

const eventViewOf = (event: CallEvent, signal: Option.Option<Signal>, reader: Reader): Option.Option<EventView> => {
  switch (event._tag) {
    case "CandidatesKept":
    case "DeadlinesPostponed":
      return Option.none()
    case "CallInitiated": {
      const { _tag, callId: _1, reportsMedia: _2, ...fields } = event
      return Option.some({ type: _tag, ...fields })
    }
    case "Invited": {
      const { _tag, suppressed: _, ...fields } = event
      return Option.some({ type: _tag, ...fields })
    }
    case "Accepted": {
      const { _tag, ...fields } = event
      return Option.some(
        isOther(reader, event) ? { type: "AnsweredElsewhere", userId: event.userId } : { type: _tag, ...fields }
      )
    }
    case "Left": {
      const { _tag, device: _, ...fields } = event
      const elsewhere = event.reason === "declined" && isOther(reader, event)
      return Option.some(
        elsewhere ? { type: "DeclinedElsewhere", userId: event.userId } : { type: _tag, ...fields }
      )
    }
    case "Offer":
    case "Answer": {
      const { _tag, digest: _, ...fields } = event
      return Option.some({ type: _tag, ...fields, ...sdpOf(signal) })
    }
    case "Candidates": {
      const { _tag, digests: _1, keptAt: _2, ...fields } = event
      return Option.some({ type: _tag, ...fields, ...candidatesOf(signal) })
    }
    case "Reconnecting":
      return Option.some({ type: event._tag, userId: event.userId })
    default: {
      const { _tag, ...fields } = event
      return Option.some({ type: _tag, ...fields } as EventView)
    }
  }
}

/** Another device of the user who acted. Where the acting device is not known, all are taken for it. */
const isOther = (reader: Reader, acted: { readonly userId: UserId; readonly device?: DeviceId }): boolean =>
  reader.userId === acted.userId && acted.device !== undefined && reader.device !== acted.device

const sdpOf = (signal: Option.Option<Signal>) =>
  Option.isSome(signal) && "sdp" in signal.value ? { sdp: signal.value.sdp } : {}

const candidatesOf = (signal: Option.Option<Signal>) =>
  Option.isSome(signal) && "candidates" in signal.value ? { candidates: signal.value.candidates } : {}

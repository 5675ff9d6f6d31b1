/**
 * The realtime protocol `dchat.v1`: JSON text frames over a WebSocket.
 */
import { CallId, CallRequest, DeviceId, NewCall } from "@dchat/domain/call"
import { IdempotencyKey } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import { Schema } from "effect"
import { CallEnvelope, InboxItem } from "./CallEnvelope.ts"
import { CallView } from "./CallView.ts"
import { candidatesFields, candidatesRequest, hasCandidates } from "./CandidatesBody.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"

export const subprotocol = "dchat.v1"

/** Maximum length of a frame's id. */
export const frameIdLength = 128

/** Chosen by the client; the reply carries it. */
const FrameId = StorableText.check(Schema.isMaxLength(frameIdLength))

const frame = <const Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  nullAsLeftOut(Schema.Struct({ type: Schema.Literal(type), id: Schema.optionalKey(FrameId), ...fields }))

const ofCall = { callId: CallId }
const { cases } = CallRequest

/** Calls that a client may resume at once; it can be in or asked into far fewer. */
export const maxResumed = 32

/** Comes first, once, within ten seconds. `resume`: for every call that the client remembers, its last seq. */
export const Hello = frame("hello", {
  device: DeviceId,
  capabilities: Schema.optionalKey(
    Schema.Array(StorableText.check(Schema.isMaxLength(64))).check(Schema.isMaxLength(32))
  ),
  resume: Schema.optionalKey(Schema.Record(CallId, Schema.Natural).check(Schema.isMaxProperties(maxResumed)))
})
export type Hello = typeof Hello.Type

/** The frames that a client may send. */
export const ClientFrame = Schema.Union([
  Hello,
  frame("ping", {}),
  frame("call.initiate", {
    callType: NewCall.fields.type,
    participants: NewCall.fields.participants,
    groupId: NewCall.fields.groupId,
    idempotencyKey: Schema.optionalKey(IdempotencyKey)
  }),
  frame("call.alert", ofCall),
  frame("call.accept", ofCall),
  frame("call.cancel", ofCall),
  frame("call.leave", ofCall),
  frame("call.join", ofCall),
  frame("call.decline", { ...ofCall, reason: cases.Decline.fields.reason }),
  frame("call.end", { ...ofCall, forEveryone: cases.End.fields.forEveryone }),
  frame("call.invite", { ...ofCall, userId: UserId }),
  frame("call.kick", { ...ofCall, userId: UserId }),
  frame("call.media", {
    ...ofCall,
    audio: cases.ChangeMedia.fields.audio,
    video: cases.ChangeMedia.fields.video,
    screen: cases.ChangeMedia.fields.screen,
    hold: cases.ChangeMedia.fields.hold
  }),
  frame("call.recording", { ...ofCall, action: Schema.Literals(["start", "stop"]) }),
  frame("call.offer", {
    ...ofCall,
    to: cases.Offer.fields.to,
    sdp: cases.Offer.fields.sdp,
    negotiation: cases.Offer.fields.negotiation
  }),
  frame("call.answer", {
    ...ofCall,
    to: cases.Answer.fields.to,
    sdp: cases.Answer.fields.sdp,
    negotiation: cases.Answer.fields.negotiation
  }),
  frame("call.candidates", { ...ofCall, ...candidatesFields }).check(Schema.makeFilter(hasCandidates)),
  frame("call.link", { ...ofCall, with: cases.ReportLink.fields.with, state: cases.ReportLink.fields.state })
]).annotate({ identifier: "ClientFrame" })
export type ClientFrame = typeof ClientFrame.Type

/** The decoders of client frames, by frame type. */
export const clientFrames: ReadonlyMap<string, Schema.Decoder<ClientFrame>> = new Map(
  ClientFrame.members.map((member) => [member.fields.type.literal, member])
)

/** A frame that does something in one call. */
export type CallFrame = Extract<ClientFrame, { readonly callId: CallId }>

/** The call request that a frame carries. */
export const requestOf = (frame: CallFrame): CallRequest => {
  switch (frame.type) {
    case "call.alert":
      return { _tag: "Alert" }
    case "call.accept":
      return { _tag: "Accept" }
    case "call.cancel":
    case "call.leave":
      return { _tag: "Leave" }
    case "call.join":
      return { _tag: "Join" }
    case "call.decline":
      return { _tag: "Decline", ...fieldsOf(frame) }
    case "call.end":
      return { _tag: "End", ...fieldsOf(frame) }
    case "call.invite":
      return { _tag: "Invite", ...fieldsOf(frame) }
    case "call.kick":
      return { _tag: "Kick", ...fieldsOf(frame) }
    case "call.media":
      return { _tag: "ChangeMedia", ...fieldsOf(frame) }
    case "call.recording":
      return { _tag: frame.action === "start" ? "StartRecording" : "StopRecording" }
    case "call.offer":
      return { _tag: "Offer", ...fieldsOf(frame) }
    case "call.answer":
      return { _tag: "Answer", ...fieldsOf(frame) }
    case "call.candidates":
      return candidatesRequest(fieldsOf(frame))
    case "call.link":
      return { _tag: "ReportLink", ...fieldsOf(frame) }
  }
}

const fieldsOf = <Frame extends CallFrame>({ callId: _1, id: _2, type: _3, ...fields }: Frame) => fields

/** A problem (RFC 9457) as it stands in a frame; the members are those of the REST API. */
export const ProblemView = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  code: Schema.String,
  detail: Schema.optionalKey(Schema.String)
})

/** The frames that the server may send. */
export const ServerFrame = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("welcome"),
    connectionId: Schema.String,
    userId: UserId,
    /** The interval of the WebSocket pings by which the server checks the connection. */
    heartbeatSeconds: Schema.Int,
    /** The calls in which this user is active or pending. */
    calls: Schema.Array(CallView)
  }),
  Schema.Struct({
    type: Schema.Literal("reply"),
    id: Schema.optionalKey(Schema.String),
    ok: Schema.Literal(true),
    /** The call after the command; after signalling, only the number of the newest event of the call. */
    result: Schema.optionalKey(Schema.Union([CallView, Schema.Struct({ seq: Schema.Int })]))
  }),
  Schema.Struct({
    type: Schema.Literal("reply"),
    id: Schema.optionalKey(Schema.String),
    ok: Schema.Literal(false),
    problem: Schema.StructWithRest(ProblemView, [Schema.Record(Schema.String, Schema.Unknown)])
  }),
  Schema.Struct({ type: Schema.Literal("pong"), id: Schema.optionalKey(Schema.String) }),
  Schema.Struct({ type: Schema.Literal("call.event"), ...CallEnvelope.fields }),
  /** The current call, for a user who cannot follow its events: newly invited, or with an invalid cursor. */
  Schema.Struct({
    type: Schema.Literal("call.snapshot"),
    callId: CallId,
    /** Events up to this one are contained. */
    seq: Schema.Int,
    call: CallView,
    inbox: Schema.Array(InboxItem)
  }),
  /** The answer of `GET /auth/me` has changed. */
  Schema.Struct({ type: Schema.Literal("identity.changed") }),
  Schema.Struct({ type: Schema.Literal("subscription.changed") }),
  Schema.Struct({ type: Schema.Literal("session.revoked") })
]).annotate({ identifier: "ServerFrame" })
export type ServerFrame = typeof ServerFrame.Type

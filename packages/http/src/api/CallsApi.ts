/**
 * The endpoints of calls. Between two requests, a client reads the events of a call from `inbox` and `events`.
 */
import {
  AnsweredElsewhere,
  CallContended,
  CallFull,
  CallId,
  CallNotFound,
  CallOver,
  CallRequest,
  DeviceId,
  InAnotherCall,
  InvalidSdp,
  InviteeBusy,
  MediaChanges,
  NewCall,
  NoOpenOffer,
  NotConnected,
  NotEntitled,
  NotHost,
  NotInCall,
  NotOfferer,
  NotPending,
  OfferConflict,
  RingingTooOften,
  StaleNegotiation,
  TooManyCandidates,
  TooManyOffers,
  UnknownParticipant,
  WrongDevice
} from "@dchat/domain/call"
import { IdempotencyConflict, IdempotencyKey } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { bodyLeftOut } from "./BodyLeftOut.ts"
import { CallEnvelope, InboxItem } from "./CallEnvelope.ts"
import { CallSummary, CallView } from "./CallView.ts"
import { candidatesFields, hasCandidates } from "./CandidatesBody.ts"
import { HistoryCursor, HistoryQuery } from "./HistoryQuery.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { problem } from "./Problems.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"

const { Answer, Decline, End, Offer, ReportLink } = CallRequest.cases

const params = { id: CallId }

/** The device that sends the request. Without this header, the request acts for the bound device. */
const headers = { "dchat-device": Schema.optionalKey(DeviceId) }

const inCall = { params, headers, success: CallView } as const

/** A part of signalling that was taken over for the other side. */
const signalled = { params, headers, success: CallView.pipe(HttpApiSchema.status(202)) } as const

/** The problems of every action in a call. */
const known = [problem(CallNotFound), problem(CallContended)] as const

/** The problems of an action that only a user who is in the call can take, and from the device that is bound. */
const inside = [...known, problem(NotInCall), problem(WrongDevice)] as const

/** The same for an action that an ended call refuses. */
const whileOpen = [...inside, problem(CallOver)] as const

/** The problems of an action by which a user enters a call. */
const entering = [
  ...known,
  problem(CallOver),
  problem(NotInCall),
  problem(NotPending),
  problem(AnsweredElsewhere),
  problem(InAnotherCall)
] as const

const CallWithInbox = Schema.Struct({ ...CallView.fields, inbox: Schema.Array(InboxItem) }).annotate({
  identifier: "CallWithInbox"
})

/** As RTCPeerConnection takes it (W3C WebRTC, RTCIceServer). */
const IceServer = Schema.Struct({ urls: Schema.Array(Schema.String) }).annotate({ identifier: "IceServer" })

/** Events with a higher number only. */
const query = { after: Schema.optionalKey(Schema.Natural) }

export class CallsApi extends HttpApiGroup.make("calls")
  .add(
    HttpApiEndpoint.post("initiate", "/call/initiate", {
      headers: { ...headers, "idempotency-key": Schema.optionalKey(IdempotencyKey) },
      payload: nullAsLeftOut(NewCall),
      /** 200 if the request answered the callee's own call, or if the idempotency key was used before. */
      success: [CallView.pipe(HttpApiSchema.status(201)), CallView],
      error: [
        problem(InAnotherCall),
        problem(CallFull),
        problem(UnknownParticipant),
        problem(RingingTooOften),
        problem(IdempotencyConflict),
        problem(CallContended)
      ]
    }).annotate(RateLimit, ratePolicies.place),
    HttpApiEndpoint.post("offer", "/call/:id/offer", {
      ...signalled,
      error: [
        ...whileOpen,
        problem(UnknownParticipant),
        problem(OfferConflict),
        problem(StaleNegotiation),
        problem(NotOfferer),
        problem(TooManyOffers),
        problem(InvalidSdp)
      ],
      payload: nullAsLeftOut(Schema.Struct({
        sdp: Offer.fields.sdp,
        to: Offer.fields.to,
        negotiation: Offer.fields.negotiation
      }))
    }).annotate(RateLimit, ratePolicies.signal),
    HttpApiEndpoint.post("answer", "/call/:id/answer", {
      ...signalled,
      error: [
        ...whileOpen,
        problem(UnknownParticipant),
        problem(NoOpenOffer),
        problem(InAnotherCall),
        problem(InvalidSdp)
      ],
      payload: nullAsLeftOut(Schema.Struct({
        sdp: Answer.fields.sdp,
        to: Answer.fields.to,
        negotiation: Answer.fields.negotiation
      }))
    }).annotate(RateLimit, ratePolicies.signal),
    HttpApiEndpoint.post("candidates", "/call/:id/ice-candidate", {
      ...signalled,
      error: [
        ...whileOpen,
        problem(UnknownParticipant),
        problem(StaleNegotiation),
        problem(NotOfferer),
        problem(TooManyCandidates)
      ],
      payload: nullAsLeftOut(Schema.Struct(candidatesFields)).check(Schema.makeFilter(hasCandidates))
    }).annotate(RateLimit, ratePolicies.signal),
    HttpApiEndpoint.get("get", "/call/:id", {
      params,
      headers,
      query,
      success: CallWithInbox,
      error: problem(CallNotFound)
    }),
    HttpApiEndpoint.get("events", "/call/:id/events", {
      params,
      headers,
      query,
      /** `seq` is the value of `after` for the next request. */
      success: Schema.Struct({ items: Schema.Array(CallEnvelope), seq: Schema.Int }),
      error: problem(CallNotFound)
    }),
    HttpApiEndpoint.post("end", "/call/:id/end", {
      ...inCall,
      error: [...inside, problem(NotHost)],
      payload: bodyLeftOut(nullAsLeftOut(Schema.Struct({ forEveryone: End.fields.forEveryone })))
    }).annotate(RateLimit, ratePolicies.command),
    HttpApiEndpoint.post("alert", "/call/:id/alert", { ...inCall, error: known }).annotate(
      RateLimit,
      ratePolicies.command
    ),
    HttpApiEndpoint.post("accept", "/call/:id/accept", { ...inCall, error: entering }).annotate(
      RateLimit,
      ratePolicies.command
    ),
    HttpApiEndpoint.post("decline", "/call/:id/decline", {
      ...inCall,
      error: known,
      payload: bodyLeftOut(nullAsLeftOut(Schema.Struct({ reason: Decline.fields.reason })))
    }).annotate(RateLimit, ratePolicies.command),
    HttpApiEndpoint.post("leave", "/call/:id/leave", { ...inCall, error: inside }).annotate(
      RateLimit,
      ratePolicies.command
    ),
    HttpApiEndpoint.post("join", "/call/:id/join", {
      ...inCall,
      error: [...entering, problem(NotConnected), problem(CallFull)]
    }).annotate(RateLimit, ratePolicies.command),
    HttpApiEndpoint.post("invite", "/call/:id/invite", {
      ...inCall,
      error: [
        ...whileOpen,
        problem(NotConnected),
        problem(NotHost),
        problem(InviteeBusy),
        problem(CallFull),
        problem(UnknownParticipant),
        problem(RingingTooOften)
      ],
      payload: nullAsLeftOut(Schema.Struct({ userId: UserId }))
    }).annotate(RateLimit, ratePolicies.place),
    HttpApiEndpoint.post("kick", "/call/:id/kick", {
      ...inCall,
      error: [...whileOpen, problem(NotHost)],
      payload: nullAsLeftOut(Schema.Struct({ userId: UserId }))
    }).annotate(RateLimit, ratePolicies.command),
    HttpApiEndpoint.post("media", "/call/:id/media", {
      ...inCall,
      error: whileOpen,
      payload: bodyLeftOut(nullAsLeftOut(MediaChanges))
    })
      .annotate(
        RateLimit,
        ratePolicies.command
      ),
    HttpApiEndpoint.post("link", "/call/:id/link", {
      ...inCall,
      error: [...whileOpen, problem(UnknownParticipant), problem(NotConnected)],
      payload: nullAsLeftOut(Schema.Struct({ with: ReportLink.fields.with, state: ReportLink.fields.state }))
    }).annotate(RateLimit, ratePolicies.signal),
    HttpApiEndpoint.post("startRecording", "/call/:id/recording/start", {
      ...inCall,
      error: [...whileOpen, problem(NotConnected), problem(NotEntitled)]
    }).annotate(
      RateLimit,
      ratePolicies.command
    ),
    HttpApiEndpoint.post("stopRecording", "/call/:id/recording/stop", { ...inCall, error: whileOpen }).annotate(
      RateLimit,
      ratePolicies.command
    ),
    HttpApiEndpoint.get("active", "/calls/active", {
      /** The open calls in which the reader is active or asked to answer, oldest first. */
      success: Schema.Struct({ items: Schema.Array(CallView) })
    }),
    HttpApiEndpoint.get("history", "/calls/history", {
      query: HistoryQuery,
      /** Newest first. Without `nextCursor` there is no more. */
      success: Schema.Struct({ items: Schema.Array(CallSummary), nextCursor: Schema.optionalKey(HistoryCursor) })
    }),
    HttpApiEndpoint.get("iceServers", "/ice-servers", {
      success: Schema.Struct({ iceServers: Schema.Array(IceServer) })
    })
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .prefix("/api/webrtc")
{}

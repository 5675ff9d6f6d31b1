/**
 * The requests of the API on a call that the user knows, before the facts for the command are gathered.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallType } from "./Call.ts"
import { type ConnectionId, type DeviceId, GroupId, type HostId } from "./CallIds.ts"
import { MediaChanges } from "./Participation.ts"
import { IceCandidate, Sdp } from "./Signal.ts"

/** The user who makes a request, and the device and connection of the request. */
export interface Actor {
  readonly userId: UserId
  readonly device?: DeviceId | undefined
  /** The realtime connection of the request; missing for REST. */
  readonly connection?: { readonly id: ConnectionId; readonly hostId: HostId } | undefined
  /** Whether the device reports when a link goes up or down. */
  readonly reportsMedia?: boolean | undefined
}

/** Maximum of users that one request may name; far more than any call admits. */
const maxNamed = 64

/** Places a call. */
export const NewCall = Schema.Struct({
  type: CallType,
  participants: Schema.NonEmptyArray(UserId).check(Schema.isMaxLength(maxNamed)),
  groupId: Schema.optionalKey(GroupId)
})
export type NewCall = typeof NewCall.Type

const to = Schema.optionalKey(UserId)
const negotiation = Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)))

export const CallRequest = Schema.TaggedUnion({
  Alert: {},
  Accept: {},
  Decline: { reason: Schema.optionalKey(Schema.Literals(["declined", "busy"])) },
  Leave: {},
  End: { forEveryone: Schema.optionalKey(Schema.Boolean) },
  Invite: { userId: UserId },
  Join: {},
  Kick: { userId: UserId },
  ChangeMedia: MediaChanges.fields,
  StartRecording: {},
  StopRecording: {},
  Offer: { to, sdp: Sdp, negotiation },
  Answer: { to, sdp: Sdp, negotiation },
  Candidates: {
    to,
    candidates: Schema.Array(IceCandidate),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true)),
    negotiation
  },
  ReportLink: { with: to, state: Schema.Literals(["up", "down"]) }
})
export type CallRequest = typeof CallRequest.Type
type Requests = { readonly [Request in CallRequest as Request["_tag"]]: Request }
export type CallRequestOf<Tag extends CallRequest["_tag"]> = { readonly _tag: Tag } & Requests[Tag]

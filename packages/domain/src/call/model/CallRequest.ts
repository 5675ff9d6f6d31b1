/**
 * What a person asks of a call they know: the commands of the API, before the facts around them are gathered.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallType } from "./Call.ts"
import { type ConnectionId, type DeviceId, GroupId, type HostId } from "./CallIds.ts"
import { MediaChanges } from "./Participation.ts"
import { IceCandidate, Sdp } from "./Signal.ts"

/** Who asks, and by what. */
export interface Actor {
  readonly userId: UserId
  readonly device?: DeviceId | undefined
  /** The realtime connection it came by; none for REST. */
  readonly connection?: { readonly id: ConnectionId; readonly hostId: HostId } | undefined
  /** Whether the device tells when links go up or down. */
  readonly reportsMedia?: boolean | undefined
}

/** People who are named at once; far more than any call takes. */
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
  Record: { action: Schema.Literals(["start", "stop"]) },
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

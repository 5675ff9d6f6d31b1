/**
 * What can be asked of a call. Facts from outside it (who is busy, what a policy grants) come as arguments.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallType } from "./Call.ts"
import { CallId, DeviceId, GroupId } from "./CallIds.ts"
import { CallLimits, PlanLimits } from "./CallLimits.ts"
import { Digest } from "./Link.ts"
import { MediaChanges } from "./Participation.ts"

/** Someone to be invited, with what is known of them at that moment. */
export const Callee = Schema.Struct({
  userId: UserId,
  /** Active in another call, without call waiting. */
  busy: Schema.Boolean,
  /** The policy hides the call from them. */
  blocked: Schema.Boolean
})
export type Callee = typeof Callee.Type

const actor = { by: UserId, device: Schema.optionalKey(DeviceId) }

/** What the plan of the initiator gives at this moment. */
const plan = Schema.optionalKey(PlanLimits)

const entering = {
  ...actor,
  reportsMedia: Schema.optionalKey(Schema.Boolean),
  /** The other call in which this person is active. */
  activeIn: Schema.optionalKey(CallId)
}

/** `to` may be left out in a direct call; `negotiation` defaults to the next (offer) or the current one. */
const signalling = {
  ...actor,
  to: Schema.optionalKey(UserId),
  negotiation: Schema.optionalKey(Schema.Int)
}

export const CallCommand = Schema.TaggedUnion({
  Initiate: {
    ...entering,
    callId: CallId,
    callees: Schema.NonEmptyArray(Callee),
    callType: CallType,
    groupId: Schema.optionalKey(GroupId),
    /** By the plan of whoever began the call: the caller, or the callee whose own call this one answers. */
    limits: CallLimits
  },
  Alert: actor,
  /** The first answer puts `plan` in the place of the limits that the call was placed with. */
  Accept: { ...entering, plan },
  Decline: { ...actor, reason: Schema.Literals(["declined", "busy"]) },
  /** The person may have come into another call while this one rings at them. */
  FindBusy: { userId: UserId, activeIn: Schema.optionalKey(CallId) },
  /** Cancels the call before an answer, declines while pending, hangs up afterwards. */
  Leave: actor,
  Invite: { ...actor, callee: Callee },
  /** `granted`: the policy lets a stranger in. */
  Join: { ...entering, granted: Schema.Boolean, plan },
  Kick: { ...actor, userId: UserId },
  /** Ends the call for everybody; without `by` it is an administrator. */
  End: { by: Schema.optionalKey(UserId), device: Schema.optionalKey(DeviceId) },
  ChangeMedia: { ...actor, changes: MediaChanges },
  StartRecording: { ...actor, plan },
  StopRecording: actor,
  Offer: { ...signalling, digest: Digest },
  /** From a pending callee it accepts as well. */
  Answer: {
    ...signalling,
    digest: Digest,
    reportsMedia: Schema.optionalKey(Schema.Boolean),
    activeIn: Schema.optionalKey(CallId),
    plan
  },
  Candidates: {
    ...signalling,
    digests: Schema.Array(Digest),
    endOfCandidates: Schema.optionalKey(Schema.Literal(true))
  },
  ReportLink: { ...actor, with: Schema.optionalKey(UserId), state: Schema.Literals(["up", "down"]) },
  /** The last connection of this device is gone; it takes nobody with it who is in the call by another. */
  LeaseLost: {
    userId: UserId,
    device: Schema.optionalKey(DeviceId),
    /** The session that the connection belonged to has ended. */
    signedOut: Schema.optionalKey(Schema.Literal(true))
  },
  /** The session by which they were in the call has ended while they were reconnecting, which they have been since then. */
  SessionEnded: { userId: UserId, since: Schema.DateTimeUtc },
  /** A connection of the person's device is there (again); `fresh` when the client has no memory of the call. */
  Resume: { ...actor, fresh: Schema.Boolean },
  /** What the plan of the initiator gives now: more of it holds, less of it does not. */
  RaiseLimits: { plan: PlanLimits },
  /** Fires every timer that is due; those of the limit by what `plan` gives, if that is more. */
  Tick: { plan },
  /** After an outage of the whole installation. */
  Postpone: { until: Schema.DateTimeUtc }
})
export type CallCommand = typeof CallCommand.Type
export type CallCommandOf<Tag extends CallCommand["_tag"]> = Extract<CallCommand, { readonly _tag: Tag }>

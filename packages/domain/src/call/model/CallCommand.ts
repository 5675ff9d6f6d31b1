/**
 * The commands of a call. Facts from outside the call (active calls of a user, the limits of a plan) are arguments.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallType } from "./Call.ts"
import { CallId, DeviceId, GroupId } from "./CallIds.ts"
import { CallLimits, PlanLimits } from "./CallLimits.ts"
import { Digest } from "./Link.ts"
import { MediaChanges } from "./Participation.ts"

/** A user to invite, with the facts known at that moment. */
export const Callee = Schema.Struct({
  userId: UserId,
  /** The user is active in another call and has no call waiting. */
  busy: Schema.Boolean,
  /** The policy hides the call from this user. */
  blocked: Schema.Boolean
})
export type Callee = typeof Callee.Type

const actor = { by: UserId, device: Schema.optionalKey(DeviceId) }

/** The limits that the initiator's plan gives now. */
const plan = Schema.optionalKey(PlanLimits)

const entering = {
  ...actor,
  reportsMedia: Schema.optionalKey(Schema.Boolean),
  /** The other call in which the user is active. */
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
    /** The limits of the initiator's plan. When this call answers a call of the callee, the callee's plan counts. */
    limits: CallLimits
  },
  Alert: actor,
  /** The first answer replaces the limits that the call was placed with by `plan`. */
  Accept: { ...entering, plan },
  Decline: { ...actor, reason: Schema.Literals(["declined", "busy"]) },
  /** A user may enter another call while this call rings. */
  FindBusy: { userId: UserId, activeIn: Schema.optionalKey(CallId) },
  /** Cancels the call before an answer, declines while pending, hangs up afterwards. */
  Leave: actor,
  Invite: { ...actor, callee: Callee },
  /** `granted`: the policy admits a user who was not invited. */
  Join: { ...entering, granted: Schema.Boolean, plan },
  Kick: { ...actor, userId: UserId },
  /** Ends the call for every participant. Without `by`, an administrator ends the call. */
  End: { by: Schema.optionalKey(UserId), device: Schema.optionalKey(DeviceId) },
  ChangeMedia: { ...actor, changes: MediaChanges },
  StartRecording: { ...actor, plan },
  StopRecording: actor,
  Offer: { ...signalling, digest: Digest },
  /** An answer from a pending callee also accepts the call. */
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
  /** The device lost its last connection. A user who is in the call on another device stays in the call. */
  LeaseLost: {
    userId: UserId,
    device: Schema.optionalKey(DeviceId),
    /** The session of the connection has ended. */
    signedOut: Schema.optionalKey(Schema.Literal(true))
  },
  /** The user's session ended while the user was reconnecting. `since` is the start of the reconnecting state. */
  SessionEnded: { userId: UserId, since: Schema.DateTimeUtc },
  /** The user's device has a connection again. `fresh`: the client has no memory of the call. */
  Resume: { ...actor, fresh: Schema.Boolean },
  /** The limits that the initiator's plan gives now. A higher limit applies; a lower limit changes nothing. */
  RaiseLimits: { plan: PlanLimits },
  /** Fires every timer that is due. The timers of the length limit use `plan` if `plan` gives more. */
  Tick: { plan },
  /** After an outage of the whole installation. */
  Postpone: { until: Schema.DateTimeUtc }
})
export type CallCommand = typeof CallCommand.Type
type Commands = { readonly [Command in CallCommand as Command["_tag"]]: Command }
export type CallCommandOf<Tag extends CallCommand["_tag"]> = { readonly _tag: Tag } & Commands[Tag]

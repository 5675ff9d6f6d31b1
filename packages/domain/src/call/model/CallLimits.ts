/**
 * The limits of a call: participants, length and recording by the initiator's plan, and the length of every timer.
 */
import { Schema } from "effect"

/** How long each timer of a call runs, in seconds. */
export const CallTimeouts = Schema.Struct({
  /** Time for which an invitation rings. */
  ring: Schema.Natural,
  /** Time within which a user who lost signalling may resume. */
  resume: Schema.Natural,
  /** Time within which a user who lost signalling may resume while media still flows. */
  resumeWithMedia: Schema.Natural,
  /** Time from a user's own Accept or Join to the first working link. */
  media: Schema.Natural,
  /** Time from an offer to its answer. */
  negotiation: Schema.Natural,
  /** Time for which a link may be down or checking. */
  transport: Schema.Natural,
  /** Time for which the last user in a group call waits for others. */
  alone: Schema.Natural,
  /** Time between the announcement of the length limit and the end of the call. */
  warning: Schema.Natural
})
export type CallTimeouts = typeof CallTimeouts.Type

export const defaultTimeouts: CallTimeouts = {
  ring: 60,
  resume: 30,
  resumeWithMedia: 300,
  media: 45,
  negotiation: 30,
  transport: 30,
  alone: 20,
  warning: 60
}

/** The limit that ends a long call: the limit of the initiator's plan, or the limit of the installation. */
export const LimitReason = Schema.Literals(["plan_limit", "max_duration"])

/** The limits that a plan gives to a call. */
export const PlanLimits = Schema.Struct({
  /** Maximum of active and pending users at the same time, the initiator included. */
  people: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 8 })),
  /** Seconds from the answer to the end. Before an answer, seconds from the start of the call. */
  callSeconds: Schema.Int.check(Schema.isGreaterThan(0)),
  reason: LimitReason,
  recording: Schema.Boolean
})
export type PlanLimits = typeof PlanLimits.Type

/** The plan sets the limits; the installation sets the timeouts. */
export const CallLimits = Schema.Struct({ ...PlanLimits.fields, timeouts: CallTimeouts })
export type CallLimits = typeof CallLimits.Type

/**
 * The plan at the time of the answer counts, not the plan at the time of the call. Every user already invited may stay.
 */
export const answeredWith = (
  limits: CallLimits,
  { callSeconds, people, reason, recording }: PlanLimits
): CallLimits => ({
  ...limits,
  people: Math.max(limits.people, people),
  callSeconds,
  reason,
  recording
})

/** Takes the higher value of each limit. A call never loses a limit that it was given. */
export const raisedLimits = (limits: CallLimits, to: PlanLimits): CallLimits => ({
  ...limits,
  people: Math.max(limits.people, to.people),
  ...(to.callSeconds > limits.callSeconds && { callSeconds: to.callSeconds, reason: to.reason }),
  recording: limits.recording || to.recording
})

export const isSameLimits = (one: CallLimits, other: CallLimits): boolean =>
  one.people === other.people && one.callSeconds === other.callSeconds && one.reason === other.reason &&
  one.recording === other.recording

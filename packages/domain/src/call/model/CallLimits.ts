/**
 * What a call may use: people, length and recording by the plan of its initiator, and the length of every timer.
 */
import { Schema } from "effect"

/** How long each timer of a call runs, in seconds. */
export const CallTimeouts = Schema.Struct({
  /** An invitation rings for this long. */
  ring: Schema.Natural,
  /** A person whose signalling is gone may come back within this time. */
  resume: Schema.Natural,
  /** The same while their media still flows. */
  resumeWithMedia: Schema.Natural,
  /** From one's own Accept or Join to the first working link. */
  media: Schema.Natural,
  /** From an offer to its answer. */
  negotiation: Schema.Natural,
  /** A link may be down, or checking, for this long. */
  transport: Schema.Natural,
  /** The last person in a group call waits for others this long. */
  alone: Schema.Natural,
  /** The end by limit is announced this long before. */
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

/** Which limit it is that ends a long call: that of the initiator's plan, or that of the installation. */
export const LimitReason = Schema.Literals(["plan_limit", "max_duration"])

/** What a plan gives to a call. */
export const PlanLimits = Schema.Struct({
  /** Active and pending people at the same time, the initiator included. */
  people: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 8 })),
  /** Seconds from the answer (before one: from the start) to the end. */
  callSeconds: Schema.Int.check(Schema.isGreaterThan(0)),
  reason: LimitReason,
  recording: Schema.Boolean
})
export type PlanLimits = typeof PlanLimits.Type

/** How long timers run is the installation's. */
export const CallLimits = Schema.Struct({ ...PlanLimits.fields, timeouts: CallTimeouts })
export type CallLimits = typeof CallLimits.Type

/** The plan at the answer counts, not that at the call; but nobody who was asked is turned away for it. */
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

/** The higher of both, limit by limit: what was given once is never taken back from a call. */
export const raisedLimits = (limits: CallLimits, to: PlanLimits): CallLimits => ({
  ...limits,
  people: Math.max(limits.people, to.people),
  ...(to.callSeconds > limits.callSeconds && { callSeconds: to.callSeconds, reason: to.reason }),
  recording: limits.recording || to.recording
})

export const isSameLimits = (one: CallLimits, other: CallLimits): boolean =>
  one.people === other.people && one.callSeconds === other.callSeconds && one.reason === other.reason &&
  one.recording === other.recording

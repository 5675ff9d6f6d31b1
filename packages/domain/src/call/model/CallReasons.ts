/**
 * The reasons for which a call ends and for which a participant leaves a call.
 */
import { Schema } from "effect"

/** The reason for which the whole call ended. */
export const EndReason = Schema.Literals([
  "hangup",
  "cancelled",
  "declined",
  "busy",
  "no_answer",
  "unreachable",
  "connection_lost",
  "media_failed",
  "plan_limit",
  "max_duration",
  "alone",
  "empty",
  "ended_by_host",
  "ended_by_admin"
])
export type EndReason = typeof EndReason.Type

/** The reason for which a participation ended: a reason of its own, or the reason for which the call ended. */
export const LeftReason = Schema.Literals([...EndReason.literals, "kicked"])
export type LeftReason = typeof LeftReason.Type

const unansweredByStrength = ["declined", "busy", "no_answer", "unreachable"] as const

/** The reason of a call that was never answered: declined > busy > no_answer > unreachable. */
export const strongestUnanswered = (reasons: ReadonlyArray<LeftReason | undefined>): EndReason =>
  unansweredByStrength.find((reason) => reasons.includes(reason)) ?? "cancelled"

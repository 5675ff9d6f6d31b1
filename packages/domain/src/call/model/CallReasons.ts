/**
 * Why a call ended and why a person left it.
 */
import { Schema } from "effect"

/** Why the whole call is over. */
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

/** Why one person's participation is over: an own reason, or the end of the call that took them along. */
export const LeftReason = Schema.Literals([...EndReason.literals, "kicked"])
export type LeftReason = typeof LeftReason.Type

const unansweredByStrength = ["declined", "busy", "no_answer", "unreachable"] as const

/** The reason that describes a call which nobody answered: declined > busy > no_answer > unreachable. */
export const strongestUnanswered = (reasons: ReadonlyArray<LeftReason | undefined>): EndReason =>
  unansweredByStrength.find((reason) => reasons.includes(reason)) ?? "cancelled"

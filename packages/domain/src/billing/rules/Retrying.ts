/**
 * The time of the next attempt after a failure.
 */
import { DateTime } from "effect"

/** The pause doubles from five seconds to an hour. `attempts`: the number of failures, from 1. */
export const nextAttemptAt = (now: DateTime.Utc, attempts: number): DateTime.Utc =>
  DateTime.add(now, { seconds: Math.min(3600, 5 * 2 ** Math.min(attempts - 1, 20)) })

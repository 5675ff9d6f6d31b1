/**
 * When something that failed is tried again.
 */
import { DateTime } from "effect"

/** Doubles from five seconds to an hour. `attempts`: how often it has failed, from 1. */
export const nextAttemptAt = (now: DateTime.Utc, attempts: number): DateTime.Utc =>
  DateTime.add(now, { seconds: Math.min(3600, 5 * 2 ** Math.min(attempts - 1, 20)) })

/**
 * Port: the storage of calls that have ended. Each ended call moves there as a whole and never changes again. The
 * repository of calls reads both places.
 */
import { Context, type DateTime, type Effect } from "effect"

export class FinishedCalls extends Context.Service<FinishedCalls, {
  /**
   * Moves calls that ended at `endedBy` or earlier, at most `limit`, those that ended first. Their passing events (see
   * `CallArchive`), digests and signals go. Returns the number of moved calls. Calls that another caller moves at the
   * same time, or that a newer release has stored, stay for others.
   */
  move(endedBy: DateTime.Utc, limit: number): Effect.Effect<number>
  /** Prepares the storage for calls of the month of `now` and of the two months after. Safe to repeat. */
  prepare(now: DateTime.Utc): Effect.Effect<void>
  /**
   * Forgets the calls of every calendar month (UTC) that lies before `time` as a whole, at once, with their entries in
   * histories. The time of a call is the time in its id. Returns the number of forgotten months.
   */
  forget(time: DateTime.Utc): Effect.Effect<number>
}>()("@dchat/domain/call/FinishedCalls") {}

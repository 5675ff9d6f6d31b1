/**
 * A person who is reconnecting in a call, and since when.
 */
import type { DateTime } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "./Call.ts"
import type { CallId } from "./CallIds.ts"

export interface Away {
  readonly callId: CallId
  readonly userId: UserId
  readonly since: DateTime.Utc
}

/** Of this person in this call, if they are reconnecting. */
export const awayFrom = ({ id, participants }: Call, user: UserId): ReadonlyArray<Away> =>
  participants.flatMap(({ reconnecting, userId }) =>
    userId === user && reconnecting !== undefined ? [{ callId: id, userId, since: reconnecting.since }] : []
  )

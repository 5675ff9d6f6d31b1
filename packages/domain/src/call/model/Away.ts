/**
 * A user who is reconnecting in a call, and the time at which the reconnecting state began.
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

/** The entry of this user in this call, if the user is reconnecting. */
export const awayFrom = ({ id, participants }: Call, user: UserId): ReadonlyArray<Away> =>
  participants.flatMap(({ reconnecting, userId }) =>
    userId === user && reconnecting !== undefined ? [{ callId: id, userId, since: reconnecting.since }] : []
  )

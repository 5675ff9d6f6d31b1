/**
 * A session in the view of its user.
 */
import { Origin, type Session, SessionId } from "@dchat/domain/identity"
import { Schema } from "effect"
import { Time } from "./Time.ts"

export const SessionView = Schema.Struct({
  id: SessionId,
  createdAt: Time,
  /** The time of the user's last proof of identity. */
  authenticatedAt: Time,
  /** To within five minutes. */
  lastSeenAt: Time,
  /** The session ends at this time at the latest. A session that is not used for seven days ends earlier. */
  expiresAt: Time,
  /** The origin of the session. */
  ...Origin.fields
}).annotate({ identifier: "Session" })
export type SessionView = typeof SessionView.Type

export const sessionViewOf = (session: Session): SessionView => {
  const { absoluteExpiresAt, address, authenticatedAt, createdAt, id, lastSeenAt, userAgent } = session
  return {
    id,
    createdAt,
    authenticatedAt,
    lastSeenAt,
    expiresAt: absoluteExpiresAt,
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(address === undefined ? {} : { address })
  }
}

/** A session in the list of a user's sessions. */
export const ListedSession = Schema.Struct({
  ...SessionView.fields,
  /** Whether the request belongs to this session. */
  current: Schema.Boolean
}).annotate({ identifier: "ListedSession" })

export const listedSessionOf = (session: Session, asking: SessionId): typeof ListedSession.Type => ({
  ...sessionViewOf(session),
  current: session.id === asking
})

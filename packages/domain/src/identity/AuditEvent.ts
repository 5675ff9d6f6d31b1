/**
 * What happened to somebody's identity, when, and because of whom.
 */
import { Schema } from "effect"
import { IdentityEvent } from "./IdentityEvent.ts"
import { Origin } from "./Origin.ts"
import { SessionId } from "./Session.ts"
import { UserId } from "./UserId.ts"

export const AuditCause = Schema.TaggedUnion({
  /** The person, in a session unless it is the one that signing in is about to open. */
  User: { sessionId: Schema.optionalKey(SessionId), origin: Origin },
  /** Somebody who runs the installation. */
  Admin: { actor: Schema.String.check(Schema.isMaxLength(200)), reason: Schema.String.check(Schema.isMaxLength(500)) }
})
export type AuditCause = typeof AuditCause.Type

export const AuditEvent = Schema.Struct({
  userId: UserId,
  /** 1 for somebody's first event, and without gaps. */
  seq: Schema.Int,
  at: Schema.DateTimeUtc,
  event: IdentityEvent,
  cause: AuditCause
})
export type AuditEvent = typeof AuditEvent.Type

/**
 * An event of a user's identity, with its time and its cause.
 */
import { Schema } from "effect"
import { RecordedCause, RecordedEvent } from "./AuditRecord.ts"
import { Origin } from "./Origin.ts"
import { SessionId } from "./Session.ts"
import { UserId } from "./UserId.ts"
import type { Wallet } from "./Wallet.ts"

export const AuditCause = Schema.TaggedUnion({
  /** The user, in a session if one is opened. The session stores the origin; the event does not. */
  User: { sessionId: Schema.optionalKey(SessionId), origin: Origin },
  /** The server, on its own initiative. */
  System: {},
  /** An administrator of the installation. */
  Admin: { actor: Schema.String.check(Schema.isMaxLength(200)), reason: Schema.String.check(Schema.isMaxLength(500)) }
})
export type AuditCause = typeof AuditCause.Type

export const AuditEvent = Schema.Struct({
  userId: UserId,
  /** Starts at 1 for the user's first event, without gaps. */
  seq: Schema.Int,
  at: Schema.DateTimeUtc,
  event: RecordedEvent,
  cause: RecordedCause
})
export type AuditEvent = typeof AuditEvent.Type

/** An event with the details that its sources still hold. */
export interface Activity extends AuditEvent {
  /** The origin of the request, while the session exists. */
  readonly origin?: Origin
  /** The wallet of the event, while the user holds the wallet. */
  readonly wallet?: Wallet
}

/**
 * What happened to somebody's identity, when, and because of whom.
 */
import { Schema } from "effect"
import { RecordedCause, RecordedEvent } from "./AuditRecord.ts"
import { Origin } from "./Origin.ts"
import { SessionId } from "./Session.ts"
import { UserId } from "./UserId.ts"
import type { Wallet } from "./Wallet.ts"

export const AuditCause = Schema.TaggedUnion({
  /** The person, in a session unless none is opened. From where is not kept with the event, but with the session. */
  User: { sessionId: Schema.optionalKey(SessionId), origin: Origin },
  /** Something that the server has noticed by itself. */
  System: {},
  /** Somebody who runs the installation. */
  Admin: { actor: Schema.String.check(Schema.isMaxLength(200)), reason: Schema.String.check(Schema.isMaxLength(500)) }
})
export type AuditCause = typeof AuditCause.Type

export const AuditEvent = Schema.Struct({
  userId: UserId,
  /** 1 for somebody's first event, and without gaps. */
  seq: Schema.Int,
  at: Schema.DateTimeUtc,
  event: RecordedEvent,
  cause: RecordedCause
})
export type AuditEvent = typeof AuditEvent.Type

/** An event with what is still known of it at its sources. */
export interface Activity extends AuditEvent {
  /** From where, while the session is there. */
  readonly origin?: Origin
  /** The wallet it is about, while the person has it. */
  readonly wallet?: Wallet
}

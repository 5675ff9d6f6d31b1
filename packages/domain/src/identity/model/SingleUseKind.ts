/**
 * A kind of single-use record: a message, flow, code or ticket that is stored until its expiry, and consumed once.
 */
import type { DateTime, Option, Schema } from "effect"
import type { UserId } from "./UserId.ts"

export interface SingleUseRecord {
  readonly expiresAt: DateTime.Utc
}

export interface SingleUseKind<A extends SingleUseRecord, Key extends string = string> {
  /** The name of the kind in storage. No other kind has this name. */
  readonly name: string
  /** A store keeps the JSON form of a record. */
  readonly record: Schema.Codec<A, unknown>
  /** An id, or the hash of a secret. A secret itself is never stored. */
  keyOf(record: A): Key
  /** The slot of a record, for a kind of which only the latest record in each slot is valid. */
  slotOf?(record: A): string
  /** The users whose changes void the record. Default: none. */
  usersOf?(record: A): ReadonlyArray<UserId>
  /** The outcome of a use. A used record of a kind with outcomes stays stored until the purge. */
  readonly outcome?: Schema.Codec<object, unknown>
}

/** A kind of which a store knows each use and its outcome. */
export interface TracedKind<A extends SingleUseRecord, Key extends string, Outcome extends object>
  extends SingleUseKind<A, Key>
{
  readonly outcome: Schema.Codec<Outcome, unknown>
}

/** A record of a traced kind. */
export interface SingleUseTrace<A, Outcome> {
  readonly record: A
  readonly isUsed: boolean
  /** The outcome of the use, once it is known. */
  readonly outcome: Option.Option<Outcome>
}

/**
 * Port: the storage of calls. Events and all data derived from them are written in one transaction.
 */
import { type Array, Context, type DateTime, type Effect, type Exit, type Option, Schema } from "effect"
import { KeyInUse, type RecordedRequest } from "../../idempotency/index.ts"
import { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "../model/Call.ts"
import { CallId, type DeviceId } from "../model/CallIds.ts"
import type { Signal } from "../model/Signal.ts"
import type { HistoryCursor, HistoryFilter } from "../rules/CallProjection.ts"
import type { CallRecord } from "../rules/CallRecord.ts"
import type { Lease } from "./CallLeases.ts"

/** A step of one call, written as a whole. */
export interface CallAppend {
  /** The call before, at the version of the decision; undefined for a new call. */
  readonly before: Call | undefined
  /** The call after the step: the fold of `records` onto `before`. */
  readonly call: Call
  readonly records: Array.NonEmptyReadonlyArray<CallRecord>
  /** Payloads of the signalling in `records`, by `seq`. The end of a call deletes all of its payloads. */
  readonly signals: ReadonlyArray<{ readonly seq: number; readonly signal: Signal }>
  /**
   * A lease that the step binds, or the last lease of a user, which the step releases: the last lease of `device` or of
   * an unknown device, or of any device if `device` is not known.
   */
  readonly lease?:
    | { readonly bind: Lease }
    | { readonly release: Lease; readonly device?: DeviceId | undefined }
    | undefined
  readonly request?: RecordedRequest | undefined
}

/** The call has changed since the version of the decision. */
export class VersionConflict extends Schema.TaggedError<VersionConflict>()("VersionConflict", {}) {}
/** The two users have another open direct call. It also prevents a new call that is over at once. */
export class PairTaken extends Schema.TaggedError<PairTaken>()("PairTaken", { callId: CallId }) {}
/** The user is active in another call. */
export class UserActive extends Schema.TaggedError<UserActive>()("UserActive", { userId: UserId, callId: CallId }) {}
/** The lease to release was renewed, or is not the last lease of the user. */
export class LeaseMoved extends Schema.TaggedError<LeaseMoved>()("LeaseMoved", {}) {}

/** The reason for which a step could not be stored. No part of the step was stored. */
export const AppendConflictReason = Schema.Union([VersionConflict, PairTaken, UserActive, LeaseMoved, KeyInUse])

export class AppendConflict
  extends Schema.TaggedError<AppendConflict>()("AppendConflict", { reason: AppendConflictReason })
{}

/** An event as one user receives it, with its signal. */
export interface Delivery {
  readonly record: CallRecord
  readonly signal: Option.Option<Signal>
}

/** A user who was invited into a call and has not answered yet. */
export interface Asked {
  readonly userId: UserId
  readonly callId: CallId
}

/** A user who is active in an open call or has not answered its invitation yet. */
export interface OpenEntry extends Asked {
  readonly state: "active" | "pending"
}

/** The call in which a user is active, if there is one. A user is active in one call at a time. */
export const activeCallOf = (entries: ReadonlyArray<OpenEntry>, user: UserId): CallId | undefined =>
  entries.find(({ state, userId }) => userId === user && state === "active")?.callId

export class CallRepository extends Context.Service<CallRepository, {
  /**
   * A call by id. A call stored in a form that this host cannot read counts as missing, here and in every list, and
   * stays unchanged.
   */
  load(id: CallId): Effect.Effect<Option.Option<Call>>
  /** Several calls at once, in no order; unknown ids are left out. */
  loadAll(ids: ReadonlyArray<CallId>): Effect.Effect<ReadonlyArray<Call>>
  /**
   * Stores steps of different calls, and returns the outcome of each in the same order. A step that meets a conflict is
   * left out as a whole, and no other step fails by that conflict. A step that cannot be stored for another reason has a
   * defect as its outcome, also on its own.
   */
  append(
    steps: Array.NonEmptyReadonlyArray<CallAppend>
  ): Effect.Effect<ReadonlyArray<Exit.Exit<void, AppendConflict>>>
  /** The readable events of a call that this user sees, with `seq` above `after`, oldest first. */
  deliveries(id: CallId, user: UserId, after: number): Effect.Effect<ReadonlyArray<Delivery>>
  /** The payloads of signalling of a call, by the `seq` of their events. Deleted payloads are left out. */
  signals(id: CallId, seqs: Array.NonEmptyReadonlyArray<number>): Effect.Effect<ReadonlyMap<number, Signal>>
  /** The open calls in which these users are active or pending, in no order. */
  openEntries(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<OpenEntry>>
  /** The open calls in which this user is active or pending, oldest first. */
  openCallsOf(user: UserId): Effect.Effect<ReadonlyArray<Call>>
  /**
   * A page of a user's calls under all ids of the user, newest first by (initiatedAt, id), each once, after `cursor`.
   */
  history(
    ids: ReadonlyArray<UserId>,
    filter: HistoryFilter,
    page: { readonly after?: HistoryCursor | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<Call>>
  /**
   * Open calls that are due by `now`, earliest first. The calls are claimed: until `claimedUntil`, no other caller gets
   * them unless a step was appended meanwhile.
   */
  claimDue(now: DateTime.Utc, claimedUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<CallId>>
  /** Ids of open calls that are due before `until`, in order of id, after `after`. */
  dueBefore(
    until: DateTime.Utc,
    page: { readonly after?: CallId | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<CallId>>
  /** Users who are invited into a call while active in another, in order of user and call, after `after`. */
  askedWhileActive(
    page: { readonly after?: Asked | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<Asked>>
  /** The reason, for an operator, for which a stored call cannot be read; none if the call is readable or missing. */
  faultOf(id: CallId): Effect.Effect<Option.Option<string>>
  /** Ends an unreadable call without an event. Its state is not read again. Returns whether such a call existed. */
  discard(id: CallId, at: DateTime.Utc): Effect.Effect<boolean>
  /** How many calls are open. */
  countOpen: Effect.Effect<number>
}>()("@dchat/domain/call/CallRepository") {}

/**
 * Port: where calls are kept. The events and everything derived from them are written together or not at all.
 */
import { type Array, Context, type DateTime, type Effect, type Option, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import type { Call } from "../model/Call.ts"
import { CallId, type DeviceId } from "../model/CallIds.ts"
import type { Signal } from "../model/Signal.ts"
import type { HistoryCursor, HistoryFilter } from "../rules/CallProjection.ts"
import type { CallRecord } from "../rules/CallRecord.ts"
import type { Lease } from "./CallLeases.ts"

/** A step of one call, to be kept as a whole. */
export interface CallAppend {
  /** The call before, of the version this step was decided on; none for a new call. */
  readonly before: Call | undefined
  /** The call after: the fold of `records` onto `before`. */
  readonly call: Call
  readonly records: Array.NonEmptyReadonlyArray<CallRecord>
  /** Payloads of the signalling among `records`, by their `seq`. All of a call's go when it ends. */
  readonly signals: ReadonlyArray<{ readonly seq: number; readonly signal: Signal }>
  /**
   * A lease that is bound with this step, or the last one of a person, which is released by it: the last one of
   * `device` or of an unknown device; of any device, where `device` is not known.
   */
  readonly lease?:
    | { readonly bind: Lease }
    | { readonly release: Lease; readonly device?: DeviceId | undefined }
    | undefined
  /** Remembered for 24 h, so that the same request is not carried out twice. */
  readonly request?: CallRequestKey | undefined
}

/** A request that carries an idempotency key, within its scope (user, operation, key). */
export interface CallRequestKey {
  readonly userId: UserId
  readonly operation: string
  readonly key: string
  /** Digest of what was asked. */
  readonly fingerprint: string
  readonly at: DateTime.Utc
}

/** The call moved on from the version that the step was decided on. */
export class VersionConflict extends Schema.TaggedError<VersionConflict>()("VersionConflict", {}) {}
/** The two people have another direct call open; it stands in the way of a new one that is over at once, too. */
export class PairTaken extends Schema.TaggedError<PairTaken>()("PairTaken", { callId: CallId }) {}
/** The person is active in another call. */
export class UserActive extends Schema.TaggedError<UserActive>()("UserActive", { userId: UserId, callId: CallId }) {}
/** The lease to be released was renewed, or is not the last one of the person. */
export class LeaseMoved extends Schema.TaggedError<LeaseMoved>()("LeaseMoved", {}) {}
/** The idempotency key is in use. */
export class RequestKnown extends Schema.TaggedError<RequestKnown>()("RequestKnown", {}) {}

/** Why a step could not be kept. Nothing of it was. */
export const AppendConflictReason = Schema.Union([VersionConflict, PairTaken, UserActive, LeaseMoved, RequestKnown])

export class AppendConflict
  extends Schema.TaggedError<AppendConflict>()("AppendConflict", { reason: AppendConflictReason })
{}

/** An event as one person gets it, with what goes with it. */
export interface Delivery {
  readonly record: CallRecord
  readonly signal: Option.Option<Signal>
}

/** A person who is asked into a call, and has not answered yet. */
export interface Asked {
  readonly userId: UserId
  readonly callId: CallId
}

export class CallRepository extends Context.Service<CallRepository, {
  /** A call that is kept in a form which this host cannot read is none to it, here and in every list; it is left alone. */
  load(id: CallId): Effect.Effect<Option.Option<Call>>
  /** Several calls at once, in no order; unknown ids are left out. */
  loadAll(ids: ReadonlyArray<CallId>): Effect.Effect<ReadonlyArray<Call>>
  append(step: CallAppend): Effect.Effect<void, AppendConflict>
  /** The events of a call that this person sees and that can be read, with `seq` above `after`, oldest first. */
  deliveries(id: CallId, user: UserId, after: number): Effect.Effect<ReadonlyArray<Delivery>>
  /** The payloads of signalling of a call, by the `seq` of their events; those that are gone are left out. */
  signals(id: CallId, seqs: Array.NonEmptyReadonlyArray<number>): Effect.Effect<ReadonlyMap<number, Signal>>
  /** The call that a remembered request led to, and what was asked, if less than 24 h ago. */
  findRequest(
    key: Pick<CallRequestKey, "userId" | "operation" | "key">,
    now: DateTime.Utc
  ): Effect.Effect<Option.Option<{ readonly callId: CallId; readonly fingerprint: string }>>
  /** For those of these people who are active in a call: which. */
  activeIn(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyMap<UserId, CallId>>
  /** The open calls in which this person is active or pending, oldest first. */
  openCallsOf(user: UserId): Effect.Effect<ReadonlyArray<Call>>
  /** A page of the calls of a person under all their ids, newest first by (initiatedAt, id), each once, after `cursor`. */
  history(
    ids: ReadonlyArray<UserId>,
    filter: HistoryFilter,
    page: { readonly after?: HistoryCursor | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<Call>>
  /**
   * Open calls that are due by `now`, earliest first. They are claimed: until `claimedUntil` no other caller gets
   * them, unless a step was appended meanwhile.
   */
  claimDue(now: DateTime.Utc, claimedUntil: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<CallId>>
  /** Ids of open calls that are due before `until`, in order of id, after `after`. */
  dueBefore(
    until: DateTime.Utc,
    page: { readonly after?: CallId | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<CallId>>
  /** People who are asked into a call while they are active in another, in order of person and call, after `after`. */
  askedWhileActive(
    page: { readonly after?: Asked | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<Asked>>
  /** Why a call that is kept cannot be read, in words for an operator; none where it can be, or where there is none. */
  faultOf(id: CallId): Effect.Effect<Option.Option<string>>
  /** Ends a call that cannot be read: without an event, and its state is read no more. Whether there was such a call. */
  discard(id: CallId, at: DateTime.Utc): Effect.Effect<boolean>
  /** How many calls are open. */
  countOpen: Effect.Effect<number>
  /** Forgets at most `limit` requests that are older than 24 h; returns how many. */
  purgeRequests(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/call/CallRepository") {}

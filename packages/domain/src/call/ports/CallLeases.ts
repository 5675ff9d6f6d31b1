/**
 * Port: which connections prove that a person is in a call, and which hosts live. Leases are not events: losing the
 * last one leads to an event.
 */
import { Context, type DateTime, type Effect, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallId, ConnectionId, DeviceId, HostId } from "../model/CallIds.ts"

/**
 * A hold on a person's place in a call: by a realtime connection to a host, or by asking over REST now and then. A
 * person may have several, one for each connection of their device; the person is gone when the last one is lost.
 */
export const Lease = Schema.Struct({
  callId: CallId,
  userId: UserId,
  device: Schema.optionalKey(DeviceId),
  /** The realtime connection; without one the lease is kept by REST. */
  connection: Schema.optionalKey(Schema.Struct({ id: ConnectionId, hostId: HostId })),
  seenAt: Schema.DateTimeUtc
})
export type Lease = typeof Lease.Type

/** A lease that is kept by REST lasts this long after the last request, in seconds. */
export const restLeaseSeconds = 60

/** A host, and how often it has renewed itself. */
export interface HostBeat {
  readonly id: HostId
  readonly beat: number
}

/** What a host learns when it renews itself. */
export interface Renewal {
  /** The host was unknown: it is new, or another host has taken it for dead. */
  readonly isNew: boolean
  readonly others: ReadonlyArray<HostBeat>
  /** By the clock of the store. */
  readonly now: DateTime.Utc
  /** How far the time of calls is ahead of that clock, in milliseconds, as hosts have agreed. */
  readonly aheadMillis: number
}

export class CallLeases extends Context.Service<CallLeases, {
  /** The clock of the store, and how far the time of calls is ahead of it. */
  readonly time: Effect.Effect<Pick<Renewal, "now" | "aheadMillis">>
  /** Says that this host lives, and how far its time of calls is ahead of the clock of the store. */
  renewHost(id: HostId, aheadMillis: number): Effect.Effect<Renewal>
  /** Takes out a host that stops, or one that has not renewed itself since `beat`. Its leases are lost. */
  removeHost(id: HostId, beat?: number): Effect.Effect<void>
  /**
   * Makes or renews a lease, and answers those that the person had on the call before. A lease of a connection takes
   * the place of one that REST keeps; REST makes none beside a connection of the same or of an unknown device.
   */
  bind(lease: Lease): Effect.Effect<ReadonlyArray<Lease>>
  /** The leases that this connection holds. */
  heldBy(connection: ConnectionId): Effect.Effect<ReadonlyArray<Lease>>
  /** The leases that connections to this host hold. */
  heldOn(host: HostId): Effect.Effect<ReadonlyArray<Lease>>
  /**
   * Leases whose host is not among those that live, `self` left out, or which REST has not renewed for
   * `restLeaseSeconds`; the oldest first. Those on the calls of `except` are left out.
   */
  lost(
    self: HostId,
    now: DateTime.Utc,
    page: { readonly limit: number; readonly except?: ReadonlyArray<CallId> }
  ): Effect.Effect<ReadonlyArray<Lease>>
  /** After an outage: every lease that REST keeps counts as renewed at `now`, but for those that somebody is changing. */
  refreshRest(now: DateTime.Utc): Effect.Effect<void>
  /**
   * Drops a lease if another one proves as much: one of `device`, or of an unknown device; any, where `device` is not
   * known. Answers whether it did. Of two that are given up at once, one stays.
   */
  yield(lease: Lease, device: DeviceId | undefined): Effect.Effect<boolean>
  /** Drops a lease by which nobody is in the call, unless it has moved. */
  drop(lease: Lease): Effect.Effect<void>
}>()("@dchat/domain/call/CallLeases") {}

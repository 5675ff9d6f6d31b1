/**
 * Port: the leases that prove the presence of users in calls, and the hosts that live. Leases are not events: losing
 * the last lease leads to an event.
 */
import { Context, type DateTime, type Effect, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallId, ConnectionId, DeviceId, HostId } from "../model/CallIds.ts"

/**
 * A hold on a user's place in a call, by a realtime connection to a host or by repeated REST requests. A user may have
 * several leases, one for each connection of the user's device. The user is lost with the last lease.
 */
export const Lease = Schema.Struct({
  callId: CallId,
  userId: UserId,
  device: Schema.optionalKey(DeviceId),
  /** The realtime connection. A lease without a connection is renewed by REST. */
  connection: Schema.optionalKey(Schema.Struct({ id: ConnectionId, hostId: HostId })),
  seenAt: Schema.DateTimeUtc
})
export type Lease = typeof Lease.Type

/** Seconds for which a REST lease lasts after the last request. */
export const restLeaseSeconds = 60

/** A host, and the number of its renewals. */
export interface HostBeat {
  readonly id: HostId
  readonly beat: number
}

/** The result of a host's renewal. */
export interface Renewal {
  /** The host was unknown: the host is new, or another host has taken it for dead. */
  readonly isNew: boolean
  readonly others: ReadonlyArray<HostBeat>
  /** By the clock of the store. */
  readonly now: DateTime.Utc
  /** Milliseconds by which the time of calls is ahead of the store's clock, as agreed between hosts. */
  readonly aheadMillis: number
}

export class CallLeases extends Context.Service<CallLeases, {
  /** The clock of the store, and the milliseconds by which the time of calls is ahead of that clock. */
  readonly time: Effect.Effect<Pick<Renewal, "now" | "aheadMillis">>
  /** Renews this host. Stores by how much its time of calls is ahead of the store's clock. */
  renewHost(id: HostId, aheadMillis: number): Effect.Effect<Renewal>
  /** Removes a host that stops, or a host that has not renewed itself since `beat`. The leases of the host are lost. */
  removeHost(id: HostId, beat?: number): Effect.Effect<void>
  /**
   * Creates or renews a lease. Returns the leases that the user held on the call before. A lease of a connection
   * replaces a REST lease. REST creates no lease beside a connection of the same device or of an unknown device.
   */
  bind(lease: Lease): Effect.Effect<ReadonlyArray<Lease>>
  /** The leases that this connection holds. */
  heldBy(connection: ConnectionId): Effect.Effect<ReadonlyArray<Lease>>
  /** The leases that connections to this host hold. */
  heldOn(host: HostId): Effect.Effect<ReadonlyArray<Lease>>
  /**
   * Leases whose host is not alive (`self` left out), and REST leases not renewed for `restLeaseSeconds`; oldest first.
   * Leases on the calls in `except` are left out.
   */
  lost(
    self: HostId,
    now: DateTime.Utc,
    page: { readonly limit: number; readonly except?: ReadonlyArray<CallId> }
  ): Effect.Effect<ReadonlyArray<Lease>>
  /** After an outage: renews every REST lease at `now`, except leases in a concurrent change. */
  refreshRest(now: DateTime.Utc): Effect.Effect<void>
  /**
   * Drops a lease if another lease proves the same presence: a lease of `device` or of an unknown device, or any lease
   * if `device` is not known. Returns whether the lease was dropped. If two leases are given up at once, one stays.
   */
  yield(lease: Lease, device: DeviceId | undefined): Effect.Effect<boolean>
  /** Drops a lease by which no user is in the call, unless the lease has changed. */
  drop(lease: Lease): Effect.Effect<void>
}>()("@dchat/domain/call/CallLeases") {}

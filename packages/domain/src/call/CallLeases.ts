/**
 * Port: which connection proves that a person is in a call. Leases are not events: losing one leads to an event.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import { UserId } from "../identity/UserId.ts"
import { CallId, ConnectionId, DeviceId, HostId } from "./CallIds.ts"

/** One person's hold on one call: by a realtime connection to a host, or by asking over REST now and then. */
export const Lease = Schema.Struct({
  callId: CallId,
  userId: UserId,
  device: Schema.optionalKey(DeviceId),
  /** The realtime connection; without one the lease is kept by REST. */
  connection: Schema.optionalKey(Schema.Struct({ id: ConnectionId, hostId: HostId })),
  seenAt: Schema.DateTimeUtc
})
export type Lease = typeof Lease.Type

/** A host is taken for dead when it has not renewed itself for this long, in seconds. */
export const hostLifetimeSeconds = 15

/** A lease that is kept by REST lasts this long after the last request, in seconds. */
export const restLeaseSeconds = 60

export class CallLeases extends Context.Service<CallLeases, {
  /** Says that this host lives until `expiresAt`; answers how many others do. */
  renewHost(id: HostId, now: DateTime.Utc, expiresAt: DateTime.Utc): Effect.Effect<number>
  /** Takes a host out that stops. Its leases are lost. */
  removeHost(id: HostId): Effect.Effect<void>
  /** Makes this the person's lease on the call; answers the one it replaces. */
  bind(lease: Lease): Effect.Effect<Option.Option<Lease>>
  /** Renews or makes a lease by REST. One that a connection holds is left alone. */
  touch(lease: Omit<Lease, "connection">): Effect.Effect<void>
  /** The leases that this connection holds. */
  heldBy(connection: ConnectionId): Effect.Effect<ReadonlyArray<Lease>>
  /** Leases whose host is dead, or which REST has not renewed for `restLeaseSeconds`; the oldest first. */
  lost(now: DateTime.Utc, limit: number): Effect.Effect<ReadonlyArray<Lease>>
  /** Drops a lease of a call in which the person is no longer active, unless it has moved. */
  drop(lease: Lease): Effect.Effect<void>
}>()("@dchat/domain/call/CallLeases") {}

/**
 * The state that the repository of calls, finished calls and the leases of calls share in memory.
 */
import {
  type Call,
  type CallId,
  type CallProjection,
  type CallRecord,
  type DeviceId,
  type HostId,
  type Lease,
  type Signal
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { Context, DateTime, Layer } from "effect"

export interface KeptCall {
  readonly call: Call
  readonly records: ReadonlyArray<CallRecord>
  readonly signals: ReadonlyMap<number, Signal>
  readonly entries: ReadonlyArray<CallProjection.UserCall>
  readonly claimedUntil?: DateTime.Utc
}

export class MemoryCallStore extends Context.Service<MemoryCallStore, {
  readonly calls: Map<CallId, KeptCall>
  /** Calls that have ended, once they were moved here. */
  readonly finished: Map<CallId, Pick<KeptCall, "call" | "records" | "entries">>
  /** The calls in which a user has an entry. */
  readonly callsOf: Map<UserId, Set<CallId>>
  /** Open direct calls, by `pairKey`. */
  readonly pairs: Map<string, CallId>
  /** By `leaseKey`. */
  readonly leases: Map<string, Lease>
  /** How often each host has renewed itself. */
  readonly hosts: Map<HostId, number>
}>()("@dchat/adapters/memory/MemoryCallStore") {
  static readonly layer = Layer.sync(MemoryCallStore, () =>
    MemoryCallStore.of({
      calls: new Map(),
      finished: new Map(),
      callsOf: new Map(),
      pairs: new Map(),
      leases: new Map(),
      hosts: new Map()
    }))
}

export const pairKey = ([low, high]: readonly [UserId, UserId]): string => `${low} ${high}`

export const leaseKey = ({ callId, connection, userId }: Pick<Lease, "callId" | "connection" | "userId">): string =>
  `${callId} ${userId} ${connection?.id ?? ""}`

/** The leases of a user on a call. */
export const leasesOf = (
  { leases }: Pick<MemoryCallStore["Service"], "leases">,
  { callId, userId }: Pick<Lease, "callId" | "userId">
): ReadonlyArray<Lease> => [...leases.values()].filter((lease) => lease.callId === callId && lease.userId === userId)

/** Whether another lease of the user proves as much as this one. */
export const hasOther = (
  store: Pick<MemoryCallStore["Service"], "leases">,
  lease: Lease,
  device: DeviceId | undefined
): boolean => leasesOf(store, lease).some((other) => leaseKey(other) !== leaseKey(lease) && mayBeOf(other, device))

/** Whether a lease may be of this device. */
export const mayBeOf = (lease: Lease, device: DeviceId | undefined): boolean =>
  device === undefined || lease.device === undefined || lease.device === device

/** Whether a lease is still the one it was: held by the same connection, or by REST and not renewed since. */
export const isUnmoved = (lease: Lease, stored: Lease): boolean =>
  lease.connection?.id === stored.connection?.id &&
  (lease.connection !== undefined || DateTime.Equivalence(lease.seenAt, stored.seenAt))

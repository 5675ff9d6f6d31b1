/**
 * Keeps leases in maps: for tests and examples.
 */
import { CallLeases, type HostBeat, type Lease, restLeaseSeconds } from "@dchat/domain/call"
import { DateTime, Effect, Layer, Order } from "effect"
import { hasOther, isUnmoved, leaseKey, leasesOf, mayBeOf, MemoryCallStore } from "./MemoryCallStore.ts"

export const layer = Layer.effect(
  CallLeases,
  Effect.gen(function*() {
    const store = yield* MemoryCallStore
    const { hosts, leases } = store
    let agreedMillis = 0

    return CallLeases.of({
      time: Effect.map(DateTime.now, (now) => ({ now, aheadMillis: agreedMillis })),
      renewHost: (id, aheadMillis) =>
        Effect.map(DateTime.now, (now) => {
          const beat = hosts.get(id) ?? 0
          const others = [...hosts].flatMap(([other, beat]): ReadonlyArray<HostBeat> =>
            other === id ? [] : [{ id: other, beat }]
          )
          hosts.set(id, beat + 1)
          const before = agreedMillis
          agreedMillis = aheadMillis
          return { isNew: beat === 0, others, now, aheadMillis: before }
        }),
      removeHost: (id, beat) =>
        Effect.sync(() => {
          if (beat === undefined || hosts.get(id) === beat) hosts.delete(id)
        }),
      bind: (lease) =>
        Effect.sync(() => {
          const before = leasesOf(store, lease)
          bind(store, lease)
          return before
        }),
      heldBy: (connection) =>
        Effect.sync(() => [...leases.values()].filter((lease) => lease.connection?.id === connection)),
      heldOn: (host) => Effect.sync(() => [...leases.values()].filter(({ connection }) => connection?.hostId === host)),
      lost: (self, now, { except = [], limit }) =>
        Effect.sync(() => {
          const restDeadline = DateTime.subtract(now, { seconds: restLeaseSeconds })
          return [...leases.values()]
            .filter(({ callId, connection, seenAt }) =>
              !except.includes(callId) && (connection === undefined
                ? DateTime.isLessThanOrEqualTo(seenAt, restDeadline)
                : connection.hostId !== self && !hosts.has(connection.hostId))
            )
            .toSorted(Order.mapInput(DateTime.Order, ({ seenAt }) => seenAt))
            .slice(0, limit)
        }),
      refreshRest: (now) =>
        Effect.sync(() => {
          for (const [key, lease] of leases) {
            if (lease.connection === undefined) leases.set(key, { ...lease, seenAt: now })
          }
        }),
      yield: (lease, device) =>
        Effect.sync(() => {
          const stored = leases.get(leaseKey(lease))
          if (stored === undefined) return true
          return isUnmoved(lease, stored) && hasOther(store, lease, device) && leases.delete(leaseKey(lease))
        }),
      drop: (lease) =>
        Effect.sync(() => {
          const stored = leases.get(leaseKey(lease))
          if (stored !== undefined && isUnmoved(lease, stored)) leases.delete(leaseKey(lease))
        })
    })
  })
)

/** As `CallLeases.bind`. */
export const bind = (store: MemoryCallStore["Service"], lease: Lease): void => {
  const { connection: _, ...byRest } = lease
  if (lease.connection !== undefined) store.leases.delete(leaseKey(byRest))
  else if (leasesOf(store, lease).some((one) => one.connection !== undefined && mayBeOf(one, lease.device))) return
  const stored = store.leases.get(leaseKey(lease))
  const seenAt = stored === undefined ? lease.seenAt : DateTime.max(stored.seenAt, lease.seenAt)
  store.leases.set(leaseKey(lease), { ...lease, seenAt })
}

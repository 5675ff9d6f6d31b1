/**
 * Keeps leases in maps: for tests and examples.
 */
import { CallLeases, type HostId, restLeaseSeconds } from "@dchat/domain/call"
import { DateTime, Effect, Layer, Option, Order } from "effect"
import { isUnmoved, leaseKey, MemoryCallStore } from "./MemoryCallStore.ts"

export const layer = Layer.effect(
  CallLeases,
  Effect.gen(function*() {
    const { hosts, leases } = yield* MemoryCallStore

    const isAlive = (host: HostId, now: DateTime.Utc): boolean => {
      const expiresAt = hosts.get(host)
      return expiresAt !== undefined && DateTime.isGreaterThan(expiresAt, now)
    }

    return CallLeases.of({
      renewHost: (id, now, expiresAt) =>
        Effect.sync(() => {
          hosts.set(id, expiresAt)
          return [...hosts.keys()].filter((host) => host !== id && isAlive(host, now)).length
        }),
      removeHost: (id) => Effect.sync(() => void hosts.delete(id)),
      bind: (lease) =>
        Effect.sync(() => {
          const replaced = Option.fromUndefinedOr(leases.get(leaseKey(lease)))
          leases.set(leaseKey(lease), lease)
          return replaced
        }),
      touch: (lease) =>
        Effect.sync(() => {
          const stored = leases.get(leaseKey(lease))
          if (stored?.connection !== undefined) return
          const seenAt = stored === undefined ? lease.seenAt : DateTime.max(stored.seenAt, lease.seenAt)
          leases.set(leaseKey(lease), { ...lease, seenAt })
        }),
      heldBy: (connection) =>
        Effect.sync(() => [...leases.values()].filter((lease) => lease.connection?.id === connection)),
      lost: (now, limit) =>
        Effect.sync(() => {
          const restDeadline = DateTime.subtract(now, { seconds: restLeaseSeconds })
          return [...leases.values()]
            .filter(({ connection, seenAt }) =>
              connection === undefined
                ? DateTime.isLessThanOrEqualTo(seenAt, restDeadline)
                : !isAlive(connection.hostId, now)
            )
            .toSorted(Order.mapInput(DateTime.Order, ({ seenAt }) => seenAt))
            .slice(0, limit)
        }),
      drop: (lease) =>
        Effect.sync(() => {
          const stored = leases.get(leaseKey(lease))
          if (stored !== undefined && isUnmoved(lease, stored)) leases.delete(leaseKey(lease))
        })
    })
  })
)

/**
 * Tracks in memory the users who are connected to this process. One host needs no other store.
 */
import { Presence, type UserId } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"

export const layer = Layer.sync(Presence, () => {
  const connections = new Map<UserId, Map<string, number>>()

  const count = (userId: UserId, device: string, change: 1 | -1) =>
    Effect.sync(() => {
      const devices = connections.get(userId) ?? new Map<string, number>()
      const connected = (devices.get(device) ?? 0) + change
      if (connected === 0) devices.delete(device)
      else devices.set(device, connected)
      if (devices.size === 0) connections.delete(userId)
      else connections.set(userId, devices)
    })

  return Presence.of({
    connect: (userId, device) => Effect.acquireRelease(count(userId, device, 1), () => count(userId, device, -1)),
    online: (userIds) => Effect.sync(() => new Set(userIds.filter((id) => connections.has(id))))
  })
})

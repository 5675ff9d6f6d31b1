/**
 * Stores codes, tokens and sessions in memory, while the simulated LinkedIn runs.
 */
import type { Adapter, StoredModel } from "oidc-provider"

/** Makes one adapter for each model. What has expired is told by the models themselves. */
export const make = (): (model: string) => Adapter => {
  const stored = new Map<string, StoredModel>()
  return (model) => {
    const keyOf = (id: string) => `${model}:${id}`
    return {
      upsert: async (id, payload) => void stored.set(keyOf(id), payload),
      find: async (id) => stored.get(keyOf(id)),
      findByUid: async (uid) =>
        [...stored].find(([key, payload]) => key.startsWith(`${model}:`) && payload.uid === uid)?.[1],
      // Devices that sign in by a user code are not what LinkedIn has.
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const payload = stored.get(keyOf(id))
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id) => void stored.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key)
      }
    }
  }
}

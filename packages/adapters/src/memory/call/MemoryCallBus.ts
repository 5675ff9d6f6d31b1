/**
 * Publishes the events of a call to its participants within this process.
 */
import { CallBus, type CallNotice } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { Effect, Layer, Queue } from "effect"

/** Notices that a listener may lag behind by; older ones are lost to it. */
const listenerCapacity = 256

export const layer = Layer.sync(CallBus, () => {
  const listeners = new Map<UserId, Set<Queue.Queue<CallNotice>>>()

  return CallBus.of({
    publish: (notice) =>
      Effect.sync(() => {
        const audience = new Set(notice.records.flatMap(({ audience }) => Object.keys(audience) as Array<UserId>))
        for (const user of audience) {
          for (const listener of listeners.get(user) ?? []) Queue.offerUnsafe(listener, notice)
        }
      }),
    subscribe: (user) =>
      Effect.acquireRelease(
        Effect.tap(Queue.sliding<CallNotice>(listenerCapacity), (listener) =>
          Effect.sync(() => listeners.set(user, (listeners.get(user) ?? new Set()).add(listener)))),
        (listener) =>
          Effect.suspend(() => {
            listeners.get(user)?.delete(listener)
            if (listeners.get(user)?.size === 0) {
              listeners.delete(user)
            }
            return Queue.shutdown(listener)
          })
      ),
    isReachable: Effect.succeed(true)
  })
})

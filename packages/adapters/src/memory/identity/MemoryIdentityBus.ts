/**
 * Publishes changes of users and sessions within this process.
 */
import { IdentityBus, type IdentityNotice } from "@dchat/domain/identity"
import { Effect, Layer, Queue } from "effect"

/** Notices that a listener may lag behind by; older ones are lost to it. */
const listenerCapacity = 1024

export const layer = Layer.sync(IdentityBus, () => {
  const listeners = new Set<Queue.Queue<IdentityNotice>>()

  return IdentityBus.of({
    publish: (notice) =>
      Effect.sync(() => {
        for (const listener of listeners) Queue.offerUnsafe(listener, notice)
      }),
    subscribe: Effect.acquireRelease(
      Effect.tap(
        Queue.sliding<IdentityNotice>(listenerCapacity),
        (listener) => Effect.sync(() => listeners.add(listener))
      ),
      (listener) =>
        Effect.suspend(() => {
          listeners.delete(listener)
          return Queue.shutdown(listener)
        })
    )
  })
})

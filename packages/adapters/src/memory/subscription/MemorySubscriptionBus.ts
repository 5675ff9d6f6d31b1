/**
 * Notifies listeners within this process of the users whose subscription has changed.
 */
import { SubscriptionBus, type SubscriptionChanged } from "@dchat/domain/subscription"
import { Effect, Layer, Queue } from "effect"

/** Messages that a listener may lag behind by; older ones are lost to it. */
const listenerCapacity = 1024

export const layer = Layer.sync(SubscriptionBus, () => {
  const listeners = new Set<Queue.Queue<SubscriptionChanged>>()

  return SubscriptionBus.of({
    publish: (message) =>
      Effect.sync(() => {
        for (const listener of listeners) Queue.offerUnsafe(listener, message)
      }),
    subscribe: Effect.acquireRelease(
      Effect.tap(
        Queue.sliding<SubscriptionChanged>(listenerCapacity),
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

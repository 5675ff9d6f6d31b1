/**
 * Publishes the events of a call to its participants within this process.
 */
import { CallBus, type CallNotice } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { Effect, Layer, Queue } from "effect"

/** Notices that a listener may lag behind by; older ones are lost to it. */
const listenerCapacity = 256

type Listener = (notice: CallNotice) => void

export const layer = Layer.sync(CallBus, () => {
  const listeners = new Map<UserId, Set<Listener>>()

  const listen = (user: UserId, listener: Listener) =>
    Effect.asVoid(Effect.acquireRelease(
      Effect.sync(() => listeners.set(user, (listeners.get(user) ?? new Set()).add(listener))),
      () =>
        Effect.sync(() => {
          listeners.get(user)?.delete(listener)
          if (listeners.get(user)?.size === 0) listeners.delete(user)
        })
    ))

  return CallBus.of({
    publish: (notice) =>
      Effect.sync(() => {
        const audience = new Set<string>()
        for (const record of notice.records) for (const user in record.audience) audience.add(user)
        for (const user of audience) for (const listener of listeners.get(user as UserId) ?? []) listener(notice)
      }),
    listen,
    subscribe: (user) =>
      Effect.acquireRelease(Queue.sliding<CallNotice>(listenerCapacity), Queue.shutdown).pipe(
        Effect.tap((queue) => listen(user, (notice) => Queue.offerUnsafe(queue, notice)))
      ),
    isReachable: Effect.succeed(true)
  })
})

/**
 * Raises the limits of the calls that a user has placed, as soon as the plan of the user changes.
 */
import { Calls } from "@dchat/domain/call"
import { SubscriptionBus } from "@dchat/domain/subscription"
import { Effect, Layer, Queue } from "effect"

export const layer = Layer.effectDiscard(
  Effect.gen(function*() {
    const bus = yield* SubscriptionBus
    const calls = yield* Calls
    const changes = yield* bus.subscribe
    yield* Queue.take(changes).pipe(
      Effect.flatMap(({ userId }) => calls.raiseLimits(userId)),
      Effect.catchCause((cause) => Effect.logWarning("could not raise the limits of calls", cause)),
      Effect.forever,
      Effect.forkScoped
    )
  })
)

/**
 * Opens calls, subscriptions and entitlements in the process of an application.
 */
import { CallBus } from "@dchat/domain/call"
import { SubscriptionBus } from "@dchat/domain/subscription"
import { Deferred, Effect, Exit, type Layer, ManagedRuntime, type Queue, Scope, Stream } from "effect"
import type { Dchat, DchatEvents } from "./Dchat.ts"
import type { DchatOptions } from "./DchatOptions.ts"
import { installationInMemory, installationOnDatabase } from "./Installation.ts"
import { callsOf, entitlementsOf, identitiesOf, type Needed, readUserId, subscriptionsOf } from "./PromisedServices.ts"

/**
 * Opens the database, brings its schema up to date and starts the background work: timers of calls, deadlines of
 * subscriptions, and the exchange with Stripe. Rejects with one error that says why dchat cannot start.
 */
export const openDchat = async (options: DchatOptions): Promise<Dchat> => {
  const layer: Layer.Layer<Needed, unknown> = options.database === "memory"
    ? installationInMemory(options)
    : installationOnDatabase(options)
  const runtime = ManagedRuntime.make(layer)
  const context = await runtime.context()
  const closed = Deferred.makeUnsafe<void>()

  const listen = <A, E>(
    subscribe: Effect.Effect<Queue.Dequeue<A>, E, Needed | Scope.Scope>
  ): Promise<AsyncIterable<A>> =>
    runtime.runPromise(Effect.gen(function*() {
      const scope = yield* Scope.make()
      const queue = yield* Scope.provide(subscribe, scope)
      const stream = Stream.fromQueue(queue).pipe(
        Stream.interruptWhen(Deferred.await(closed)),
        Stream.ensuring(Scope.close(scope, Exit.void))
      )
      return Stream.toAsyncIterableWith(stream, context)
    }))

  const events: DchatEvents = {
    calls: (userId) =>
      listen(Effect.gen(function*() {
        return yield* (yield* CallBus).subscribe(yield* readUserId(userId))
      })),
    subscriptions: () => listen(Effect.flatMap(SubscriptionBus, ({ subscribe }) => subscribe))
  }

  return {
    calls: callsOf(runtime.runPromise),
    subscriptions: subscriptionsOf(runtime.runPromise),
    entitlements: entitlementsOf(runtime.runPromise),
    identities: identitiesOf(runtime.runPromise),
    events,
    close: async () => {
      Deferred.doneUnsafe(closed, Effect.void)
      await runtime.dispose()
    }
  }
}

/**
 * Port: notifies all hosts of changed subscriptions. Messages may be lost; correctness does not depend on them.
 */
import { Context, type Effect, type Queue, type Scope } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export interface SubscriptionChanged {
  readonly userId: UserId
}

export class SubscriptionBus extends Context.Service<SubscriptionBus, {
  publish(message: SubscriptionChanged): Effect.Effect<void>
  /** All messages from now on. A slow listener loses the oldest messages. */
  readonly subscribe: Effect.Effect<Queue.Dequeue<SubscriptionChanged>, never, Scope.Scope>
}>()("@dchat/domain/subscription/SubscriptionBus") {}

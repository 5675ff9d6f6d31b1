/**
 * Port: tells the hosts whose subscription has changed. It may lose messages; nothing right depends on it.
 */
import { Context, type Effect, type Queue, type Scope } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export interface SubscriptionChanged {
  readonly userId: UserId
}

export class SubscriptionBus extends Context.Service<SubscriptionBus, {
  publish(message: SubscriptionChanged): Effect.Effect<void>
  /** Everything from now on. A listener that lags loses the oldest. */
  readonly subscribe: Effect.Effect<Queue.Dequeue<SubscriptionChanged>, never, Scope.Scope>
}>()("@dchat/domain/subscription/SubscriptionBus") {}

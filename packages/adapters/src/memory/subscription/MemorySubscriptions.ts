/**
 * All ports of subscriptions in memory, except payments.
 */
import { Layer } from "effect"
import * as MemorySubscriptionBus from "./MemorySubscriptionBus.ts"
import * as MemorySubscriptionRepository from "./MemorySubscriptionRepository.ts"
import * as MemoryUsageRepository from "./MemoryUsageRepository.ts"

export const layer = Layer.mergeAll(
  MemorySubscriptionBus.layer,
  MemorySubscriptionRepository.layer,
  MemoryUsageRepository.layer
)

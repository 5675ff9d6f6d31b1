/**
 * Every port of subscriptions in memory, but for the ways to pay.
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

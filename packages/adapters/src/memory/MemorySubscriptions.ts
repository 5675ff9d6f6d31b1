/**
 * Every port of subscriptions in memory, but for the ways to pay.
 */
import { Layer } from "effect"
import * as MemorySubscriptionBus from "./MemorySubscriptionBus.ts"
import * as MemorySubscriptionRepository from "./MemorySubscriptionRepository.ts"

export const layer = Layer.merge(MemorySubscriptionBus.layer, MemorySubscriptionRepository.layer)

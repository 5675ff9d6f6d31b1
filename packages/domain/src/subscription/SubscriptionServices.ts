/**
 * The subscription services together, over the ports.
 */
import { Layer } from "effect"
import { Entitlements } from "./Entitlements.ts"
import { SubscriptionAdministration } from "./SubscriptionAdministration.ts"
import { SubscriptionClock } from "./SubscriptionClock.ts"
import { Subscriptions } from "./Subscriptions.ts"
import { Usage } from "./Usage.ts"

/** What a host of subscriptions needs; deadlines are driven where `SubscriptionClock.layerSweeping` is added. */
export const layerSubscriptionServices = Layer.mergeAll(
  Usage.layer,
  SubscriptionAdministration.layer,
  SubscriptionClock.layer,
  Subscriptions.layer
).pipe(Layer.provideMerge(Entitlements.layer))

/**
 * The subscription services together, over the ports.
 */
import { Layer } from "effect"
import { layerCatalogueCheck } from "./CatalogueCheck.ts"
import { Entitlements } from "./Entitlements.ts"
import { SubscriptionAdministration } from "./SubscriptionAdministration.ts"
import { SubscriptionClock } from "./SubscriptionClock.ts"
import { Subscriptions } from "./Subscriptions.ts"
import { Usage } from "./Usage.ts"

/** What a host of subscriptions needs, where its plans are complete; deadlines are driven where `SubscriptionClock.layerSweeping` is added. */
export const layerSubscriptionServices = Layer.mergeAll(
  layerCatalogueCheck,
  Usage.layer,
  SubscriptionAdministration.layer,
  SubscriptionClock.layer,
  Subscriptions.layer
).pipe(Layer.provideMerge(Entitlements.layer))

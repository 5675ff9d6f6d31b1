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
import { WalletPayments } from "./WalletPayments.ts"

/** The services of a host. Fails if the plans are incomplete. Add `SubscriptionClock.layerSweeping` to apply deadlines. */
export const layerSubscriptionServices = Layer.mergeAll(
  layerCatalogueCheck,
  Usage.layer,
  SubscriptionAdministration.layer,
  SubscriptionClock.layer,
  Subscriptions.layer,
  WalletPayments.layer
).pipe(Layer.provideMerge(Entitlements.layer))

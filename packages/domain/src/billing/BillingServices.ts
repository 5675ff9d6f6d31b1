/**
 * The services of billing together, over the ports.
 */
import { Layer } from "effect"
import { BillingDelivery } from "./BillingDelivery.ts"
import { BillingSync } from "./BillingSync.ts"
import { BillingWorkers } from "./BillingWorkers.ts"
import * as ProviderBilling from "./ProviderBilling.ts"
import { ProviderTrouble } from "./ProviderTrouble.ts"
import { Reconciliation } from "./Reconciliation.ts"
import { Webhooks } from "./Webhooks.ts"

/** The services of a host with a provider. Add `BillingWorkers.layerWorking` to do the work in the background. */
export const layerBillingServices = Layer.merge(BillingWorkers.layer, ProviderBilling.layer).pipe(
  Layer.provideMerge(
    Layer.mergeAll(BillingDelivery.layer, BillingSync.layer, Reconciliation.layer, Webhooks.layer)
  ),
  Layer.provide(ProviderTrouble.layer)
)

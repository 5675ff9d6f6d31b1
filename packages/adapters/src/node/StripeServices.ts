/**
 * Billing by Stripe: the services that tell Stripe and ask Stripe, and the workers that do so in the background.
 */
import { BillingWorkers, layerBillingServices } from "@dchat/domain/billing"
import { Layer } from "effect"
import { StripeBilling } from "../stripe/index.ts"

export const StripeServices = (options: StripeBilling.Options) =>
  layerBillingServices.pipe(Layer.provideMerge(StripeBilling.layer(options)))

/** With the workers, which one or more hosts of an installation need. */
export const StripeHost = (options: StripeBilling.Options) =>
  BillingWorkers.layerWorking.pipe(Layer.provideMerge(StripeServices(options)))

/**
 * Billing by Stripe: the services that send decisions to Stripe and read purchases, and the background workers.
 */
import { BillingWorkers, layerBillingServices } from "@dchat/domain/billing"
import { Layer } from "effect"
import { StripeBilling } from "../stripe/index.ts"

export const StripeServices = (options: StripeBilling.Options) =>
  layerBillingServices.pipe(Layer.provideMerge(StripeBilling.layer(options)))

/** Includes the workers. At least one host of an installation needs the workers. */
export const StripeHost = (options: StripeBilling.Options) =>
  BillingWorkers.layerWorking.pipe(Layer.provideMerge(StripeServices(options)))

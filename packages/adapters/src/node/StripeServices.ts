/**
 * Billing by Stripe: the services that send decisions to Stripe and read purchases, and the background workers.
 */
import { BillingWorkers, layerBillingServices } from "@dchat/domain/billing"
import { Effect, Layer } from "effect"
import type { StripeBilling } from "../stripe/index.ts"

/** Stripe's library is a quarter of what a host would load, and only a host that sells uses it. */
const layerStripe = (options: StripeBilling.Options) =>
  Layer.unwrap(Effect.map(Effect.promise(() => import("../stripe/StripeBilling.ts")), ({ layer }) => layer(options)))

export const StripeServices = (options: StripeBilling.Options) =>
  layerBillingServices.pipe(Layer.provideMerge(layerStripe(options)))

/** Includes the workers. At least one host of an installation needs the workers. */
export const StripeHost = (options: StripeBilling.Options) =>
  BillingWorkers.layerWorking.pipe(Layer.provideMerge(StripeServices(options)))

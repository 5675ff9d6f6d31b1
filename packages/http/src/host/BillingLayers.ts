/**
 * The payment provider of a host: Stripe, or none.
 */
import { StripeServices as ServicesOfStripe } from "@dchat/adapters/node"
import { type BillingTurns, BillingWorkers } from "@dchat/domain/billing"
import { Billing } from "@dchat/domain/subscription"
import { Effect, Layer, Option } from "effect"
import type { StripeConfig } from "../config/BillingConfig.ts"
import { HostSettings } from "../config/HostSettings.ts"

/** No payment provider: users cannot buy plans. */
export const NoBilling = Billing.layerNone

/** Stripe, which redirects users to the page of this host. */
export const StripeServices = (config: StripeConfig) =>
  Layer.unwrap(
    Effect.map(HostSettings, ({ publicUrl }) => ServicesOfStripe({ ...config, returnTo: new URL("/#plan", publicUrl) }))
  )

/** As the host is configured; the workers tell Stripe and ask Stripe in the background. */
export const BillingLayer = (
  config: Option.Option<StripeConfig>
): Layer.Layer<Billing, never, Layer.Services<ReturnType<typeof StripeServices>> | BillingTurns> =>
  Option.isNone(config)
    ? NoBilling
    : BillingWorkers.layerWorking.pipe(Layer.provideMerge(StripeServices(config.value)))

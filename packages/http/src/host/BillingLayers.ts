/**
 * How people pay here: by Stripe, or not at all.
 */
import { StripeBilling } from "@dchat/adapters/stripe"
import { type BillingTurns, BillingWorkers, layerBillingServices } from "@dchat/domain/billing"
import { Billing } from "@dchat/domain/subscription"
import { Effect, Layer, Option } from "effect"
import type { StripeConfig } from "../config/BillingConfig.ts"
import { HostSettings } from "../config/HostSettings.ts"

/** Nothing can be bought. */
export const NoBilling = Billing.layerNone

/** By Stripe; what it has to be told, and asked, is done in the background. */
export const StripeServices = (config: StripeConfig) =>
  layerBillingServices.pipe(
    Layer.provideMerge(
      Layer.unwrap(
        Effect.map(
          HostSettings,
          ({ publicUrl }) => StripeBilling.layer({ ...config, returnTo: new URL("/#plan", publicUrl) })
        )
      )
    )
  )

/** As the host is configured. */
export const BillingLayer = (
  config: Option.Option<StripeConfig>
): Layer.Layer<Billing, never, Layer.Services<ReturnType<typeof StripeServices>> | BillingTurns> =>
  Option.isNone(config)
    ? NoBilling
    : BillingWorkers.layerWorking.pipe(Layer.provideMerge(StripeServices(config.value)))

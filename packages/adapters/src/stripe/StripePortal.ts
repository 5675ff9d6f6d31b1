/**
 * Stripe's page on which users see their invoices, change their card and cancel. Plans are changed in dchat
 * only, where the rules are.
 */
import type { Stripe } from "stripe"

/** Marks the configuration of the portal that is ours. */
const mark = { dchat: "portal" }

const features: Stripe.BillingPortal.ConfigurationCreateParams.Features = {
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true, mode: "at_period_end" },
  subscription_pause: { enabled: false },
  subscription_update: { enabled: false }
}

export const findPortal = async (stripe: Stripe): Promise<string | undefined> => {
  const { data } = await stripe.billingPortal.configurations.list({ active: true, limit: 100 })
  return data.find(({ metadata }) => metadata?.["dchat"] === mark.dchat)?.id
}

/** Makes the portal what it has to be. */
export const configurePortal = async (stripe: Stripe): Promise<void> => {
  const known = await findPortal(stripe)
  if (known === undefined) await stripe.billingPortal.configurations.create({ features, metadata: mark })
  else await stripe.billingPortal.configurations.update(known, { features })
}

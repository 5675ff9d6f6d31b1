/**
 * Port: the ways in which people can pay at this installation.
 */
import { Context, Effect, Layer, Schema } from "effect"
import type { PaymentMethod } from "./Subscription.ts"

/** Nobody can pay by card here: Stripe is not set up. */
export class StripeNotConfigured extends Schema.TaggedError<StripeNotConfigured>()("StripeNotConfigured", {}) {
  override get message() {
    return "paying by card is not set up"
  }
}

/** Nobody can pay by wallet here. */
export class Web3NotConfigured extends Schema.TaggedError<Web3NotConfigured>()("Web3NotConfigured", {}) {
  override get message() {
    return "paying by wallet is not set up"
  }
}

export type MethodNotConfigured = StripeNotConfigured | Web3NotConfigured

export class BillingMethods extends Context.Service<BillingMethods, {
  /** Refuses a method that is not set up. */
  require(method: PaymentMethod): Effect.Effect<void, MethodNotConfigured>
}>()("@dchat/domain/subscription/BillingMethods") {
  /** Nothing can be bought; whatever is granted or was bought before is there all the same. */
  static readonly layerNone = Layer.succeed(BillingMethods, {
    require: (method) =>
      Effect.fail<MethodNotConfigured>(method === "stripe" ? new StripeNotConfigured() : new Web3NotConfigured())
  })
}

/**
 * Port: the ways in which people can pay at this installation.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { PaymentMethod } from "./Subscription.ts"

/** Nobody can pay in this way here: it is not set up. */
export class MethodNotConfigured
  extends Schema.TaggedError<MethodNotConfigured>()("MethodNotConfigured", { method: PaymentMethod })
{
  override get message() {
    return `paying by ${this.method} is not set up`
  }
}

export class BillingMethods extends Context.Service<BillingMethods, {
  /** Refuses a method that is not set up. */
  require(method: PaymentMethod): Effect.Effect<void, MethodNotConfigured>
}>()("@dchat/domain/subscription/BillingMethods") {
  /** Nothing can be bought; whatever is granted or was bought before is there all the same. */
  static readonly layerNone = Layer.succeed(BillingMethods, {
    require: (method) => Effect.fail(new MethodNotConfigured({ method }))
  })
}

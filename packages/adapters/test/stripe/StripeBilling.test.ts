/**
 * The stand-in always; Stripe's test mode where a key for it is given.
 */
import { StripeDouble } from "@dchat/doubles/stripe"
import { Effect, Layer, Redacted } from "effect"
import { stripeContract, StripeSide } from "./StripeBilling.contract.ts"

const standIn = Layer.unwrap(
  Effect.map(Effect.orDie(StripeDouble.make()), ({ clock, origin, secretKey }) =>
    Layer.merge(
      Layer.succeed(StripeSide, { secretKey: Redacted.make(secretKey), apiBase: new URL(origin) }),
      clock.layer
    ))
)

stripeContract("StripeBilling with the stand-in", standIn)

const key = process.env["STRIPE_TEST_KEY"]

if (key) {
  if (!/^(sk|rk)_test_/.test(key)) throw new Error("STRIPE_TEST_KEY: not a key of Stripe's test mode")
  stripeContract("StripeBilling with Stripe's test mode", Layer.succeed(StripeSide, { secretKey: Redacted.make(key) }))
}

import { StripeApiBase } from "@dchat/adapters/stripe"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"

const isTaken = (environment: "development" | "production", base: string) =>
  Option.isSome(Schema.decodeUnknownOption(StripeApiBase(environment))(base))

describe("The URL to which the secret key may be sent", () => {
  it("is the one of Stripe's API, and in development of a stand-in on this computer", () => {
    assert.isTrue(isTaken("production", "https://api.stripe.com"))
    assert.isTrue(isTaken("development", "https://api.stripe.com/"))
    for (const standIn of ["http://127.0.0.1:4010", "http://localhost:4010", "http://[::1]:4010"]) {
      assert.isTrue(isTaken("development", standIn), standIn)
      assert.isFalse(isTaken("production", standIn), standIn)
    }
  })

  it("is no other", () => {
    const elsewhere = [
      "http://api.stripe.com",
      "https://api.stripe.com:8443",
      "https://api.stripe.com.example.org",
      "https://stripe.example.org",
      "https://evil-stripe.com",
      "https://api.stripe.com@example.org",
      "https://user:password@api.stripe.com",
      "https://api.stripe.com/v2",
      "http://127.0.0.1.example.org",
      "http://10.0.0.1",
      "http://0.0.0.0:4010",
      "ftp://127.0.0.1",
      "stripe"
    ]
    for (const base of elsewhere) {
      assert.isFalse(isTaken("development", base), base)
      assert.isFalse(isTaken("production", base), base)
    }
  })
})

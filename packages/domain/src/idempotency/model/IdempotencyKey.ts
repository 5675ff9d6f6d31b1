/**
 * Idempotency keys, as in Stripe's API ("Idempotent requests") and in the IETF draft "The Idempotency-Key HTTP Header
 * Field": the same request with the same key has the same result, and another request with this key is refused.
 */
import { Schema } from "effect"

/** A text that the client chooses. */
export const IdempotencyKey = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,128}$/u))

/** How long a key is remembered, unless its operation states another time. */
export const retention = "24 hours"

/**
 * Translates the failures of Stripe: retry, or give up. Only the type and the code of a failure are passed on, because
 * its message may name users.
 */
import { ProviderRefused, ProviderUnavailable } from "@dchat/domain/billing"
import { Effect, Schema } from "effect"
import { Stripe } from "stripe"

/** An object does not exist, or not any more. */
export class StripeMissing extends Schema.TaggedError<StripeMissing>()("StripeMissing", {
  /** The parameter that named the object, as in `customer`. */
  param: Schema.optionalKey(Schema.String)
}) {}

/** A time that the request names is not within the period that runs any more. */
export class StripeOutdated extends Schema.TaggedError<StripeOutdated>()("StripeOutdated", {}) {}

export type StripeFailure = ProviderUnavailable | ProviderRefused | StripeMissing

const { StripeError } = Stripe.errors

const detailOf = (error: InstanceType<typeof StripeError>): string =>
  [error.type, error.statusCode, error.code, error.param].filter((it) => it !== undefined).join(" ")

/** A later or slower request may succeed. */
const passing = new Set([408, 409, 424, 429])
const passingCodes = new Set(["lock_timeout", "rate_limit"])

/** Stripe refuses the key, or its rights for this request: for an operator to read (https://docs.stripe.com/keys). */
const shutOut = (status: number, code: string): ProviderUnavailable | undefined => {
  const answer = ["Stripe answered", status, code].filter((it) => it !== "").join(" ")
  const fault = status === 401
    ? "STRIPE_SECRET_KEY is not a key that Stripe accepts"
    : status === 403
    ? "STRIPE_SECRET_KEY lacks rights at Stripe"
    : undefined
  return fault === undefined ? undefined : new ProviderUnavailable({ detail: `${fault} (${answer})`, isShutOut: true })
}

/**
 * 429, 5xx and what never arrived may work out later, and so may a key that is replaced and a lock on the object, or
 * whatever Stripe itself says may be tried again; any other answer of 4xx is final
 * (https://docs.stripe.com/error-low-level).
 */
const failureOf = (error: unknown): StripeFailure => {
  if (!(error instanceof StripeError)) {
    return new ProviderUnavailable({ detail: error instanceof Error ? error.name : "unknown failure" })
  }
  const { code = "", headers, param, statusCode = 0 } = error
  const detail = detailOf(error)
  const keyFault = shutOut(statusCode, code)
  if (keyFault !== undefined) return keyFault
  if (code === "resource_missing") return new StripeMissing(param === undefined ? {} : { param })
  // An idempotency key keeps the answer of a request that failed on their side, and takes no request but that one
  // (https://docs.stripe.com/api/idempotent_requests).
  const isOtherRequest = error instanceof Stripe.errors.StripeIdempotencyError
  if (isOtherRequest || statusCode >= 500) return new ProviderUnavailable({ detail, isAnswered: true })
  const isFinal = statusCode >= 400 && !passing.has(statusCode) && !passingCodes.has(code) &&
    headers?.["stripe-should-retry"] !== "true"
  return isFinal ? new ProviderRefused({ detail }) : new ProviderUnavailable({ detail })
}

export const call = <A>(run: () => Promise<A>): Effect.Effect<A, StripeFailure> =>
  Effect.tryPromise({ try: run, catch: failureOf })

/** As `call`, of a request that names a time within the period that runs. */
export const callAsOf = <A>(run: () => Promise<A>): Effect.Effect<A, StripeFailure | StripeOutdated> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      error instanceof StripeError && error.param === "proration_date" ? new StripeOutdated() : failureOf(error)
  })

/** As `call`, where something that is not there is an error like any other. */
export const ask = <A>(run: () => Promise<A>): Effect.Effect<A, ProviderUnavailable | ProviderRefused> =>
  call(run).pipe(
    Effect.catchTag("StripeMissing", () => Effect.fail(new ProviderRefused({ detail: "resource_missing" })))
  )

/**
 * Treats a missing object as a wrong key: an object that existed must still exist. Where it does not, the key belongs
 * to another account or to test mode. The request is not given up for that.
 */
export const foundOf = <A>(
  effect: Effect.Effect<A, StripeFailure>
): Effect.Effect<A, ProviderUnavailable | ProviderRefused> =>
  Effect.catchTag(
    effect,
    "StripeMissing",
    () => new ProviderUnavailable({ detail: "resource_missing: is the key of the account that has it?" })
  )

/** Takes an answer for what it has to be; a shape that has changed is a reason to look again later. */
export const decoded =
  <S extends Schema.Decoder<unknown>>(schema: S) => (answer: unknown): Effect.Effect<S["Type"], ProviderUnavailable> =>
    Effect.mapError(
      Schema.decodeUnknownEffect(schema)(answer),
      () => new ProviderUnavailable({ detail: "the answer has another shape than it should have" })
    )

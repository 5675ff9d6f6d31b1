/**
 * What Stripe's failures mean: try again, or never mind. What they say is passed on by type and code only, since their
 * messages may name people.
 */
import { ProviderRefused, ProviderUnavailable } from "@dchat/domain/billing"
import { Effect, Schema } from "effect"
import { Stripe } from "stripe"

/** Something is not there, or not any more. */
export class StripeMissing extends Schema.TaggedError<StripeMissing>()("StripeMissing", {}) {}

export type StripeFailure = ProviderUnavailable | ProviderRefused | StripeMissing

const { StripeError } = Stripe.errors

const detailOf = (error: InstanceType<typeof StripeError>): string =>
  [error.type, error.statusCode, error.code, error.param].filter((it) => it !== undefined).join(" ")

/**
 * 429, 5xx and what never arrived may work out later, and so may a key that is replaced and a lock on the object; any
 * other answer of 4xx is final (https://docs.stripe.com/error-low-level).
 */
const failureOf = (error: unknown): StripeFailure => {
  if (!(error instanceof StripeError)) {
    return new ProviderUnavailable({ detail: error instanceof Error ? error.name : "unknown failure" })
  }
  const { code, statusCode } = error
  const detail = detailOf(error)
  if (code === "resource_missing") return new StripeMissing()
  const isFinal = statusCode !== undefined && statusCode >= 400 && statusCode < 500 &&
    ![401, 403, 408, 409, 429].includes(statusCode) && code !== "lock_timeout"
  if (isFinal) return new ProviderRefused({ detail })
  // An idempotency key keeps the answer of a request that failed on their side (https://docs.stripe.com/api/idempotent_requests).
  return new ProviderUnavailable({ detail, ...(statusCode !== undefined && statusCode >= 500 && { isAnswered: true }) })
}

export const call = <A>(run: () => Promise<A>): Effect.Effect<A, StripeFailure> =>
  Effect.tryPromise({ try: run, catch: failureOf })

/** As `call`, where something that is not there is an error like any other. */
export const ask = <A>(run: () => Promise<A>): Effect.Effect<A, ProviderUnavailable | ProviderRefused> =>
  call(run).pipe(
    Effect.catchTag("StripeMissing", () => Effect.fail(new ProviderRefused({ detail: "resource_missing" })))
  )

/** Takes an answer for what it has to be; a shape that has changed is a reason to look again later. */
export const decoded =
  <S extends Schema.Decoder<unknown>>(schema: S) => (answer: unknown): Effect.Effect<S["Type"], ProviderUnavailable> =>
    Effect.mapError(
      Schema.decodeUnknownEffect(schema)(answer),
      () => new ProviderUnavailable({ detail: "the answer has another shape than it should have" })
    )

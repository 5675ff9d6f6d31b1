/**
 * Refuses requests beyond the limits of their endpoint.
 */
import { Context, Effect, Layer } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { CurrentSession } from "../api/Authentication.ts"
import { AddressLimited, PersonLimited, RateLimit, requestsAtOnce, TooManyRequests } from "../api/RateLimited.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { clientLimitKey } from "../limits/ClientAddress.ts"
import { limited } from "../limits/LimitedWork.ts"
import { Places } from "../limits/Places.ts"
import { type Quota, RateLimits, type Remaining } from "../limits/RateLimits.ts"

const appended = (before: string | undefined, item: string) => before === undefined ? item : `${before}, ${item}`

/** RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers); a request may be under two quotas. */
const tell = ({ limit, name, window }: Quota, { requests, reset }: Remaining) =>
  HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.succeed(HttpServerResponse.setHeaders(response, {
      "ratelimit-policy": appended(response.headers["ratelimit-policy"], `"${name}";q=${limit};w=${window}`),
      "ratelimit": appended(response.headers["ratelimit"], `"${name}";r=${requests};t=${reset}`)
    }))
  )

/** Counts a request, and says in the answer what is left. */
const counting = (limits: RateLimits["Service"]) => (quota: Quota, key: string) =>
  limits.count(quota, key).pipe(
    Effect.tap((remaining) => remaining === undefined ? Effect.void : tell(quota, remaining)),
    Effect.tapError(({ retryAfterSeconds }) => tell(quota, { requests: 0, reset: retryAfterSeconds }))
  )

const AddressLimitedHandler = Layer.effect(
  AddressLimited,
  Effect.gen(function*() {
    const settings = yield* HostSettings
    const limits = yield* RateLimits

    return AddressLimited.of((app, { endpoint }) => {
      const policy = Context.get(endpoint.annotations, RateLimit)
      if (policy === "none") return app
      return Effect.flatMap(
        Effect.provideService(clientLimitKey, HostSettings, settings),
        (address) => limited(limits, counting(limits), policy, { address }, {})(app)
      )
    })
  })
)

const PersonLimitedHandler = Layer.effect(
  PersonLimited,
  Effect.gen(function*() {
    const settings = yield* HostSettings
    const limits = yield* RateLimits
    const places = new Places(settings.rateLimits === "on" ? requestsAtOnce : Infinity)

    /** Takes one of the places of the user while the request runs. */
    const inPlace = (user: string) => <A, E, R>(app: Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(
        Effect.suspend(() =>
          places.take(user) ? Effect.void : Effect.fail(new TooManyRequests({ retryAfterSeconds: 1 }))
        ),
        () => app,
        () => Effect.sync(() => places.leave(user))
      )

    return PersonLimited.of((app, { endpoint }) => {
      const policy = Context.get(endpoint.annotations, RateLimit)
      if (policy === "none") return app
      return Effect.gen(function*() {
        const { user } = yield* CurrentSession
        const address = yield* Effect.provideService(clientLimitKey, HostSettings, settings)
        const keys = { person: user.id, address }
        return yield* inPlace(user.id)(limited(limits, counting(limits), policy, { person: user.id }, keys)(app))
      })
    })
  })
)

export const RateLimitHandlers = Layer.merge(AddressLimitedHandler, PersonLimitedHandler)

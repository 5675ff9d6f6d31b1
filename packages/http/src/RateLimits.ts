/**
 * Counts requests by token buckets, and tells clients how many they have left.
 */
import { Clock, Duration, Effect, Layer, Option } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { RateLimiter } from "effect/persistence"
import { type RatePolicy, TooManyRequests } from "./api/RateLimited.ts"
import { HostSettings } from "./HostSettings.ts"
import { TokenBuckets } from "./TokenBuckets.ts"

/** The buckets of one host. Effect's store in memory never forgets a key. */
const layerStoreBounded = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const unbounded = yield* RateLimiter.RateLimiterStore
    const buckets = new TokenBuckets()

    return RateLimiter.RateLimiterStore.of({
      ...unbounded,
      tokenBucket: ({ refillRate, ...taking }) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now) => buckets.take({ ...taking, interval: Duration.toMillis(refillRate) }, now)
        )
    })
  })
).pipe(Layer.provide(RateLimiter.layerStoreMemory))

/** The limits of one host; several share theirs by a store in Redis in its place. */
export const layerRateLimits = RateLimiter.layer.pipe(Layer.provide(layerStoreBounded))

const seconds = (duration: Duration.Duration) => Math.max(1, Math.ceil(Duration.toSeconds(duration)))

/** RateLimit header fields for HTTP (draft-ietf-httpapi-ratelimit-headers). */
const tell = ({ name, perMinute }: RatePolicy, remaining: number, reset: number) =>
  HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.succeed(HttpServerResponse.setHeaders(response, {
      "ratelimit-policy": `"${name}";q=${perMinute};w=60`,
      "ratelimit": `"${name}";r=${Math.max(0, Math.floor(remaining))};t=${reset}`
    }))
  )

const refuse = (policy: RatePolicy, retryAfterSeconds: number) =>
  Effect.andThen(tell(policy, 0, retryAfterSeconds), Effect.fail(new TooManyRequests({ retryAfterSeconds })))

/**
 * Counts one request of this key under a policy. When the store fails the request is let through: signing in matters
 * more than counting, and the secrets behind it are too long to be guessed.
 */
export const consumeLimit = Effect.fnUntraced(function*(policy: RatePolicy, key: string) {
  const { rateLimits } = yield* HostSettings
  if (rateLimits === "off") return
  const limiter = yield* RateLimiter.RateLimiter
  const counted = yield* limiter.consume({
    algorithm: "token-bucket",
    window: "1 minute",
    limit: policy.perMinute,
    key: `${policy.name}:${key}`
  }).pipe(
    Effect.map(Option.some),
    Effect.catchTag("RateLimiterError", ({ reason }) =>
      reason._tag === "RateLimitExceeded"
        ? refuse(policy, seconds(reason.retryAfter))
        : Effect.as(Effect.logWarning("the rate limits cannot be counted", reason.message), Option.none()))
  )
  if (Option.isSome(counted)) yield* tell(policy, counted.value.remaining, seconds(counted.value.resetAfter))
})

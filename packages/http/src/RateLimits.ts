/**
 * Counts requests by token buckets, which hold no more than they have to in memory.
 */
import { Clock, Duration, Effect, Layer, Option } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { RateLimiter } from "effect/persistence"
import { type RatePolicy, TooManyRequests } from "./api/RateLimited.ts"
import { HostSettings } from "./HostSettings.ts"

interface Bucket {
  readonly tokens: number
  readonly refilledAt: number
  /** When it is full again, if nobody takes anything: then it need not be remembered. */
  readonly fullAt: number
}

/**
 * The buckets of one host. Effect's store in memory never forgets a key; here a bucket goes once it is full, the ones
 * that were used longest ago first.
 */
export const layerStoreBounded = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const unbounded = yield* RateLimiter.RateLimiterStore
    const buckets = new Map<string, Bucket>()

    const forget = (now: number) => {
      for (const [key, { fullAt }] of buckets) {
        if (fullAt > now) return
        buckets.delete(key)
      }
    }

    const tokenBucket: typeof unbounded.tokenBucket = ({ allowOverflow, key, limit, refillRate, tokens }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const interval = Duration.toMillis(refillRate)
        const { refilledAt, tokens: held } = buckets.get(key) ?? { refilledAt: now, tokens: limit }
        const refills = Math.max(0, Math.floor((now - refilledAt) / interval))
        const full = held + refills >= limit
        const available = full ? limit : held + refills
        const boundary = full ? now : refilledAt + refills * interval
        const remaining = available - tokens
        const kept = allowOverflow || remaining >= 0 ? remaining : available
        buckets.delete(key)
        buckets.set(key, { tokens: kept, refilledAt: boundary, fullAt: boundary + (limit - kept) * interval })
        forget(now)
        return [remaining, Math.max(0, now - boundary)] as const
      })

    return RateLimiter.RateLimiterStore.of({ ...unbounded, tokenBucket })
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
    Effect.catchReason(
      "RateLimiterError",
      "RateLimitStoreError",
      (reason) => Effect.as(Effect.logWarning("the rate limits cannot be counted", reason.message), Option.none())
    ),
    Effect.catchReason("RateLimiterError", "RateLimitExceeded", ({ retryAfter }) =>
      Effect.gen(function*() {
        const retryAfterSeconds = seconds(retryAfter)
        yield* tell(policy, 0, retryAfterSeconds)
        return yield* new TooManyRequests({ retryAfterSeconds })
      }))
  )
  if (Option.isSome(counted)) yield* tell(policy, counted.value.remaining, seconds(counted.value.resetAfter))
})

/**
 * Counts requests by token buckets.
 */
import { Clock, Context, Duration, Effect, Layer, Metric } from "effect"
import { RateLimiter } from "effect/persistence"
import { type RatePolicy, TooManyRequests } from "../api/RateLimited.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { TokenBuckets } from "./TokenBuckets.ts"

/** The limit of requests for each key within a window of time. */
export interface Quota {
  readonly name: string
  readonly limit: number
  /** Seconds. */
  readonly window: number
}

/** The rest of a quota. */
export interface Remaining {
  readonly requests: number
  /** Seconds until the bucket is full again. */
  readonly reset: number
}

/** The part of a policy that counts by address or by user; none where that is not counted. */
export const quotaOf = ({ name, perMinute }: RatePolicy, by: "address" | "person"): Quota | undefined => {
  const limit = perMinute[by]
  return limit === undefined ? undefined : { name: `${name}:${by}`, limit, window: 60 }
}

/** Milliseconds by the monotonic clock. A wall clock that is set back would lock all clients out for as long. */
const elapsed = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1_000_000)

/** The buckets of this host. */
class HostBuckets extends Context.Reference<TokenBuckets>("@dchat/http/limits/HostBuckets", {
  defaultValue: () => new TokenBuckets()
}) {}

/** The store of one host. Effect's store in memory never forgets a key. */
const layerStoreBounded = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const unbounded = yield* RateLimiter.RateLimiterStore
    const buckets = yield* HostBuckets

    return RateLimiter.RateLimiterStore.of({
      ...unbounded,
      tokenBucket: ({ refillRate, ...taking }) =>
        Effect.map(elapsed, (now) => buckets.take({ ...taking, interval: Duration.toMillis(refillRate) }, now))
    })
  })
).pipe(Layer.provide(RateLimiter.layerStoreMemory))

const seconds = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1000))

/** The number of failures of the store of the limits. */
const storeFailures = Metric.counter("dchat_rate_limit_store_failures", { incremental: true })

/** The minimum milliseconds between two log lines about a failing store. */
const warnEvery = 1000

export class RateLimits extends Context.Service<RateLimits, {
  /** Counts one request for a key; says what is left, nothing where limits are off. Fails beyond the quota. */
  count(quota: Quota, key: string): Effect.Effect<Remaining | undefined, TooManyRequests>
  /** Counts requests that are already under way: they are let through, and later ones pay for them. */
  charge(quota: Quota, key: string, requests: number): Effect.Effect<void>
  /**
   * Counts requests for a key on this host alone, without an effect. Returns the refusal beyond the quota. More than one
   * request is counted although the bucket holds less.
   */
  countHere(quota: Quota, key: string, now: number, requests?: number): TooManyRequests | undefined
}>()("@dchat/http/RateLimits") {
  /**
   * Over a store that may be shared. While the store fails, the host counts by itself, so that signing in goes on and
   * has a limit still.
   */
  static readonly layerStored = Layer.effect(
    RateLimits,
    Effect.gen(function*() {
      const { rateLimits } = yield* HostSettings
      const limiter = yield* RateLimiter.RateLimiter
      const own = yield* HostBuckets
      let warnedAt = -Infinity

      const warn = Effect.fnUntraced(function*(message: string) {
        yield* Metric.update(storeFailures, 1)
        const now = yield* elapsed
        if (now - warnedAt < warnEvery) return
        warnedAt = now
        yield* Effect.logWarning("the store of the rate limits cannot be reached: this host counts on its own", message)
      })

      const takeHere = ({ limit, name, window }: Quota, key: string, tokens: number, now: number) => {
        const interval = window * 1000 / limit
        const taking = { key: `${name}:${key}`, tokens, limit, interval, allowOverflow: tokens > 1 }
        const [remaining, since] = own.take(taking, now)
        return remaining < 0 && tokens === 1
          ? new TooManyRequests({ retryAfterSeconds: seconds(-remaining * interval - since) })
          : { requests: Math.max(0, Math.floor(remaining)), reset: seconds((limit - remaining) * interval - since) }
      }

      const countOwn = Effect.fnUntraced(function*(quota: Quota, key: string, tokens: number) {
        const taken = takeHere(quota, key, tokens, yield* elapsed)
        return taken instanceof TooManyRequests ? yield* taken : taken
      })

      const consume = (quota: Quota, key: string, tokens: number, onExceeded: "delay" | "fail") =>
        limiter.consume({
          algorithm: "token-bucket",
          window: Duration.seconds(quota.window),
          limit: quota.limit,
          key: `${quota.name}:${key}`,
          tokens,
          onExceeded
        }).pipe(
          Effect.map(({ remaining, resetAfter }): Remaining => ({
            requests: Math.max(0, Math.floor(remaining)),
            reset: seconds(Duration.toMillis(resetAfter))
          })),
          Effect.catchTag("RateLimiterError", ({ reason }) =>
            reason._tag === "RateLimitExceeded"
              ? Effect.fail(new TooManyRequests({ retryAfterSeconds: seconds(Duration.toMillis(reason.retryAfter)) }))
              : Effect.andThen(warn(reason.message), countOwn(quota, key, tokens)))
        )

      if (rateLimits === "off") {
        return RateLimits.of({ count: () => Effect.undefined, charge: () => Effect.void, countHere: () => undefined })
      }
      return RateLimits.of({
        count: (quota, key) => consume(quota, key, 1, "fail"),
        charge: (quota, key, requests) => Effect.ignore(consume(quota, key, requests, "delay")),
        countHere: (quota, key, now, requests = 1) => {
          const taken = takeHere(quota, key, requests, now)
          return taken instanceof TooManyRequests ? taken : undefined
        }
      })
    })
  )

  /** The limits of one host; several share theirs by a store in Redis in its place. */
  static readonly layer = RateLimits.layerStored.pipe(
    Layer.provide(RateLimiter.layer.pipe(Layer.provide(layerStoreBounded))),
    Layer.provide(Layer.sync(HostBuckets, () => new TokenBuckets()))
  )
}

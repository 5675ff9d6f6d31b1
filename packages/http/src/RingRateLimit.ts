/**
 * How often people may be rung, counted by token buckets: by caller, by pair, and by the one who is rung.
 */
import { RingingTooOften, RingLimit } from "@dchat/domain/call"
import { Effect, Layer } from "effect"
import { ringQuotas } from "./api/RingQuotas.ts"
import { RateLimits } from "./RateLimits.ts"

/** In this order, so that one caller takes little of what others may ring the same person. */
export const layerRingRateLimit = Layer.effect(
  RingLimit,
  Effect.gen(function*() {
    const limits = yield* RateLimits

    const admit = Effect.fn("RingLimit.admit")(
      function*(caller: string, callees: ReadonlyArray<string>) {
        const people = [...new Set(callees)]
        yield* Effect.forEach(people, () => limits.count(ringQuotas.caller, caller), { discard: true })
        yield* Effect.forEach(people, (one) => limits.count(ringQuotas.pair, `${caller}:${one}`), { discard: true })
        yield* Effect.forEach(people, (one) => limits.count(ringQuotas.callee, one), { discard: true })
      },
      Effect.catchTag(
        "TooManyRequests",
        ({ retryAfterSeconds }) => Effect.fail(new RingingTooOften({ retryAfterSeconds }))
      )
    )

    return RingLimit.of({ admit })
  })
)

/**
 * Limits ringing by token buckets: by caller, by pair of caller and callee, and by callee.
 */
import { RingingTooOften, RingLimit } from "@dchat/domain/call"
import { Effect, Layer } from "effect"
import type { TooManyRequests } from "../api/RateLimited.ts"
import { ringQuotas } from "../api/RingQuotas.ts"
import { RateLimits } from "./RateLimits.ts"

const refused = ({ retryAfterSeconds }: TooManyRequests) => Effect.fail(new RingingTooOften({ retryAfterSeconds }))

export const layerRingRateLimit = Layer.effect(
  RingLimit,
  Effect.gen(function*() {
    const limits = yield* RateLimits

    const admit = Effect.fnUntraced(
      function*(caller: string, callees: ReadonlyArray<string>) {
        const people = [...new Set(callees)]
        yield* Effect.forEach(people, () => limits.count(ringQuotas.caller, caller), { discard: true })
        yield* Effect.forEach(people, (one) => limits.count(ringQuotas.pair, `${caller}:${one}`), { discard: true })
      },
      Effect.catchTag("TooManyRequests", refused)
    )

    const ring = Effect.fnUntraced(
      function*(callees: ReadonlyArray<string>) {
        yield* Effect.forEach(new Set(callees), (one) => limits.count(ringQuotas.callee, one), { discard: true })
      },
      Effect.catchTag("TooManyRequests", refused)
    )

    return RingLimit.of({ admit, ring })
  })
)

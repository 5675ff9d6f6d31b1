/**
 * Applies a rate policy to work of any transport.
 */
import { Effect } from "effect"
import type { RatePolicy, TooManyRequests } from "../api/RateLimited.ts"
import { type Quota, quotaOf, type RateLimits } from "./RateLimits.ts"

/** The keys against which work counts; none where a key is missing. */
export interface LimitKeys {
  readonly address?: string | undefined
  readonly person?: string | undefined
}

/**
 * Counts the work against `keys` before it begins; when it is refused, against `charged` as often as the policy says.
 */
export const limited = <R1>(
  limits: Pick<RateLimits["Service"], "charge">,
  count: (quota: Quota, key: string) => Effect.Effect<unknown, TooManyRequests, R1>,
  policy: RatePolicy,
  keys: LimitKeys,
  charged: LimitKeys = keys
) =>
<A, E, R>(app: Effect.Effect<A, E, R>): Effect.Effect<A, E | TooManyRequests, R | R1> => {
  const each = <E2, R2>(counted: LimitKeys, use: (quota: Quota, key: string) => Effect.Effect<unknown, E2, R2>) =>
    Effect.forEach(["address", "person"] as const, (by) => {
      const quota = quotaOf(policy, by)
      const key = counted[by]
      return quota === undefined || key === undefined ? Effect.void : use(quota, key)
    }, { discard: true })
  const { refusedAs = 1 } = policy
  const refused = each(charged, (quota, key) => limits.charge(quota, key, refusedAs - 1))
  return Effect.andThen(each(keys, count), refusedAs === 1 ? app : Effect.tapError(app, () => refused))
}

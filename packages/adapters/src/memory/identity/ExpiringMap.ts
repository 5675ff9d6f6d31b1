/**
 * A map of single-use records: each is taken once and forgotten when it has expired.
 */
import { DateTime, Effect, Option } from "effect"

export const consumeFrom = <K, V>(map: Map<K, V>, key: K): Effect.Effect<Option.Option<V>> =>
  Effect.sync(() => {
    const value = Option.fromUndefinedOr(map.get(key))
    map.delete(key)
    return value
  })

/** Deletes the records of a user. */
export const voidFrom = <K, V>(map: Map<K, V>, isTheirs: (value: V) => boolean): Effect.Effect<void> =>
  Effect.sync(() => {
    for (const [key, value] of map) if (isTheirs(value)) map.delete(key)
  })

export const purgeFrom = <K, V extends { readonly expiresAt: DateTime.Utc }>(
  map: Map<K, V>,
  now: DateTime.Utc,
  limit: number
): Effect.Effect<number> =>
  Effect.sync(() => {
    const expired = [...map].filter(([, value]) => DateTime.isLessThanOrEqualTo(value.expiresAt, now)).slice(0, limit)
    for (const [key] of expired) map.delete(key)
    return expired.length
  })

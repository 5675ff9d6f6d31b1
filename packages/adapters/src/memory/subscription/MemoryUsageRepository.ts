/**
 * Keeps the usage of users in a map: for tests and examples.
 */
import type { UserId } from "@dchat/domain/identity"
import { mostCounted, type UsageChange, usageKeyDays, UsageRepository } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer } from "effect"

type Counters = Map<string, number>

const counterOf = (period: string, feature: string) => JSON.stringify([period, feature])

interface Known extends Pick<UsageChange, "feature" | "amount" | "at"> {
  /** The change set the amount that is held. */
  readonly isLevel?: true
}

const isOld = ({ at }: Known, now: DateTime.Utc) =>
  !DateTime.isGreaterThan(at, DateTime.subtract(now, { days: usageKeyDays }))

/** The map of one user, created where it is missing, to write into. */
const of = <A>(maps: Map<UserId, Map<string, A>>, user: UserId): Map<string, A> => {
  const known = maps.get(user) ?? new Map<string, A>()
  maps.set(user, known)
  return known
}

export const layer = Layer.sync(UsageRepository, () => {
  const counters = new Map<UserId, Counters>()
  const observed = new Map<UserId, Map<string, DateTime.Utc>>()
  const keys = new Map<UserId, Map<string, Known>>()

  return UsageRepository.of({
    add: (change) =>
      Effect.sync(() => {
        const { amount, at, feature, key, limit, period, userId } = change
        const mine = of(counters, userId)
        const counter = counterOf(period, feature)
        const used = mine.get(counter) ?? 0
        const known = of(keys, userId).get(key)
        if (known !== undefined && !isOld(known, at)) {
          const isSame = known.isLevel !== true && known.feature === feature && known.amount === amount
          return isSame ? { _tag: "Repeated" as const, used } : { _tag: "KeyTaken" as const }
        }
        if (amount > 0 && used + amount > limit) return { _tag: "Refused" as const, used }
        const after = Math.max(0, used + amount)
        mine.set(counter, after)
        of(keys, userId).set(key, { feature, amount, at })
        return { _tag: "Added" as const, used: after }
      }),
    set: ({ at, feature, key, limit, observedAt, userId, value }) =>
      Effect.sync(() => {
        const mine = of(counters, userId)
        const counter = counterOf("level", feature)
        const used = mine.get(counter) ?? 0
        const known = of(keys, userId).get(key)
        if (known !== undefined && !isOld(known, at)) {
          const isSame = known.isLevel === true && known.feature === feature && known.amount === value
          return isSame ? { _tag: "Repeated" as const, used } : { _tag: "KeyTaken" as const }
        }
        const latest = of(observed, userId).get(feature)
        if (latest !== undefined && DateTime.isGreaterThan(latest, observedAt)) {
          return { _tag: "Outdated" as const, used }
        }
        if (value > limit && value > used) return { _tag: "Refused" as const, used }
        mine.set(counter, value)
        of(observed, userId).set(feature, observedAt)
        of(keys, userId).set(key, { feature, amount: value, at, isLevel: true })
        return { _tag: "Added" as const, used: value }
      }),
    counted: (userId, periods) =>
      Effect.sync(() =>
        new Map([...of(counters, userId)].flatMap(([counter, used]) => {
          const [period, feature]: readonly [string, string] = JSON.parse(counter)
          return periods.includes(period) ? [[feature, used] as const] : []
        }))
      ),
    move: (from, to) =>
      Effect.sync(() => {
        const target = of(counters, to)
        for (const [counter, used] of of(counters, from)) {
          target.set(counter, Math.min(mostCounted, (target.get(counter) ?? 0) + used))
        }
        for (const [key, change] of of(keys, from)) if (!of(keys, to).has(key)) of(keys, to).set(key, change)
        for (const [feature, at] of of(observed, from)) {
          of(observed, to).set(feature, DateTime.max(of(observed, to).get(feature) ?? at, at))
        }
        counters.delete(from)
        observed.delete(from)
        keys.delete(from)
      }),
    purgeKeys: (now, limit) =>
      Effect.sync(() => {
        const old = [...keys.values()].flatMap((mine) =>
          [...mine].flatMap(([key, change]) => isOld(change, now) ? [[mine, key] as const] : [])
        ).slice(0, limit)
        for (const [mine, key] of old) mine.delete(key)
        return old.length
      })
  })
})

/**
 * Keeps the usage of users in a map: for tests and examples.
 */
import { type IdempotencyConflict, type KeyedRequest, replay } from "@dchat/domain/idempotency"
import type { UserId } from "@dchat/domain/identity"
import { mostCounted, usageOperation, type UsageOutcome, UsageRepository } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer } from "effect"
import * as MemoryIdempotencyKeys from "../idempotency/MemoryIdempotencyKeys.ts"

type Counters = Map<string, number>

const counterOf = (period: string, feature: string) => JSON.stringify([period, feature])

/** The map of one user, created where it is missing, to write into. */
const of = <A>(maps: Map<UserId, Map<string, A>>, user: UserId): Map<string, A> => {
  const known = maps.get(user) ?? new Map<string, A>()
  maps.set(user, known)
  return known
}

const make = (requests: MemoryIdempotencyKeys.MemoryRecordedRequests["Service"]) => {
  const counters = new Map<UserId, Counters>()
  const observed = new Map<UserId, Map<string, DateTime.Utc>>()

  /** Writes the number that `next` makes of the counter, unless the request is known or `next` returns an outcome. */
  const once = (
    request: KeyedRequest,
    period: string,
    feature: string,
    next: (used: number) => number | "Refused" | "Outdated"
  ) =>
    Effect.suspend((): Effect.Effect<UsageOutcome, IdempotencyConflict> => {
      const mine = of(counters, request.userId)
      const counter = counterOf(period, feature)
      const used = mine.get(counter) ?? 0
      const known = requests.find(request, request.at)
      if (known) return Effect.as(Effect.fromResult(replay(known, request)), { _tag: "Repeated", used })
      const after = next(used)
      if (typeof after === "string") return Effect.succeed({ _tag: after, used })
      mine.set(counter, after)
      requests.record({ ...request, result: null })
      return Effect.succeed({ _tag: "Added", used: after })
    })

  return UsageRepository.of({
    add: ({ amount, feature, limit, period, request }) =>
      once(
        request,
        period,
        feature,
        (used) => amount > 0 && used + amount > limit ? "Refused" : Math.max(0, used + amount)
      ),
    set: ({ feature, limit, observedAt, request, value }) =>
      once(request, "level", feature, (used) => {
        const latest = of(observed, request.userId).get(feature)
        if (latest !== undefined && DateTime.isGreaterThan(latest, observedAt)) return "Outdated"
        if (value > limit && value > used) return "Refused"
        of(observed, request.userId).set(feature, observedAt)
        return value
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
        for (const [feature, at] of of(observed, from)) {
          of(observed, to).set(feature, DateTime.max(of(observed, to).get(feature) ?? at, at))
        }
        counters.delete(from)
        observed.delete(from)
        requests.move(usageOperation, from, to)
      })
  })
}

export const layer = Layer.effect(
  UsageRepository,
  Effect.map(MemoryIdempotencyKeys.MemoryRecordedRequests, make)
).pipe(Layer.provideMerge(MemoryIdempotencyKeys.layer))

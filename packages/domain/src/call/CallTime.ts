/**
 * The time of calls: the same on every host of a database, and without steps. The time starts at the clock of the store
 * and runs by the monotonic clock of this host. It approaches the store's clock so slowly that a step of that clock
 * ends no call.
 */
import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { CallLeases, type Renewal } from "./ports/CallLeases.ts"

/** The share of elapsed time by which the time of calls approaches the store's clock. */
const rate = 0.05

/** Difference in milliseconds that is attributed to the inaccuracy of the query. */
const tolerance = 50

/** Milliseconds after which an answer is too slow to tell the time of the store. */
const slowAnswer = 1000

/** This host's monotonic clock, in milliseconds. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(
  Clock.monotonicTimeNanos,
  (nanos) => Number(nanos) / 1_000_000
)

/** The time of the store, with the times of the query and its answer by the monotonic clock, in milliseconds. */
export interface StoreTime extends Pick<Renewal, "now" | "aheadMillis"> {
  readonly askedAt: number
  readonly answeredAt: number
}

export class CallTime extends Context.Service<CallTime, {
  readonly now: Effect.Effect<DateTime.Utc>
  /** Milliseconds by which the time of calls was ahead of the store's clock at the last adjustment. */
  readonly aheadMillis: Effect.Effect<number>
  /**
   * Approaches the clock of the store. `jump` sets the time at once: to the time that the other hosts agree on
   * (`shared`), or to the clock of the store (`clock`).
   */
  follow(stored: StoreTime, jump?: "shared" | "clock"): Effect.Effect<void>
}>()("@dchat/domain/call/CallTime") {
  static readonly layer = Layer.effect(
    CallTime,
    Effect.gen(function*() {
      const leases = yield* CallLeases
      const first = yield* asked(leases.time)
      /** The offset to add to the monotonic clock. */
      let base = DateTime.toEpochMillis(first.now) + first.aheadMillis - middle(first)
      let ahead = first.aheadMillis
      let followedAt = first.answeredAt
      let latest = -Infinity

      const now = Effect.map(monotonicMillis, (millis) => {
        latest = Math.max(latest, Math.floor(base + millis))
        return DateTime.makeUnsafe(latest)
      })

      const follow = (stored: StoreTime, jump?: "shared" | "clock") =>
        Effect.sync(() => {
          const wait = stored.answeredAt - stored.askedAt
          if (wait > slowAnswer) return
          const clock = DateTime.toEpochMillis(stored.now) - middle(stored)
          if (jump !== undefined) {
            ahead = jump === "shared" ? stored.aheadMillis : 0
            base = clock + ahead
            latest = -Infinity
          } else {
            const most = (stored.answeredAt - followedAt) * rate
            const difference = clock - base
            if (Math.abs(difference) > Math.max(tolerance, wait)) {
              base += Math.max(-most, Math.min(most, difference))
            }
            ahead = Math.round(base - clock)
          }
          followedAt = stored.answeredAt
        })

      return CallTime.of({ now, aheadMillis: Effect.sync(() => ahead), follow })
    })
  )
}

/** Queries the store, and measures how long the answer takes. */
export const asked = Effect.fnUntraced(function*<A extends Pick<Renewal, "now" | "aheadMillis">>(
  ask: Effect.Effect<A>
) {
  const askedAt = yield* monotonicMillis
  const answer = yield* ask
  return { ...answer, askedAt, answeredAt: yield* monotonicMillis }
})

const middle = ({ answeredAt, askedAt }: Pick<StoreTime, "answeredAt" | "askedAt">) => (askedAt + answeredAt) / 2

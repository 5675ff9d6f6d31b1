/**
 * The time of calls: the same on every host of a database, and without steps. It begins as the clock of the store says,
 * runs by this host's monotonic clock, and follows the store's clock so slowly that a step of it ends nobody's call.
 */
import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { CallLeases, type Renewal } from "./ports/CallLeases.ts"

/** By how much of the time that passes it comes nearer to the clock of the store. */
const rate = 0.05

/** Milliseconds of difference that are taken for the inaccuracy of asking. */
const tolerance = 50

/** Milliseconds after which an answer says too little about the moment that it was given in. */
const slowAnswer = 1000

/** This host's monotonic clock, in milliseconds. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(
  Clock.monotonicTimeNanos,
  (nanos) => Number(nanos) / 1_000_000
)

/** What the store said of its clock, and when it was asked and answered by the monotonic clock, in milliseconds. */
export interface StoreTime extends Pick<Renewal, "now" | "aheadMillis"> {
  readonly askedAt: number
  readonly answeredAt: number
}

export class CallTime extends Context.Service<CallTime, {
  readonly now: Effect.Effect<DateTime.Utc>
  /** By how many milliseconds it was ahead of the clock of the store when that was last followed. */
  readonly aheadMillis: Effect.Effect<number>
  /**
   * Comes nearer to the clock of the store. `jump`: at once, to the time that the other hosts agree on (`shared`) or to
   * the clock itself (`clock`).
   */
  follow(stored: StoreTime, jump?: "shared" | "clock"): Effect.Effect<void>
}>()("@dchat/domain/call/CallTime") {
  static readonly layer = Layer.effect(
    CallTime,
    Effect.gen(function*() {
      const leases = yield* CallLeases
      const first = yield* asked(leases.time)
      /** What the monotonic clock has to be added to. */
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

/** Asks the store, and takes the time that it takes to answer. */
export const asked = Effect.fnUntraced(function*<A extends Pick<Renewal, "now" | "aheadMillis">>(
  ask: Effect.Effect<A>
) {
  const askedAt = yield* monotonicMillis
  const answer = yield* ask
  return { ...answer, askedAt, answeredAt: yield* monotonicMillis }
})

const middle = ({ answeredAt, askedAt }: Pick<StoreTime, "answeredAt" | "askedAt">) => (askedAt + answeredAt) / 2

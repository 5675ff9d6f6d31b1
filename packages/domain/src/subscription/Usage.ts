/**
 * How much of their plan people use: of what is counted anew each calendar month (UTC), and of what is held, such as
 * storage. Another tier changes the limit and keeps what was used; above it nothing more is taken, and nothing removed.
 */
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { Entitlements } from "./Entitlements.ts"
import type { Limit, Plan } from "./model/Plans.ts"
import { UsageOwners } from "./ports/UsageOwners.ts"
import { mostCounted, type UsageOutcome, UsageRepository } from "./ports/UsageRepository.ts"

/** The plan knows no such feature, or there is no end to count of it. */
export class FeatureUnknown extends Schema.TaggedError<FeatureUnknown>()("FeatureUnknown", { feature: Schema.String }) {
  override get message() {
    return `no usage is counted for the feature ${this.feature}`
  }
}

/** The plan gives no more of it, or no more can be counted. */
export class UsageLimitReached extends Schema.TaggedError<UsageLimitReached>()("UsageLimitReached", {
  feature: Schema.String,
  used: Schema.Int,
  limit: Schema.Int
}) {
  override get message() {
    return `the limit of ${this.feature} is ${this.limit}, and ${this.used} are used`
  }
}

/** Whose usage it is said to be is nobody here. */
export class UsageOwnerUnknown extends Schema.TaggedError<UsageOwnerUnknown>()("UsageOwnerUnknown", {}) {
  override get message() {
    return "no such user"
  }
}

/** The key was used to count something else. */
export class UsageKeyConflict extends Schema.TaggedError<UsageKeyConflict>()("UsageKeyConflict", {}) {
  override get message() {
    return "the idempotency key was used for another request"
  }
}

/** `month`: begins anew with each calendar month. `level`: what is held at a time. */
export interface Meter {
  readonly feature: string
  readonly kind: "month" | "level"
  readonly limit: Limit
}

export interface Used extends Meter {
  readonly used: number
  /** When it begins anew. */
  readonly resetsAt?: DateTime.Utc
}

export interface Consumption {
  readonly feature: string
  /** Bytes of storage; pieces of everything else. */
  readonly amount: number
  /** Says that it is the same, for 35 days. Refusals are not remembered. */
  readonly key: string
}

/** What is held at a time, by the names of the limits. */
const levels = ["storageBytes", "customStickers"] as const

const metersOf = ({ limits }: Plan): ReadonlyArray<Meter> => [
  ...levels.map((feature) => ({ feature, kind: "level" as const, limit: limits[feature] })),
  ...Object.entries(limits.monthly ?? {}).map(([feature, limit]) => ({ feature, kind: "month" as const, limit }))
]

const monthOf = (at: DateTime.Utc): string => DateTime.formatIso(at).slice(0, 7)

const periodOf = ({ kind }: Meter, at: DateTime.Utc): string => kind === "level" ? "level" : monthOf(at)

const mostOf = ({ limit }: Meter): number => limit === "unlimited" ? mostCounted : limit

const usedOf = (meter: Meter, used: number, at: DateTime.Utc): Used => ({
  ...meter,
  used,
  ...(meter.kind === "month" && { resetsAt: DateTime.add(DateTime.startOf(at, "month"), { months: 1 }) })
})

type Refusal = UsageOwnerUnknown | FeatureUnknown | UsageKeyConflict

export class Usage extends Context.Service<Usage, {
  /** What is counted of somebody's plan, used or not. */
  of(userId: UserId): Effect.Effect<ReadonlyArray<Used>>
  /** Takes some of it, all or nothing. */
  consume(userId: UserId, consumption: Consumption): Effect.Effect<Used, Refusal | UsageLimitReached>
  /**
   * Says how much is held, as of `observedAt` or of now: more than the limit is refused, unless it is less than before.
   * Of two the later observation counts, whichever comes last.
   */
  set(
    userId: UserId,
    held: Consumption,
    observedAt?: DateTime.Utc
  ): Effect.Effect<Used, Refusal | UsageLimitReached>
  /** Gives some of what is held back; never more than there is. */
  release(userId: UserId, consumption: Consumption): Effect.Effect<Used, Refusal>
}>()("@dchat/domain/subscription/Usage") {
  static readonly layer = Layer.effect(
    Usage,
    Effect.gen(function*() {
      const entitlements = yield* Entitlements
      const owners = yield* UsageOwners
      const repository = yield* UsageRepository

      const meterFor = Effect.fnUntraced(
        function*(userId: UserId, feature: string, kinds: ReadonlyArray<Meter["kind"]>) {
          const { plan } = yield* entitlements.of(userId)
          const meter = metersOf(plan).find((it) => it.feature === feature && kinds.includes(it.kind))
          if (meter === undefined) return yield* new FeatureUnknown({ feature })
          return meter
        }
      )

      const ownerOf = Effect.fnUntraced(function*(userId: UserId) {
        const owner = yield* owners.find(userId)
        return Option.isSome(owner) ? owner.value : yield* new UsageOwnerUnknown()
      })

      const used = Effect.fnUntraced(function*(meter: Meter, outcome: UsageOutcome, at: DateTime.Utc) {
        if (outcome._tag === "KeyTaken") return yield* new UsageKeyConflict()
        if (outcome._tag === "Refused") {
          const { feature } = meter
          return yield* new UsageLimitReached({ feature, used: outcome.used, limit: mostOf(meter) })
        }
        return usedOf(meter, outcome.used, at)
      })

      const add = Effect.fnUntraced(function*(userId: UserId, meter: Meter, amount: number, key: string) {
        const at = yield* DateTime.now
        const { feature } = meter
        const outcome = yield* repository.add({
          userId,
          feature,
          period: periodOf(meter, at),
          amount,
          limit: mostOf(meter),
          key,
          at
        })
        return yield* used(meter, outcome, at)
      })

      return Usage.of({
        of: Effect.fn("Usage.of")(function*(userId) {
          const at = yield* DateTime.now
          const { plan } = yield* entitlements.of(userId)
          const counted = yield* repository.counted(userId, ["level", monthOf(at)])
          return metersOf(plan).map((meter) => usedOf(meter, counted.get(meter.feature) ?? 0, at))
        }),
        consume: Effect.fn("Usage.consume")(function*(userId, { amount, feature, key }) {
          const owner = yield* ownerOf(userId)
          return yield* add(owner, yield* meterFor(owner, feature, ["level", "month"]), amount, key)
        }),
        set: Effect.fn("Usage.set")(function*(userId, { amount: value, feature, key }, observedAt) {
          const owner = yield* ownerOf(userId)
          const at = yield* DateTime.now
          const meter = yield* meterFor(owner, feature, ["level"])
          const level = { userId: owner, feature, value, limit: mostOf(meter), key, at }
          // Whose clock is ahead holds up nobody who comes after.
          const outcome = yield* repository.set({ ...level, observedAt: DateTime.min(observedAt ?? at, at) })
          return yield* used(meter, outcome, at)
        }),
        release: Effect.fn("Usage.release")(function*(userId, { amount, feature, key }) {
          const owner = yield* ownerOf(userId)
          const meter = yield* meterFor(owner, feature, ["level"])
          return yield* add(owner, meter, -amount, key).pipe(Effect.catchTag("UsageLimitReached", Effect.die))
        })
      })
    })
  )
}

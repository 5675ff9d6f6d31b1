/**
 * The usage of the limits of a plan: per calendar month (UTC), or as a level such as storage. Another tier changes the
 * limit and keeps the usage; usage above the limit cannot grow, and nothing is removed.
 */
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import { Entitlements } from "./Entitlements.ts"
import type { Limit, Plan } from "./model/Plans.ts"
import { UsageOwners } from "./ports/UsageOwners.ts"
import { mostCounted, type UsageOutcome, UsageRepository } from "./ports/UsageRepository.ts"

/** The plan has no such feature. */
export class FeatureUnknown extends Schema.TaggedError<FeatureUnknown>()("FeatureUnknown", { feature: Schema.String }) {
  override get message() {
    return `no usage is counted for the feature ${this.feature}`
  }
}

/** The limit of the plan is reached, or no higher number can be counted. */
export class UsageLimitReached extends Schema.TaggedError<UsageLimitReached>()("UsageLimitReached", {
  feature: Schema.String,
  used: Schema.Int,
  limit: Schema.Int
}) {
  override get message() {
    return `the limit of ${this.feature} is ${this.limit}, and ${this.used} are used`
  }
}

/** There is no such user. */
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

/** `month`: starts at zero each calendar month. `level`: the amount in use. */
export interface Meter {
  readonly feature: string
  readonly kind: "month" | "level"
  readonly limit: Limit
}

export interface Used extends Meter {
  readonly used: number
  /** The time at which the count starts at zero again. */
  readonly resetsAt?: DateTime.Utc
}

export interface Consumption {
  readonly feature: string
  /** Bytes of storage; pieces of everything else. */
  readonly amount: number
  /** Identifies the request for 35 days. Refusals are not remembered. */
  readonly key: string
}

/** The limits that are levels. */
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
  /** All limits of the user's plan, with their usage. */
  of(userId: UserId): Effect.Effect<ReadonlyArray<Used>>
  /** Consumes an amount, all or nothing. */
  consume(userId: UserId, consumption: Consumption): Effect.Effect<Used, Refusal | UsageLimitReached>
  /**
   * Sets a level, as of `observedAt` or now. A level above the limit is refused, unless it is lower than before. The
   * latest observation counts, in whatever order observations arrive.
   */
  set(
    userId: UserId,
    held: Consumption,
    observedAt?: DateTime.Utc
  ): Effect.Effect<Used, Refusal | UsageLimitReached>
  /** Releases an amount of a level, at most the amount in use. */
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
          // A service whose clock is ahead must not block later observations.
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

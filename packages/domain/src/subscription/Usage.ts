/**
 * The usage of the limits of a plan: per calendar month (UTC), or as a level such as storage. Another tier changes the
 * limit and keeps the usage; usage above the limit cannot grow, and nothing is removed.
 */
import { Context, DateTime, Effect, Layer, Option, Schema } from "effect"
import { Digest } from "effect/crypto"
import { type IdempotencyConflict, keyedRequest } from "../idempotency/index.ts"
import type { UserId } from "../identity/model/UserId.ts"
import { Entitlements } from "./Entitlements.ts"
import type { Limit, Plan } from "./model/Plans.ts"
import { UsageOwners } from "./ports/UsageOwners.ts"
import {
  mostCounted,
  type UsageChange,
  usageOperation,
  type UsageOutcome,
  UsageRepository
} from "./ports/UsageRepository.ts"

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
  /** Identifies the request for `usageRetention`. Refusals are not remembered. */
  readonly key: string
}

/** How long a key of usage is remembered: longer than the month in which the usage counts. */
export const usageRetention = "35 days"

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

type Refusal = UsageOwnerUnknown | FeatureUnknown | IdempotencyConflict

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
      const digest = yield* Digest.Digest

      const count = Effect.fnUntraced(function*(
        action: "consume" | "set" | "release",
        userId: UserId,
        { amount, feature, key }: Consumption,
        write: (
          change: Omit<UsageChange, "amount">,
          at: DateTime.Utc
        ) => Effect.Effect<UsageOutcome, IdempotencyConflict>
      ) {
        const owner = yield* owners.find(userId)
        if (Option.isNone(owner)) return yield* new UsageOwnerUnknown()
        const { plan } = yield* entitlements.of(owner.value)
        const meter = metersOf(plan).find((it) =>
          it.feature === feature && (action === "consume" || it.kind === "level")
        )
        if (meter === undefined) return yield* new FeatureUnknown({ feature })
        const at = yield* DateTime.now
        const asked = { userId: owner.value, operation: usageOperation, key, content: [action, feature, amount], at }
        const request = yield* Effect.provideService(keyedRequest(asked, usageRetention), Digest.Digest, digest)
        const limit = mostOf(meter)
        const { _tag, used } = yield* write({ feature, period: periodOf(meter, at), limit, request }, at)
        return _tag === "Refused" ? yield* new UsageLimitReached({ feature, used, limit }) : usedOf(meter, used, at)
      })

      return Usage.of({
        of: Effect.fn("Usage.of")(function*(userId) {
          const at = yield* DateTime.now
          const { plan } = yield* entitlements.of(userId)
          const counted = yield* repository.counted(userId, ["level", monthOf(at)])
          return metersOf(plan).map((meter) => usedOf(meter, counted.get(meter.feature) ?? 0, at))
        }),
        consume: Effect.fn("Usage.consume")((userId, consumption) =>
          count("consume", userId, consumption, (change) => repository.add({ ...change, amount: consumption.amount }))
        ),
        set: Effect.fn("Usage.set")((userId, held, observedAt) =>
          // A service whose clock is ahead must not block later observations.
          count("set", userId, held, ({ period: _, ...level }, at) =>
            repository.set({ ...level, value: held.amount, observedAt: DateTime.min(observedAt ?? at, at) }))
        ),
        release: Effect.fn("Usage.release")((userId, consumption) =>
          count("release", userId, consumption, (change) => repository.add({ ...change, amount: -consumption.amount }))
            .pipe(Effect.catchTag("UsageLimitReached", Effect.die))
        )
      })
    })
  )
}

/**
 * Implements `CallEntitlement`: the limits that the plan of the initiator gives to a call.
 */
import { CallEntitlement } from "@dchat/domain/call"
import { IdentityRepository, type UserId } from "@dchat/domain/identity"
import { type Entitled, Entitlements, SubscriptionBus } from "@dchat/domain/subscription"
import { Cache, Duration, Effect, Exit, Layer, Option, Queue } from "effect"

/** The maximum number of participants, whatever the plan: each one sends to every other. */
const people = 8

/** Maximum number of users whose plans are remembered. */
const rememberedPlans = 10_000

/**
 * The time for which a plan is remembered. A change on this host ends the time at once. A change on another host takes
 * effect after the time.
 */
const rememberedFor = "5 seconds"

/** The maximum length of a call, whatever the plan. */
const longest = 24 * 60 * 60

export const layer = Layer.effect(
  CallEntitlement,
  Effect.gen(function*() {
    const entitlements = yield* Entitlements
    const identities = yield* IdentityRepository
    const bus = yield* SubscriptionBus

    /** A caller who was merged since the call began has an empty account. The plan of the surviving user counts. */
    const entitledAs: (user: UserId) => Effect.Effect<Entitled> = Effect.fnUntraced(function*(user) {
      const own = yield* entitlements.of(user)
      if (own.source !== "none") return own
      const { mergedInto } = Option.getOrElse(yield* identities.load(user), () => ({ mergedInto: undefined }))
      return mergedInto === undefined ? own : yield* entitledAs(mergedInto)
    })

    const plans = yield* Cache.makeWith((user: UserId) => Effect.map(entitledAs(user), ({ plan }) => plan), {
      capacity: rememberedPlans,
      timeToLive: (exit) => Exit.isSuccess(exit) ? rememberedFor : Duration.zero
    })
    const changes = yield* bus.subscribe
    yield* Queue.take(changes).pipe(
      Effect.flatMap(({ userId }) => Cache.invalidate(plans, userId)),
      Effect.forever,
      Effect.forkScoped
    )

    return CallEntitlement.of({
      limitsFor: Effect.fnUntraced(function*(initiator) {
        const plan = yield* Cache.get(plans, initiator)
        const { callSeconds } = plan.limits
        const isPlans = callSeconds !== "unlimited" && callSeconds < longest
        return {
          people,
          callSeconds: isPlans ? callSeconds : longest,
          reason: isPlans ? "plan_limit" as const : "max_duration" as const,
          recording: plan.features.includes("call_recording")
        }
      })
    })
  })
)

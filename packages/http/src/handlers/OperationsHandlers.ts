/**
 * Answers the operations group.
 */
import { CallBus, CallRepository } from "@dchat/domain/call"
import { AccessTokens } from "@dchat/domain/identity"
import { Cause, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { NotReady } from "../api/RequestErrors.ts"
import { version } from "../api/Version.ts"

/** Whoever asks wants to know soon. */
const patience = "2 seconds"

export const OperationsHandlers = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fn(function*(handlers) {
    const repository = yield* CallRepository
    const bus = yield* CallBus
    const accessTokens = yield* AccessTokens

    /** The number of open calls is asked of the database, so it tells whether that is there. */
    const look = Effect.all({
      openCalls: repository.countOpen.pipe(
        Effect.timeout(patience),
        Effect.map(Option.some),
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : Effect.succeed(Option.none<number>())
        ),
        Effect.orDie
      ),
      bus: bus.isReachable
    }, { concurrency: "unbounded" })

    return handlers.handleAll({
      alive: () => Effect.succeed({ status: "ok" } as const),
      ready: Effect.fn(function*() {
        const { bus, openCalls } = yield* look
        if (!bus || Option.isNone(openCalls)) return yield* new NotReady({ database: Option.isSome(openCalls), bus })
        return { status: "ok" } as const
      }),
      health: Effect.fn(function*() {
        const { bus, openCalls } = yield* look
        const database = Option.isSome(openCalls)
        return {
          status: database && bus ? "ok" : "degraded",
          ...(database ? { activeCalls: openCalls.value } : {}),
          database,
          bus,
          version
        } as const
      }),
      keys: () => accessTokens.keys
    })
  })
)

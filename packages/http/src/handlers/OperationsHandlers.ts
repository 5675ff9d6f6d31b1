/**
 * The handlers of the group `operations`.
 */
import { CallBus, CallRepository } from "@dchat/domain/call"
import { AccessTokens } from "@dchat/domain/identity"
import { Loops } from "@dchat/domain/loop"
import { Effect, Exit, Fiber, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { NotReady } from "../api/RequestErrors.ts"
import { version } from "../api/Version.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { exactly } from "./DeclaredErrors.ts"

/** The time within which a probe gets its answer. */
const readTimeout = "2 seconds"

export const OperationsHandlers = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fn(function*(handlers) {
    const repository = yield* CallRepository
    const bus = yield* CallBus
    const accessTokens = yield* AccessTokens
    const { late } = yield* Loops
    const load = yield* HostLoad

    let asking: Fiber.Fiber<Exit.Exit<number>> | undefined

    const askOnce = Effect.suspend(() =>
      asking === undefined
        ? Effect.tap(
          Effect.forkDetach(Effect.onExit(Effect.exit(repository.countOpen), () => asked)),
          (fiber) =>
            Effect.sync(() => {
              asking = fiber
            })
        )
        : Effect.succeed(asking)
    )
    const asked = Effect.sync(() => {
      asking = undefined
    })

    /**
     * The number of open calls is asked of the database, so it tells whether that is there. All who want to know at the
     * same time share one question. An answer that is late is not waited for, and neither is the end of the question.
     */
    const openCalls = Effect.flatMap(askOnce, (fiber) => Effect.timeoutOption(Fiber.join(fiber), readTimeout)).pipe(
      Effect.tap((answer) => Option.isNone(answer) ? asked : Effect.void),
      Effect.map((answer) => Option.flatMap(answer, Exit.getSuccess))
    )
    const look = Effect.all({ openCalls, bus: bus.isReachable, late }, { concurrency: "unbounded" })

    return handlers.handleAll(exactly(handlers, {
      alive: () => Effect.succeed({ status: "ok" } as const),
      ready: Effect.fn(function*() {
        const { bus, late, openCalls } = yield* look
        const behind = late.filter(({ isVital }) => isVital).map(({ name }) => name)
        const overloaded = load.isOver("connections")
        if (!bus || Option.isNone(openCalls) || behind.length > 0 || overloaded) {
          return yield* new NotReady({ database: Option.isSome(openCalls), bus, late: behind, overloaded })
        }
        return { status: "ok" } as const
      }),
      health: Effect.fn(function*() {
        const { bus, late, openCalls } = yield* look
        const database = Option.isSome(openCalls)
        return {
          status: database && bus && late.length === 0 && !load.isOver("calls") ? "ok" : "degraded",
          ...(database ? { activeCalls: openCalls.value } : {}),
          database,
          bus,
          late: late.map(({ name }) => name),
          version
        } as const
      }),
      keys: () => accessTokens.keys
    }))
  })
)

/**
 * The host as a program: reads the configuration, starts, prints its URL, and runs until it receives a signal to stop.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Layer } from "effect"
import { HttpServer } from "effect/http"
import { HostConfig, layerEnvironment, layerVariables } from "../config/Config.ts"
import { HostSettings } from "../config/HostSettings.ts"
import * as DatabaseTroubleLog from "../middleware/DatabaseTroubleLog.ts"
import * as Dchat from "./Dchat.ts"
import { endInTime } from "./EndInTime.ts"
import { startFailureOf } from "./StartFailure.ts"

const Announcement = Layer.effectDiscard(
  Effect.gen(function*() {
    yield* HttpServer.HttpServer
    const { publicUrl } = yield* HostSettings
    yield* Console.log(`dchat is ready at ${publicUrl.origin}`)
  })
)

const Host = Layer.unwrap(
  Effect.map(HostConfig, (config) => Announcement.pipe(Layer.provide(Dchat.layer(config))))
)

const launch = (configuration: typeof layerEnvironment): Effect.Effect<never, unknown> =>
  Layer.launch(Host).pipe(
    Effect.provide([configuration, DatabaseTroubleLog.layer]),
    Effect.tapCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Console.error(`dchat cannot start: ${startFailureOf(cause)}`)
    )
  )

/** The host of the process. When the host cannot start, one line says what is wrong and what to do about it. */
export const program = launch(layerEnvironment)

/** The host that these variables describe, for tests. */
export const programWith = (variables: Readonly<Record<string, string | undefined>>) =>
  launch(layerVariables(variables))

/** Runs the host as the only program of the process. */
export const run = (host: Effect.Effect<never, unknown>): void => {
  endInTime()
  NodeRuntime.runMain(host, {
    disableErrorReporting: true,
    // A requested stop is not a failure.
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1)
  })
}

/**
 * The host as a program: reads the configuration, starts, says where it is, and runs until it is asked to stop.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Exit, Layer } from "effect"
import { HttpServer } from "effect/http"
import { HostConfig, layerEnvironment } from "../config/Config.ts"
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

/** One line says what is wrong and what to do about it. */
export const program: Effect.Effect<never, unknown> = Layer.launch(Host).pipe(
  Effect.provide([layerEnvironment, DatabaseTroubleLog.layer]),
  Effect.tapCause((cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.void : Console.error(`dchat cannot start: ${startFailureOf(cause)}`)
  )
)

/** As the only thing that this process does. */
export const run = (host: Effect.Effect<never, unknown>): void => {
  endInTime()
  NodeRuntime.runMain(host, {
    disableErrorReporting: true,
    // Being asked to stop, and stopping, is no failure.
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1)
  })
}

/**
 * The host as a program: reads the configuration, starts, says where it is, and runs until it is asked to stop.
 */
import { CallSettings } from "@dchat/domain/call"
import { NodeRuntime } from "@effect/platform-node"
import { Cause, Console, Effect, Exit, Layer, Option } from "effect"
import { HttpServer } from "effect/http"
import { HostConfig, layerEnvironment, publicUrlOf } from "../config/Config.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { SharedSecrets } from "../config/SharedSecrets.ts"
import * as DatabaseTroubleLog from "../middleware/DatabaseTroubleLog.ts"
import { BillingLayer } from "./BillingLayers.ts"
import { endInTime } from "./EndInTime.ts"
import { HostServer } from "./HostServer.ts"
import { HttpApp } from "./HttpApp.ts"
import { Cryptography, PostgresPorts, Services } from "./Layers.ts"
import { startFailureOf } from "./StartFailure.ts"

const Announcement = Layer.effectDiscard(
  Effect.gen(function*() {
    yield* HttpServer.HttpServer
    const { publicUrl } = yield* HostSettings
    yield* Console.log(`dchat is ready at ${publicUrl.origin}`)
  })
)

const Host = Layer.unwrap(
  Effect.map(HostConfig, (config) =>
    Announcement.pipe(
      Layer.provideMerge(HttpApp),
      // Last, because whoever connects before there are routes would wait for an answer in vain.
      Layer.provide(HostServer({
        host: config.host,
        port: config.port,
        keepAliveSeconds: config.keepAliveSeconds,
        maxConnections: config.maxConnections,
        trustedProxies: config.trustedProxies,
        rateLimits: config.rateLimits
      })),
      Layer.provide(
        Services(config.identity, BillingLayer(config.stripe)).pipe(
          Layer.provideMerge(SharedSecrets(config)),
          Layer.provide(Cryptography),
          Layer.provideMerge(PostgresPorts(config))
        )
      ),
      Layer.provide([
        Layer.succeed(HostSettings, {
          environment: config.environment,
          publicUrl: publicUrlOf(config),
          port: config.port,
          allowedOrigins: config.allowedOrigins.map(({ origin }) => origin),
          trustedProxies: config.trustedProxies,
          rateLimits: config.rateLimits,
          stunUrls: config.stunUrls,
          serviceKeys: config.serviceKeys,
          docs: Option.getOrElse(
            config.docs,
            () => config.environment === "production" ? "off" as const : "on" as const
          ),
          webDirectory: Option.getOrUndefined(config.webDirectory)
        }),
        Layer.succeed(CallSettings, { timeouts: config.timeouts })
      ])
    ))
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

/**
 * Logs one line per request at debug level: never a query, a header or a body.
 */
import { Clock, Effect, LogLevel } from "effect"
import { HttpServerRequest } from "effect/http"
import type { Middleware } from "./Middleware.ts"

const logged: Middleware = (app) =>
  Effect.gen(function*() {
    const { method, url } = yield* HttpServerRequest.HttpServerRequest
    const start = yield* Clock.currentTimeMillis
    const log = Effect.fnUntraced(function*(outcome: string | number) {
      const milliseconds = (yield* Clock.currentTimeMillis) - start
      yield* Effect.logDebug(`${method} ${url.split("?", 1)[0]} ${outcome} ${milliseconds} ms`)
    })
    const response = yield* Effect.onInterrupt(app, () => log("given up"))
    yield* log(response.status)
    return response
  })

export const accessLog: Middleware = (app) =>
  Effect.flatMap(LogLevel.isEnabled("Debug"), (isLogged) => isLogged ? logged(app) : app)

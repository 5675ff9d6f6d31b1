/**
 * Handlers of the API for another server: listeners of Node's events, and a fetch handler.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer } from "effect"
import { HttpEffect, HttpRouter } from "effect/http"
import { type IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { Overloaded, UpgradeRequired } from "../api/RequestErrors.ts"
import { answerAnyway } from "../middleware/AnswerAnyway.ts"
import { ConnectionClosing, OpenSockets } from "../realtime/ConnectionClosing.ts"
import { WebSocketUpgrades } from "../realtime/WebSocketUpgrades.ts"
import { Handshakes } from "./Handshakes.ts"
import { Routes } from "./HttpApp.ts"
import { errorInRequest, isHandshake } from "./RequestForm.ts"
import { answerProblem, answerRawProblem, closeAfterReading, problemAnswer } from "./ServerProblems.ts"
import { layerSpansIfObserved } from "./SpansIfObserved.ts"

export interface Handlers {
  /** Answers a request of Node's `http` module. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  /** Takes an `upgrade` event of Node's HTTP server. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Answers a `Request`. Without a socket there are no realtime connections, and every client shares the limits. */
  readonly fetch: (request: Request) => Promise<Response>
}

const stopped = () => new Overloaded({ retryAfterSeconds: 1 })

/** A `Request` that was made of a URL has no Host header. */
const withHost = (request: Request): Request => {
  if (request.headers.has("host")) return request
  const headers = new Headers(request.headers)
  headers.set("host", new URL(request.url).host)
  return new Request(request, { headers })
}

/** The handlers, over services such as those of `Dchat.services`, for as long as the scope lives. */
export const makeHandlers = Effect.gen(function*() {
  const scope = yield* Effect.scope
  const handshakes = yield* Effect.acquireRelease(
    Effect.sync(() => new Handshakes()),
    (made) => Effect.sync(() => made.close())
  )
  const closing = ConnectionClosing.layer.pipe(Layer.provide(Layer.succeed(OpenSockets, handshakes.open)))
  // The connections are closed before anything that they need.
  const platform = yield* Layer.build(
    ConnectionClosing.layerBeforeStop.pipe(Layer.provideMerge([
      NodeHttpServer.layerHttpServices,
      closing,
      layerSpansIfObserved,
      Layer.succeed(WebSocketUpgrades, handshakes)
    ]))
  )
  return yield* Effect.gen(function*() {
    const app = yield* HttpRouter.toHttpEffect(Routes)
    type Needs = Effect.Services<typeof app>
    type Failure = Effect.Error<typeof app>
    const handling = { scope, middleware: answerAnyway }
    const answer = yield* NodeHttpServer.makeHandler<Needs, Failure>(app, handling)
    const answerWeb = HttpEffect.toWebHandlerWith<never, Needs>(yield* Effect.context<never>())(app, answerAnyway)
    let isOver = false
    // The last finalizer runs first: what comes from then on finds no services.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isOver = true
      })
    )
    return {
      request: (request, response) => {
        const error = isOver ? stopped() : errorInRequest("request", request)
        if (error !== undefined) return answerProblem(response, error, true)
        answer(request, response)
      },
      upgrade: (request, socket, head) => {
        socket.on("error", () => socket.destroy())
        // A client that does not end its side of a connection that was refused would keep it for good.
        socket.once("finish", () => closeAfterReading(socket))
        const error = isOver ? stopped() : errorInRequest("request", request)
        if (error !== undefined) return answerRawProblem(socket, error)
        if (!isHandshake(request)) return answerRawProblem(socket, new UpgradeRequired())
        if (socket.destroyed) return
        const response = new ServerResponse(request)
        handshakes.offer(request, { socket, head, response })
        answer(request, response)
      },
      fetch: async (request) => isOver ? problemAnswer(stopped()) : answerWeb(withHost(request))
    } satisfies Handlers
  }).pipe(Effect.provide(platform))
})

/**
 * Serves the whole API inside the HTTP server of an application: Express, Fastify, or any other server on Node.
 */
import { Context, Effect, Layer, ManagedRuntime } from "effect"
import { ConfigProvider } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { BodyAlreadyRead } from "../api/RequestErrors.ts"
import { HostConfig } from "../config/Config.ts"
import * as Dchat from "../host/Dchat.ts"
import { type Handlers, makeHandlers } from "../host/Handlers.ts"
import { hasBody } from "../host/RequestForm.ts"
import { answerProblem, problemAnswer } from "../host/ServerProblems.ts"
import { startFailureOf } from "../host/StartFailure.ts"
import { isKnownPath } from "../middleware/KnownRoutes.ts"

class MountedHandlers extends Context.Service<MountedHandlers, Handlers>()("@dchat/http/MountedHandlers") {}

export interface DchatHost {
  /**
   * Middleware of Express and of frameworks alike, and a listener of Node's `request` event. A path that dchat does not
   * know goes to `next`; without `next` it is answered 404. Mount it before whatever reads the bodies of requests.
   */
  readonly handler: (
    request: IncomingMessage & { readonly originalUrl?: string },
    response: ServerResponse,
    next?: () => void
  ) => void
  /**
   * A listener of the `upgrade` event of Node's HTTP server, for realtime connections. Returns whether dchat took the
   * connection.
   */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
  /** Answers a `Request` without a socket: no realtime connections, and every client shares the limits by address. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Ends connections, background work and the database. */
  close(): Promise<void>
}

/** dchat cannot start. The message gives the reason and the remedy. */
export class DchatCannotStart extends Error {
  override readonly name = "DchatCannotStart"
}

const pathOf = (url = "/"): string => url.split("?", 1)[0] ?? "/"

/**
 * Starts the services of a host and returns handlers for them. `variables` are the environment variables of a host, as
 * docs/configuration.md lists them. `DCHAT_PUBLIC_URL` is the origin of the application.
 */
export const openDchatHost = async (
  variables: Readonly<Record<string, string | undefined>> = process.env
): Promise<DchatHost> => {
  const env = Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => value ? [[name, value]] : []))
  const mounted = Layer.unwrap(
    Effect.map(
      HostConfig,
      (config) => Layer.effect(MountedHandlers, makeHandlers).pipe(Layer.provide(Dchat.services(config)))
    )
  )
  const runtime = ManagedRuntime.make(
    mounted.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
  )
  const exit = await runtime.runPromiseExit(MountedHandlers)
  if (exit._tag === "Failure") {
    await runtime.dispose()
    throw new DchatCannotStart(startFailureOf(exit.cause), { cause: exit.cause })
  }
  const { fetch, request: answer, upgrade } = exit.value
  return {
    handler: (request, response, next) => {
      if (next !== undefined && !isKnownPath(pathOf(request.originalUrl ?? request.url))) return next()
      if (hasBody(request) && request.readableDidRead) return answerProblem(response, new BodyAlreadyRead(), false)
      // Express takes the prefix away under which something is mounted.
      if (request.originalUrl !== undefined) request.url = request.originalUrl
      answer(request, response)
    },
    upgrade: (request, socket, head) => {
      const isOurs = pathOf(request.url) === "/api/realtime"
      if (isOurs) upgrade(request, socket, head)
      return isOurs
    },
    fetch: (request) => request.bodyUsed ? Promise.resolve(problemAnswer(new BodyAlreadyRead())) : fetch(request),
    close: () => runtime.dispose()
  }
}

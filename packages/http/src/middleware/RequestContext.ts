/**
 * Gives every request an id, for the answer, for problems and for the log, and the maximum size of its body. A client may
 * bring its own id. All services of a request are added in one step.
 */
import { ByteSize, Context, Effect, References } from "effect"
import { HttpIncomingMessage, HttpServerRequest, HttpServerResponse } from "effect/http"
import { randomUUID } from "node:crypto"
import { RequestId } from "../api/Problems.ts"
import type { Middleware } from "./Middleware.ts"

/** Larger bodies are refused before they are read. */
const maxBodySize = ByteSize.kibibytes(256)

const isSane = (id: string | undefined): id is string => id !== undefined && /^[\w.:-]{1,64}$/.test(id)

const contextOf = <R>(context: Context.Context<R>, requestId: string): Context.Context<R> =>
  context.pipe(
    Context.add(RequestId, requestId),
    Context.add(HttpIncomingMessage.MaxBodySize, maxBodySize),
    Context.add(References.CurrentLogAnnotations, {
      ...Context.get(context, References.CurrentLogAnnotations),
      requestId
    })
  )

export const withRequestContext: Middleware = (app) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const given = headers["x-request-id"]
    const id = isSane(given) ? given : randomUUID()
    const identified = Effect.map(app, (response) => HttpServerResponse.setHeader(response, "x-request-id", id))
    return Effect.updateContext(
      identified,
      (context: Context.Context<HttpServerRequest.HttpServerRequest>) => contextOf(context, id)
    )
  })

/**
 * Gives every request an id, for the answer, for problems and for the log. A client may bring its own.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { randomUUID } from "node:crypto"
import { RequestId } from "../api/Problems.ts"
import type { Middleware } from "./Middleware.ts"

const isSane = (id: string | undefined): id is string => id !== undefined && /^[\w.:-]{1,64}$/.test(id)

export const withRequestId: Middleware = (app) =>
  Effect.gen(function*() {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const given = headers["x-request-id"]
    const id = isSane(given) ? given : randomUUID()
    const response = yield* app.pipe(Effect.provideService(RequestId, id), Effect.annotateLogs("requestId", id))
    return HttpServerResponse.setHeader(response, "x-request-id", id)
  })

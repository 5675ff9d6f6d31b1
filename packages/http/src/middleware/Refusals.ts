/**
 * Answers the requests that a check refuses, so that these requests reach no route. A check is a plain function, because
 * every request passes all checks.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import type { ProblemError } from "../api/Problems.ts"
import type { Middleware } from "./Middleware.ts"
import { problemResponse } from "./ProblemResponse.ts"

/** The answer to a request that a check refuses. */
export type Refusal = ProblemError | HttpServerResponse.HttpServerResponse

type Check = (request: HttpServerRequest.HttpServerRequest) => Refusal | undefined

/** The first check that refuses the request decides the answer. */
export const refuse = (...checks: ReadonlyArray<Check>): Middleware => (app) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    for (const check of checks) {
      const refusal = check(request)
      if (refusal === undefined) continue
      return HttpServerResponse.isHttpServerResponse(refusal) ? Effect.succeed(refusal) : problemResponse(refusal)
    }
    return app
  })

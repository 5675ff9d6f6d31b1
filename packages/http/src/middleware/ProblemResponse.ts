/**
 * An error as a response.
 */
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import { problemContentType, type ProblemError, problemOf, problemTable, RequestId } from "../api/Problems.ts"

export const problemResponse = (error: ProblemError): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.map(RequestId, (id) =>
    HttpServerResponse.jsonUnsafe(problemOf(error, id), {
      status: problemTable[error._tag].status,
      contentType: problemContentType,
      ...("retryAfterSeconds" in error && { headers: { "retry-after": String(error.retryAfterSeconds) } })
    }))

/**
 * Answers a request that still fails after all other handlers of failures, for example while the answer is sent.
 */
import { Cause, Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { randomUUID } from "node:crypto"
import { RequestId } from "../api/Problems.ts"
import { InternalError } from "../api/RequestErrors.ts"
import { problemResponse } from "./ProblemResponse.ts"

/** The cause of a request whose client disconnected while the answer was sent. */
const isGivenUp = (cause: Cause.Cause<unknown>) =>
  Cause.hasInterruptsOnly(cause) || HttpServerResponse.isHttpServerResponse(Cause.squash(cause))

/** The response is sent only where none has been sent yet. */
export const answerAnyway = <E, R>(
  sent: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, E, HttpServerRequest.HttpServerRequest | R> =>
  Effect.catchCause(sent, (cause) => {
    if (isGivenUp(cause)) return Effect.failCause(cause)
    return Effect.gen(function*() {
      const { method, url } = yield* HttpServerRequest.HttpServerRequest
      const requestId = randomUUID()
      yield* Effect.logError(`${method} ${url.split("?", 1)[0]} could not be answered`, cause).pipe(
        Effect.annotateLogs("requestId", requestId)
      )
      return yield* Effect.provideService(problemResponse(new InternalError()), RequestId, requestId)
    })
  })

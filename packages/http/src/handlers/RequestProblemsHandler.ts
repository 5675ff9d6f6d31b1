/**
 * Answers requests that do not match their schema with a problem, and states when a repeated request may succeed.
 */
import { CallContended, TooManyOffers } from "@dchat/domain/call"
import { DateTime, Effect, Layer, Predicate, type Types } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { HttpApiError } from "effect/http-api"
import { InvalidJson, InvalidRequest } from "../api/RequestErrors.ts"
import { RequestProblems } from "../api/RequestProblems.ts"
import { issuesOf } from "./SchemaIssues.ts"

const problemOfRequest = ({ cause, kind }: HttpApiError.HttpApiSchemaError) => {
  const { issue } = cause
  if (
    kind === "Payload" && issue._tag === "InvalidValue" && issue.annotations?.message === "Expected a valid JSON body"
  ) {
    return new InvalidJson()
  }
  return new InvalidRequest({
    issues: issuesOf(issue, kind.toLowerCase())
  })
}

/** Seconds after which the same request may be answered. */
const retryAfter = Effect.fnUntraced(function*(failure: unknown) {
  if (failure instanceof CallContended) return 1
  if (Predicate.hasProperty(failure, "retryAfterSeconds")) return Number(failure.retryAfterSeconds)
  if (!(failure instanceof TooManyOffers)) return undefined
  const wait = DateTime.toEpochMillis(failure.retryAt) - DateTime.toEpochMillis(yield* DateTime.now)
  return Math.max(1, Math.ceil(wait / 1000))
})

const tellRetryAfter = Effect.fnUntraced(function*(failure: unknown) {
  const seconds = yield* retryAfter(failure)
  if (seconds === undefined) return
  yield* HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(seconds)))
  )
})

const answer = Effect.fnUntraced(function*(failure: Types.unhandled) {
  if (!HttpApiError.HttpApiSchemaError.is(failure)) {
    yield* tellRetryAfter(failure)
    return yield* Effect.fail(failure)
  }
  const isOurs = failure.kind === "Body" || failure.kind === "ResponseHeaders"
  return yield* isOurs ? Effect.die(failure) : problemOfRequest(failure)
})

export const RequestProblemsHandler = Layer.succeed(
  RequestProblems,
  RequestProblems.of((app) => Effect.catch(app, answer))
)

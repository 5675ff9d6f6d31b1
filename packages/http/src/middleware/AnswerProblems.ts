/**
 * Replaces empty answers and plain text errors by problems.
 */
import { Cause, Effect, Option, Predicate } from "effect"
import { HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { problemContentType, type ProblemError, problemTable } from "../api/Problems.ts"
import {
  BadRequest,
  InternalError,
  MethodNotAllowed,
  NotFound,
  PayloadTooLarge,
  UnsupportedMediaType
} from "../api/RequestErrors.ts"
import { troubleOf } from "./DatabaseTrouble.ts"
import type { Middleware } from "./Middleware.ts"
import { problemResponse } from "./ProblemResponse.ts"

/** Methods that a path is known for. */
export type AllowedMethods = (path: string) => ReadonlyArray<string>

const errorOf = (
  status: number,
  request: HttpServerRequest.HttpServerRequest,
  allowed: AllowedMethods
): ProblemError => {
  switch (status) {
    case 404: {
      const methods = allowed(request.url)
      return methods.length === 0 || methods.includes(request.method)
        ? new NotFound()
        : new MethodNotAllowed({ allowed: methods })
    }
    case 413:
      return new PayloadTooLarge()
    case 415:
      return new UnsupportedMediaType()
    default:
      return status < 500 ? new BadRequest() : new InternalError()
  }
}

const isProblem = ({ body, headers }: HttpServerResponse.HttpServerResponse) =>
  ("contentType" in body ? body.contentType : headers["content-type"])?.startsWith(problemContentType) === true

const asProblem = Effect.fnUntraced(function*(
  response: HttpServerResponse.HttpServerResponse,
  allowed: AllowedMethods
) {
  if (response.status < 400 || isProblem(response)) return response
  const request = yield* HttpServerRequest.HttpServerRequest
  const error = errorOf(response.status, request, allowed)
  const problem = yield* problemResponse(error)
  return error instanceof MethodNotAllowed
    ? HttpServerResponse.setHeader(problem, "allow", error.allowed.join(", "))
    : problem
})

const whatItIsAbout = ({ method, url }: HttpServerRequest.HttpServerRequest) => `${method} ${url.split("?", 1)[0]}`

const isProblemError = (error: unknown): error is ProblemError =>
  Predicate.hasProperty(error, "_tag") && String(error._tag) in problemTable

const answerCause = Effect.fnUntraced(function*<E>(cause: Cause.Cause<E>) {
  const failure = Cause.findErrorOption(cause)
  if (Option.isSome(failure) && isProblemError(failure.value)) return yield* problemResponse(failure.value)
  const trouble = troubleOf(cause)
  if (trouble !== undefined) {
    const request = yield* HttpServerRequest.HttpServerRequest
    yield* Effect.logError(`${whatItIsAbout(request)} failed`, cause)
    return HttpServerResponse.setHeader(
      yield* problemResponse(trouble.error),
      "retry-after",
      `${trouble.error.retryAfterSeconds}`
    )
  }
  const [response] = yield* HttpServerError.causeResponse(cause)
  if (response.status === 500) {
    const request = yield* HttpServerRequest.HttpServerRequest
    yield* Effect.logError(`${whatItIsAbout(request)} failed`, cause)
  }
  return response
})

/** A challenge belongs to every 401 (RFC 9110, 11.6.1). */
const withChallenge = (response: HttpServerResponse.HttpServerResponse) =>
  response.status === 401 ? HttpServerResponse.setHeader(response, "www-authenticate", "Bearer") : response

export const answerProblems = (allowed: AllowedMethods): Middleware => (app) =>
  app.pipe(
    Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : answerCause(cause)),
    Effect.flatMap((response) => asProblem(response, allowed)),
    Effect.map(withChallenge)
  )

/**
 * Answers requests that are not of the declared shape with problems, as every endpoint may.
 */
import { HttpApiMiddleware } from "effect/http-api"
import { problem } from "./Problems.ts"
import {
  InternalError,
  InvalidJson,
  InvalidRequest,
  OriginNotAllowed,
  PayloadTooLarge,
  UnsupportedMediaType
} from "./RequestErrors.ts"

export class RequestProblems extends HttpApiMiddleware.Service<RequestProblems>()("@dchat/http/api/RequestProblems", {
  error: [
    problem(InvalidRequest),
    problem(InvalidJson),
    problem(OriginNotAllowed),
    problem(PayloadTooLarge),
    problem(UnsupportedMediaType),
    problem(InternalError)
  ]
}) {}

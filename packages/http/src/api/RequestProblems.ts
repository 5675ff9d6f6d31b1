/**
 * Answers requests that are not of the declared shape, and requests that come while the database or the host is in
 * trouble, with problems, as every endpoint may.
 */
import { HttpApiMiddleware } from "effect/http-api"
import {
  DatabaseBusy,
  DatabaseContended,
  DatabaseFull,
  DatabaseReadOnly,
  DatabaseTimeout,
  DatabaseUnavailable
} from "./DatabaseErrors.ts"
import { problem } from "./Problems.ts"
import {
  InternalError,
  InvalidJson,
  InvalidRequest,
  OriginNotAllowed,
  Overloaded,
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
    problem(InternalError),
    problem(DatabaseUnavailable),
    problem(DatabaseBusy),
    problem(DatabaseTimeout),
    problem(DatabaseFull),
    problem(DatabaseReadOnly),
    problem(DatabaseContended),
    problem(Overloaded)
  ]
}) {}

/**
 * Problems that the host answers before it chooses an operation, so that no operation declares them.
 */
import { Schema } from "effect"
import { problem } from "../Problems.ts"
import {
  BadRequest,
  ExpectationFailed,
  HeadersTooLarge,
  HostNotAllowed,
  MethodNotAllowed,
  NotFound,
  RequestTimedOut,
  UriTooLong
} from "../RequestErrors.ts"

export const generalProblems = [
  Schema.toEncoded(problem(BadRequest)),
  Schema.toEncoded(problem(ExpectationFailed)),
  Schema.toEncoded(problem(HeadersTooLarge)),
  Schema.toEncoded(problem(HostNotAllowed)),
  Schema.toEncoded(problem(MethodNotAllowed)),
  Schema.toEncoded(problem(NotFound)),
  Schema.toEncoded(problem(RequestTimedOut)),
  Schema.toEncoded(problem(UriTooLong))
]

/**
 * The errors of requests that call LinkedIn.
 */
import { Schema } from "effect"

/** LinkedIn does not answer, or does not want to at the moment: try again later. */
export class LinkedInUnavailable extends Schema.TaggedError<LinkedInUnavailable>()("LinkedInUnavailable", {}) {}

/** The answer of LinkedIn cannot be trusted. */
export class LinkedInInvalidResponse
  extends Schema.TaggedError<LinkedInInvalidResponse>()("LinkedInInvalidResponse", {})
{}

/** A place to return to is a path, or a URL of the public origin or an allowed one. */
export class ReturnToNotAllowed extends Schema.TaggedError<ReturnToNotAllowed>()("ReturnToNotAllowed", {}) {}

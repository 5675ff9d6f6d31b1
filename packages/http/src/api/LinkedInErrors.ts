/**
 * The errors of requests that call LinkedIn.
 */
import { Schema } from "effect"

/** LinkedIn does not answer, or refuses requests for now. A later request may succeed. */
export class LinkedInUnavailable extends Schema.TaggedError<LinkedInUnavailable>()("LinkedInUnavailable", {}) {}

/** The answer of LinkedIn cannot be trusted. */
export class LinkedInInvalidResponse
  extends Schema.TaggedError<LinkedInInvalidResponse>()("LinkedInInvalidResponse", {})
{}

/** A return URL is a path, or a URL of the public origin or of an allowed origin. */
export class ReturnToNotAllowed extends Schema.TaggedError<ReturnToNotAllowed>()("ReturnToNotAllowed", {}) {}

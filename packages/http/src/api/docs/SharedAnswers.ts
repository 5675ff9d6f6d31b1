/**
 * Answers that many operations have, described once.
 */

interface SharedAnswer {
  readonly status: number
  /** The codes of the problems. */
  readonly codes: ReadonlyArray<string>
  readonly description: string
}

export const sharedAnswers: Readonly<Record<string, SharedAnswer>> = {
  BadRequest: {
    status: 400,
    codes: ["ambiguous_credentials", "invalid_json", "invalid_request"],
    description: "The request does not match the contract, or the request has both a bearer token and a session cookie."
  },
  BadQuery: {
    status: 400,
    codes: ["ambiguous_credentials", "invalid_request"],
    description: "A parameter does not match the contract, or the request has two credentials."
  },
  BadBody: {
    status: 400,
    codes: ["invalid_json", "invalid_request"],
    description: "The request does not match the contract."
  },
  InvalidRequest: {
    status: 400,
    codes: ["invalid_request"],
    description: "A parameter does not match the contract. `issues` names each fault."
  },
  Malformed: {
    status: 400,
    codes: ["bad_request"],
    description: "The request is not valid HTTP. The host does not choose an operation for such a request."
  },
  Unauthenticated: {
    status: 401,
    codes: ["unauthenticated"],
    description: "The request has no credential of a live session. Sign in again."
  },
  OriginNotAllowed: {
    status: 403,
    codes: ["origin_not_allowed"],
    description: "A page of another origin sent the request, and the installation does not allow that origin."
  },
  NotFound: { status: 404, codes: ["not_found"], description: "The host serves nothing at this path." },
  MethodNotAllowed: {
    status: 405,
    codes: ["method_not_allowed"],
    description:
      "The path does not allow this method. The header `Allow` and the member `allowed` list the allowed methods."
  },
  RequestTimeout: {
    status: 408,
    codes: ["request_timeout"],
    description: "The client took too long to send the request. The host closes the connection."
  },
  TokenReplaced: {
    status: 409,
    codes: ["token_replaced"],
    description: "The session has a newer token. Repeat the request with the newer token."
  },
  PayloadTooLarge: {
    status: 413,
    codes: ["payload_too_large"],
    description: "The body has more than 256 KiB. The host does not read it."
  },
  UriTooLong: { status: 414, codes: ["uri_too_long"], description: "The URL is too long." },
  UnsupportedMediaType: {
    status: 415,
    codes: ["unsupported_media_type"],
    description: "The content type of the body is not `application/json`."
  },
  ExpectationFailed: {
    status: 417,
    codes: ["expectation_failed"],
    description: "The value of the header `Expect` is not `100-continue`."
  },
  HostNotAllowed: {
    status: 421,
    codes: ["host_not_allowed"],
    description: "The header `Host` does not name this installation."
  },
  TooManyRequests: {
    status: 429,
    codes: ["rate_limited"],
    description:
      "The client exceeded a limit. Wait for the number of seconds in `Retry-After`, then repeat the request."
  },
  HeadersTooLarge: {
    status: 431,
    codes: ["headers_too_large"],
    description: "The header fields are too large."
  },
  InternalError: {
    status: 500,
    codes: ["internal_error"],
    description: "The server failed. The log of the host has the reason with the same `requestId`."
  },
  Unavailable: {
    status: 503,
    codes: [
      "database_unavailable",
      "database_busy",
      "database_timeout",
      "database_full",
      "database_read_only",
      "contended",
      "overloaded"
    ],
    description:
      "The database does not answer in time, or the host has too many requests. Wait for the number of seconds in `Retry-After`, then repeat the request."
  }
}

const text = (description: string, example: string) => ({ description, schema: { type: "string" }, example })

/** Header fields of answers. */
export const headers = {
  "X-Request-Id": text(
    "Identifies the request in the log of the host. The client may send an id of its own in the same header.",
    "01985f2e-7a10-7c41-9f08-2b6d1c5e7a10"
  ),
  "Retry-After": {
    description: "The number of seconds after which the same request may succeed. Absent if waiting does not help.",
    schema: { type: "integer", minimum: 1 },
    example: 2
  },
  RateLimit: text(
    "The remaining requests (`r`) and the seconds until the limit is full again (`t`), for each policy that counts the request.",
    "\"place:address\";r=599;t=1, \"place:person\";r=59;t=1"
  ),
  "RateLimit-Policy": text(
    "The quota (`q`) and its window in seconds (`w`), for each policy that counts the request.",
    "\"place:address\";q=600;w=60, \"place:person\";q=60;w=60"
  ),
  "WWW-Authenticate": text("The scheme by which the host authenticates requests (RFC 9110).", "Bearer")
}

/** References to header fields, by their names. */
export const headerRefs = (...names: ReadonlyArray<keyof typeof headers>) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

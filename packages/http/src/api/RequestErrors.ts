/**
 * Errors of an invalid request, at any endpoint, and errors of the server.
 */
import { Schema } from "effect"

/** One fault of a request. The path begins with the faulty part: params, headers, query or payload. */
export const RequestIssue = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
  message: Schema.String
}).annotate({ identifier: "RequestIssue" })
export type RequestIssue = typeof RequestIssue.Type

/**
 * The request does not match its schema. The issues name the places and the expected values, and never the sent values.
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  issues: Schema.Array(RequestIssue)
}) {}

/** The request needs a key of a service of this installation. */
export class ServiceKeyRequired extends Schema.TaggedError<ServiceKeyRequired>()("ServiceKeyRequired", {}) {}

/** The body is not JSON. */
export class InvalidJson extends Schema.TaggedError<InvalidJson>()("InvalidJson", {}) {}

/** The request line, a header or the body is not valid HTTP. */
export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", {}) {}

/** The request has neither the token nor the cookie of a live session. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", {}) {}

/** The request has a bearer token and a session cookie, so the sender is ambiguous. */
export class AmbiguousCredentials extends Schema.TaggedError<AmbiguousCredentials>()("AmbiguousCredentials", {}) {}

/** A page of another origin sent the request, and the installation does not allow that origin. */
export class OriginNotAllowed extends Schema.TaggedError<OriginNotAllowed>()("OriginNotAllowed", {}) {}

/** The Host header names another server. */
export class HostNotAllowed extends Schema.TaggedError<HostNotAllowed>()("HostNotAllowed", {}) {}

/** No resource exists at this path. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {}) {}

/** The path exists, but does not allow this method. */
export class MethodNotAllowed extends Schema.TaggedError<MethodNotAllowed>()("MethodNotAllowed", {
  allowed: Schema.Array(Schema.String)
}) {}

/**
 * The application has read the body before dchat. The application has to mount dchat before middleware that reads
 * bodies.
 */
export class BodyAlreadyRead extends Schema.TaggedError<BodyAlreadyRead>()("BodyAlreadyRead", {}) {}

/** The body is larger than the server reads. */
export class PayloadTooLarge extends Schema.TaggedError<PayloadTooLarge>()("PayloadTooLarge", {}) {}

/** The body is not declared as JSON. */
export class UnsupportedMediaType extends Schema.TaggedError<UnsupportedMediaType>()("UnsupportedMediaType", {}) {}

/** The request target is longer than any valid target. */
export class UriTooLong extends Schema.TaggedError<UriTooLong>()("UriTooLong", {}) {}

/** The header `Expect` has another value than `100-continue` (RFC 9110, 10.1.1). */
export class ExpectationFailed extends Schema.TaggedError<ExpectationFailed>()("ExpectationFailed", {}) {}

/** The header fields are longer than the server reads. */
export class HeadersTooLarge extends Schema.TaggedError<HeadersTooLarge>()("HeadersTooLarge", {}) {}

/** The request did not arrive in time. */
export class RequestTimedOut extends Schema.TaggedError<RequestTimedOut>()("RequestTimedOut", {}) {}

/** The path accepts WebSocket connections only. */
export class UpgradeRequired extends Schema.TaggedError<UpgradeRequired>()("UpgradeRequired", {}) {}

/** The client, or the whole server, has too many requests in progress. */
export class Overloaded extends Schema.TaggedError<Overloaded>()("Overloaded", {
  /** Seconds after which the same request may be answered. */
  retryAfterSeconds: Schema.Int
}) {}

/** The server failed. The log has the details with the request id. */
export class InternalError extends Schema.TaggedError<InternalError>()("InternalError", {}) {}

/** A dependency of the server is not available. */
export class NotReady extends Schema.TaggedError<NotReady>()("NotReady", {
  database: Schema.Boolean,
  bus: Schema.Boolean,
  /** The late background tasks of this host, such as "sweep calls". */
  late: Schema.Array(Schema.String),
  /** Whether the host is overloaded and accepts no new connections. */
  overloaded: Schema.Boolean
}) {}

/**
 * Errors of a request that is wrong in itself, whatever its endpoint, and errors of the server.
 */
import { Schema } from "effect"

/** One thing that is wrong with a request; the path begins with the part of it: params, headers, query or payload. */
export const RequestIssue = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
  message: Schema.String
}).annotate({ identifier: "RequestIssue" })
export type RequestIssue = typeof RequestIssue.Type

/** The request is not of the declared shape. The issues name places and expectations, never what was sent. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  issues: Schema.Array(RequestIssue)
}) {}

/** Only a service of this installation may do this, by its key. */
export class ServiceKeyRequired extends Schema.TaggedError<ServiceKeyRequired>()("ServiceKeyRequired", {}) {}

/** The body is not JSON. */
export class InvalidJson extends Schema.TaggedError<InvalidJson>()("InvalidJson", {}) {}

/** A request line, header or body that HTTP itself does not allow. */
export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", {}) {}

/** Neither a token nor a cookie of a live session came with the request. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", {}) {}

/** A bearer token and a session cookie at once: it is not clear who asks. */
export class AmbiguousCredentials extends Schema.TaggedError<AmbiguousCredentials>()("AmbiguousCredentials", {}) {}

/** A page of another origin asks, and it is not among the allowed ones. */
export class OriginNotAllowed extends Schema.TaggedError<OriginNotAllowed>()("OriginNotAllowed", {}) {}

/** The Host header names another server. */
export class HostNotAllowed extends Schema.TaggedError<HostNotAllowed>()("HostNotAllowed", {}) {}

/** There is nothing at this path. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {}) {}

/** There is something at this path, but not for this method. */
export class MethodNotAllowed extends Schema.TaggedError<MethodNotAllowed>()("MethodNotAllowed", {
  allowed: Schema.Array(Schema.String)
}) {}

/** The application around dchat read the body first: it mounts dchat behind what reads bodies. */
export class BodyAlreadyRead extends Schema.TaggedError<BodyAlreadyRead>()("BodyAlreadyRead", {}) {}

/** The body is larger than the server reads. */
export class PayloadTooLarge extends Schema.TaggedError<PayloadTooLarge>()("PayloadTooLarge", {}) {}

/** The body is not declared as JSON. */
export class UnsupportedMediaType extends Schema.TaggedError<UnsupportedMediaType>()("UnsupportedMediaType", {}) {}

/** The request target is longer than any that means something here. */
export class UriTooLong extends Schema.TaggedError<UriTooLong>()("UriTooLong", {}) {}

/** The request expects something else than to be told to go on (RFC 9110, 10.1.1). */
export class ExpectationFailed extends Schema.TaggedError<ExpectationFailed>()("ExpectationFailed", {}) {}

/** The header fields are longer than the server reads. */
export class HeadersTooLarge extends Schema.TaggedError<HeadersTooLarge>()("HeadersTooLarge", {}) {}

/** The request did not arrive in time. */
export class RequestTimedOut extends Schema.TaggedError<RequestTimedOut>()("RequestTimedOut", {}) {}

/** Only a WebSocket begins here. */
export class UpgradeRequired extends Schema.TaggedError<UpgradeRequired>()("UpgradeRequired", {}) {}

/** The client, or the whole server, has too many requests under way. */
export class Overloaded extends Schema.TaggedError<Overloaded>()("Overloaded", {
  /** Seconds after which the same request may be answered. */
  retryAfterSeconds: Schema.Int
}) {}

/** The server failed. The log has the details under the request id. */
export class InternalError extends Schema.TaggedError<InternalError>()("InternalError", {}) {}

/** A dependency of the server is not available. */
export class NotReady extends Schema.TaggedError<NotReady>()("NotReady", {
  database: Schema.Boolean,
  bus: Schema.Boolean,
  /** The tasks that this host runs for every call and that are late, as in "sweep calls". */
  late: Schema.Array(Schema.String),
  /** The host is behind with its work, so that it accepts no new connections. */
  overloaded: Schema.Boolean
}) {}

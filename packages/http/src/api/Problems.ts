/**
 * The problem details (RFC 9457) of every failure. One table maps the errors of the domain and of HTTP to a status, a
 * code and a title.
 */
import { maxWallets } from "@dchat/domain/identity"
import { Context, DateTime, Effect, Schema, SchemaTransformation } from "effect"
import { HttpApiSchema } from "effect/http-api"

export const problemContentType = "application/problem+json"

const entry = <const Code extends string>(status: number, code: Code, title?: string) => ({ status, code, title })

/** The problems by the tag of the error. An entry without a title uses the message of the error as the title. */
export const problemTable = {
  // The request
  InvalidRequest: entry(400, "invalid_request", "The request does not match its schema"),
  InvalidJson: entry(400, "invalid_json", "The body is not JSON"),
  BadRequest: entry(400, "bad_request", "The request is malformed"),
  AmbiguousCredentials: entry(400, "ambiguous_credentials", "Send a bearer token or a session cookie, not both"),
  Unauthenticated: entry(401, "unauthenticated", "Sign in first"),
  OriginNotAllowed: entry(403, "origin_not_allowed", "This origin is not allowed"),
  NotFound: entry(404, "not_found", "No resource exists at this path"),
  MethodNotAllowed: entry(405, "method_not_allowed", "This path does not allow this method"),
  RequestTimedOut: entry(408, "request_timeout", "The request did not arrive in time"),
  PayloadTooLarge: entry(413, "payload_too_large", "The body is too large"),
  UriTooLong: entry(414, "uri_too_long", "The URL is too long"),
  UnsupportedMediaType: entry(415, "unsupported_media_type", "The content type has to be application/json"),
  ExpectationFailed: entry(417, "expectation_failed", "The server does not support this Expect header"),
  UpgradeRequired: entry(426, "upgrade_required", "This path accepts WebSocket connections only"),
  TooManyRequests: entry(429, "rate_limited", "Too many requests"),
  HeadersTooLarge: entry(431, "headers_too_large", "The header fields are too large"),
  HostNotAllowed: entry(421, "host_not_allowed", "This server does not serve the requested host"),
  InternalError: entry(500, "internal_error", "An internal error occurred"),
  BodyAlreadyRead: entry(
    500,
    "body_already_read",
    "The application read the body before dchat: mount dchat before body parsers such as express.json()"
  ),
  Overloaded: entry(503, "overloaded", "Too many requests are in progress: try again"),
  NotReady: entry(503, "not_ready", "The host is not ready"),

  TooManyConnections: entry(429, "too_many_connections", "Too many realtime connections are open"),
  ConnectionsExhausted: entry(503, "connections_exhausted", "The server cannot open more realtime connections"),

  // The database
  DatabaseUnavailable: entry(503, "database_unavailable", "The database does not answer: try again"),
  DatabaseBusy: entry(503, "database_busy", "The database is busy: try again"),
  DatabaseTimeout: entry(503, "database_timeout", "The database took too long: try again"),
  DatabaseFull: entry(503, "database_full", "The database has no disk space left"),
  DatabaseReadOnly: entry(503, "database_read_only", "The database accepts no changes at the moment"),
  DatabaseContended: entry(503, "contended", "Another request changed the same data at the same time: try again"),

  // Realtime frames
  FrameInvalid: entry(400, "invalid_frame", "The frame does not match the protocol"),
  HelloExpected: entry(409, "hello_expected", "The first frame has to be `hello`"),
  HelloRepeated: entry(409, "hello_repeated", "`hello` was already sent"),
  FrameFailed: entry(500, "internal_error", "An internal error occurred"),

  // Identity
  SessionInvalid: entry(401, "unauthenticated", "Sign in first"),
  TokenReplaced: entry(409, "token_replaced"),
  TicketInvalid: entry(401, "ticket_invalid"),
  NonceInvalid: entry(401, "nonce_invalid"),
  SiweMismatch: entry(401, "siwe_mismatch"),
  SignatureInvalid: entry(401, "signature_invalid"),
  UserDisabled: entry(403, "user_disabled"),
  UserNotFound: entry(404, "user_not_found"),
  ChainUnavailable: entry(503, "chain_unavailable"),
  ReauthRequired: entry(403, "reauth_required"),
  ReauthMismatch: entry(409, "reauth_mismatch"),
  LastLoginMethod: entry(409, "last_login_method"),
  WalletNotFound: entry(404, "wallet_not_found"),
  WalletOwnedByOther: entry(409, "owned_by_other"),
  AccountOwnedByOther: entry(409, "owned_by_other"),
  OwnedByOther: entry(409, "owned_by_other"),
  TooManyCheckouts: entry(429, "too_many_checkouts"),
  TooManyWallets: entry(422, "too_many_wallets", `A user can link at most ${maxWallets} wallets`),
  LinkedInAlreadyLinked: entry(409, "linkedin_already_linked"),
  LinkedInNotLinked: entry(404, "linkedin_not_linked"),
  LinkedInNotConfigured: entry(503, "linkedin_not_configured"),
  LinkedInReauthorizationRequired: entry(409, "linkedin_reauthorization_required"),
  LinkedInUnavailable: entry(503, "linkedin_unavailable", "LinkedIn does not answer"),
  LinkedInInvalidResponse: entry(502, "linkedin_invalid_response", "The answer of LinkedIn is not valid"),
  ReturnToNotAllowed: entry(400, "return_to_not_allowed", "This return URL is not allowed"),
  SessionNotFound: entry(404, "session_not_found"),
  MergeTwoLinkedIn: entry(409, "merge_two_linkedin"),
  MergeTwoSubscriptions: entry(409, "merge_two_subscriptions"),
  MergeInCall: entry(409, "merge_in_call"),
  MergePaymentOpen: entry(409, "merge_payment_open"),
  MergeTicketInvalid: entry(403, "merge_ticket_invalid"),
  NoMergePending: entry(404, "no_merge_pending"),
  NativeRedirectNotAllowed: entry(400, "redirect_not_allowed"),
  NativeFlowInvalid: entry(401, "native_flow_invalid"),
  NativeCodeInvalid: entry(401, "code_invalid"),
  AccessTokensNotConfigured: entry(503, "access_tokens_not_configured", "Access tokens are not set up on this host"),
  AudienceUnknown: entry(422, "audience_unknown", "This host issues no access tokens for this audience"),

  // Subscriptions
  SubscriptionExists: entry(409, "subscription_exists"),
  LifetimeHeld: entry(409, "lifetime_held"),
  PaymentInProgress: entry(409, "payment_in_progress"),
  NoSubscription: entry(409, "no_subscription"),
  CancelAlreadyScheduled: entry(409, "cancel_scheduled"),
  NotCancelled: entry(409, "not_cancelled"),
  SupersededByLifetime: entry(409, "superseded_by_lifetime"),
  ConfirmationRequired: entry(422, "confirmation_required"),
  SamePlan: entry(409, "same_plan"),
  NotChangeable: entry(409, "payment_missing"),
  UsageOwnerUnknown: entry(404, "user_not_found"),
  RenewalInProgress: entry(409, "renewal_in_progress"),
  PreviewExpired: entry(409, "preview_expired"),
  RefusedByProvider: entry(409, "refused_by_provider"),
  ChangeInProgress: entry(409, "change_in_progress"),
  NoPendingChange: entry(409, "no_pending_change"),
  RenewsAutomatically: entry(409, "renews_automatically"),
  UseUndoCancel: entry(409, "use_undo_cancel"),
  PastDue: entry(409, "past_due"),
  AutoRenewUnsupported: entry(422, "auto_renewal_unsupported"),
  RefundNotAllowed: entry(409, "refund_not_allowed"),
  RefundInProgress: entry(409, "refund_in_progress"),
  PlanUnknown: entry(404, "plan_not_found"),
  PaymentNotFound: entry(404, "payment_not_found"),
  StripeNotConfigured: entry(503, "stripe_not_configured"),
  Web3NotConfigured: entry(503, "web3_not_configured"),
  StripeUnavailable: entry(503, "stripe_unavailable"),
  AssetNotOffered: entry(422, "asset_not_offered"),
  WalletPlaceholder: entry(409, "wallet_placeholder"),
  WalletNotUsable: entry(409, "wallet_not_usable"),
  PriceUnavailable: entry(503, "price_unavailable"),
  PaymentNotOpen: entry(409, "payment_not_open"),
  TooManyQuotes: entry(409, "too_many_quotes"),
  ChargingNotConfigured: entry(503, "charging_not_configured"),
  ChargingUnavailable: entry(503, "charging_unavailable"),
  AuthorizationIneffective: entry(409, "authorization_ineffective", "A charge would fail now"),
  PermitRejected: entry(422, "permit_rejected"),
  TooManyPermits: entry(409, "too_many_permits"),
  TokenNotHeld: entry(409, "token_not_held"),
  TokenUnreadable: entry(503, "token_unreadable"),
  RenewalNotOpen: entry(409, "renewal_not_open"),
  NoCustomer: entry(409, "no_customer"),
  ServiceKeyRequired: entry(401, "service_key_required", "The request needs a service key"),
  FeatureUnknown: entry(404, "feature_not_found", "No usage is counted for this feature"),
  UsageLimitReached: entry(409, "usage_limit_reached", "The usage limit is reached"),
  SignatureRefused: entry(400, "invalid_signature"),
  AccountContended: entry(503, "contended"),

  // Calls
  CallNotFound: entry(404, "call_not_found", "No such call"),
  CallOver: entry(409, "call_over", "The call has ended"),
  NotPending: entry(409, "not_pending", "The call is not ringing for this user"),
  AnsweredElsewhere: entry(409, "answered_elsewhere", "The call was answered on another device"),
  InAnotherCall: entry(409, "in_another_call", "The user is in another call"),
  WrongDevice: entry(409, "wrong_device", "Another device of the user is in the call"),
  OfferConflict: entry(409, "offer_conflict", "Another offer is open on this link: roll back"),
  NoOpenOffer: entry(409, "no_open_offer", "There is no open offer to answer"),
  NotOfferer: entry(409, "not_offerer", "The other user makes the first offer"),
  StaleNegotiation: entry(409, "stale_negotiation", "The negotiation number is not current"),
  NotInCall: entry(409, "not_in_call", "One of the two users is not in the call"),
  NotConnected: entry(409, "not_connected", "The call is not connected yet"),
  IdempotencyConflict: entry(409, "idempotency_conflict"),
  NotHost: entry(403, "not_host", "Only the host of a group call can do this"),
  NotEntitled: entry(403, "not_entitled", "The plan does not include this feature"),
  CallFull: entry(422, "call_full", "The call is full"),
  InviteeBusy: entry(422, "invitee_busy", "The invited user is in another call"),
  UnknownParticipant: entry(422, "unknown_participant", "The request names no user, or a user that does not exist"),
  InvalidSdp: entry(422, "invalid_sdp", "The session description cannot be used"),
  TooManyCandidates: entry(422, "too_many_candidates", "Too many candidates in this negotiation"),
  RingingTooOften: entry(429, "rate_limited", "Too many calls: try again later"),
  TooManyOffers: entry(429, "rate_limited", "Too many offers on this link"),
  CallContended: entry(503, "contended", "Other requests changed the call at the same time: try again")
} as const

export type ProblemTag = keyof typeof problemTable

/** An error of the table. */
export interface ProblemError {
  readonly _tag: ProblemTag
  readonly message: string
}

/**
 * A problem in the form in which the host sends it. Other members are those of the error, such as `callId` or
 * `negotiation`.
 */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly requestId: string
  readonly detail?: string
  readonly [member: string]: unknown
}

const typeOf = (code: string) => `urn:dchat:problem:${code}`

/** Properties of an error that the host never sends. */
const internals = new Set(["_tag", "name", "message", "stack", "cause"])

const membersOf = (error: ProblemError) => Object.entries(error).filter(([name]) => !internals.has(name))

/** The sentence that describes the failure. */
const titleOf = (tag: ProblemTag, message: string): string =>
  problemTable[tag].title ?? message.charAt(0).toUpperCase() + message.slice(1)

const problemWith = (
  members: Iterable<readonly [string, unknown]>,
  { _tag, message }: ProblemError,
  requestId: string
): Problem => {
  const { code, status } = problemTable[_tag]
  return { ...Object.fromEntries(members), type: typeOf(code), title: titleOf(_tag, message), status, code, requestId }
}

/** The problem of an error. `requestId` identifies the request or the connection in the log. */
export const problemOf = (error: ProblemError, requestId: string): Problem =>
  problemWith(
    membersOf(error).map(([name, value]) => [name, DateTime.isDateTime(value) ? DateTime.formatIso(value) : value]),
    error,
    requestId
  )

/** The id of the current request in the log. */
export class RequestId extends Context.Reference<string>("@dchat/http/api/RequestId", { defaultValue: () => "none" }) {}

/** A class of errors of the table. */
type ProblemClass<Failure extends ProblemError> = Schema.Codec<Failure, unknown> & {
  readonly fields: Schema.Struct.Fields
  readonly identifier: string
  readonly prototype: { readonly message: string }
  new(fields: never): Failure
}

const problemSchema = (error: ProblemClass<never>): Schema.Codec<ProblemError, unknown> => {
  const { _tag, ...members } = error.fields
  const tag = error.identifier as ProblemTag
  const { code, status } = problemTable[tag]
  return Schema.Struct({
    ...members,
    type: Schema.Literal(typeOf(code)),
    title: Schema.String,
    status: Schema.Literal(status),
    code: Schema.Literal(code),
    requestId: Schema.String
  }).annotate({ identifier: `${error.identifier}Problem`, description: titleOf(tag, error.prototype.message) }).pipe(
    Schema.decodeTo(
      Schema.toType(error),
      SchemaTransformation.transformEffect({
        decode: ({ code: _1, requestId: _2, status: _3, title: _4, type: _5, ...fields }: Problem) =>
          Effect.succeed(new error(fields as never) as ProblemError),
        encode: (failure: ProblemError) => Effect.map(RequestId, (id) => problemWith(membersOf(failure), failure, id))
      }) as never
    ),
    HttpApiSchema.status(status),
    HttpApiSchema.asJson({ contentType: problemContentType })
  ) as never
}

/** The schema of each error. The description of the API has one schema for each object here. */
const problemSchemas = new WeakMap<object, unknown>()

/**
 * The error as an endpoint declares it: a problem on the wire, the error itself on both ends. Errors that share a code
 * cannot be told apart by a client.
 */
export const problem = <Failure extends ProblemError>(error: ProblemClass<Failure>): Schema.Codec<Failure, unknown> => {
  const known = problemSchemas.get(error)
  if (known !== undefined) return known as Schema.Codec<Failure, unknown>
  const made = problemSchema(error as never)
  problemSchemas.set(error, made)
  return made as never
}

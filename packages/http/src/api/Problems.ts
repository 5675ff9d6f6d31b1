/**
 * How every failure looks on the wire: RFC 9457 problem details, by one table from the errors of the domain and of
 * HTTP to status, code and title.
 */
import { Context, DateTime, Effect, Schema, SchemaTransformation } from "effect"
import { HttpApiSchema } from "effect/http-api"

export const problemContentType = "application/problem+json"

const entry = <const Code extends string>(status: number, code: Code, title: string) => ({ status, code, title })

/** By the tag of the error. */
export const problemTable = {
  // The request
  InvalidRequest: entry(400, "invalid_request", "The request is not of the expected shape"),
  InvalidJson: entry(400, "invalid_json", "The body is not JSON"),
  BadRequest: entry(400, "bad_request", "The request is malformed"),
  AmbiguousCredentials: entry(400, "ambiguous_credentials", "Send a bearer token or a session cookie, not both"),
  Unauthenticated: entry(401, "unauthenticated", "Sign in first"),
  OriginNotAllowed: entry(403, "origin_not_allowed", "This origin may not do that"),
  NotFound: entry(404, "not_found", "There is nothing here"),
  MethodNotAllowed: entry(405, "method_not_allowed", "Not with this method"),
  RequestTimedOut: entry(408, "request_timeout", "The request did not arrive in time"),
  PayloadTooLarge: entry(413, "payload_too_large", "The body is too large"),
  UriTooLong: entry(414, "uri_too_long", "The URL is too long"),
  UnsupportedMediaType: entry(415, "unsupported_media_type", "The body has to be application/json"),
  ExpectationFailed: entry(417, "expectation_failed", "The server cannot do what the request expects"),
  UpgradeRequired: entry(426, "upgrade_required", "Only a WebSocket can be opened here"),
  TooManyRequests: entry(429, "rate_limited", "Asked too often"),
  HeadersTooLarge: entry(431, "headers_too_large", "The header fields are too large"),
  HostNotAllowed: entry(421, "host_not_allowed", "This server does not answer for that host"),
  InternalError: entry(500, "internal_error", "Something broke on the server"),
  Overloaded: entry(503, "overloaded", "Too many requests at once: try again"),
  NotReady: entry(503, "not_ready", "Something that the server depends on is not there"),

  TooManyConnections: entry(429, "too_many_connections", "Too many realtime connections are open"),
  ConnectionsExhausted: entry(503, "connections_exhausted", "The server holds as many realtime connections as it can"),

  // The database
  DatabaseUnavailable: entry(503, "database_unavailable", "The database does not answer: try again"),
  DatabaseBusy: entry(503, "database_busy", "The database has too much to do: try again"),
  DatabaseTimeout: entry(503, "database_timeout", "The database took too long: try again"),
  DatabaseFull: entry(503, "database_full", "The database has no room left"),
  DatabaseReadOnly: entry(503, "database_read_only", "The database takes no changes at the moment"),
  DatabaseContended: entry(503, "contended", "Others changed the same at the same time: try again"),

  // Realtime frames
  FrameInvalid: entry(400, "invalid_frame", "The frame is not one of the protocol"),
  HelloExpected: entry(409, "hello_expected", "Say hello first"),
  HelloRepeated: entry(409, "hello_repeated", "Hello was said already"),
  FrameFailed: entry(500, "internal_error", "Something broke on the server"),

  // Identity
  SessionInvalid: entry(401, "unauthenticated", "Sign in first"),
  TokenReplaced: entry(409, "token_replaced", "The session goes on under a newer token: repeat the request with that"),
  TicketInvalid: entry(401, "ticket_invalid", "The ticket is unknown, expired or already used"),
  NonceInvalid: entry(401, "nonce_invalid", "The sign-in message is unknown, expired or already used"),
  SiweMismatch: entry(401, "siwe_mismatch", "The signed message is not the one that was issued"),
  SignatureInvalid: entry(401, "signature_invalid", "The signature is not a valid one by this wallet"),
  UserDisabled: entry(403, "user_disabled", "This user is disabled"),
  UserNotFound: entry(404, "user_not_found", "No such user"),
  ChainUnavailable: entry(503, "chain_unavailable", "The chain of this wallet cannot be reached"),
  ReauthRequired: entry(403, "reauth_required", "Prove again who you are first"),
  ReauthMismatch: entry(409, "reauth_mismatch", "That is not an identity of the person who is signed in"),
  LastLoginMethod: entry(409, "last_login_method", "It is the only way left to sign in"),
  WalletNotFound: entry(404, "wallet_not_found", "No such wallet"),
  WalletOwnedByOther: entry(409, "owned_by_other", "It belongs to another user"),
  AccountOwnedByOther: entry(409, "owned_by_other", "It belongs to another user"),
  OwnedByOther: entry(409, "owned_by_other", "It belongs to another user, with whom this one may be merged"),
  TooManyOrders: entry(429, "too_many_orders", "Too many orders that were never paid"),
  TooManyWallets: entry(422, "too_many_wallets", "Nobody needs more wallets"),
  LinkedInAlreadyLinked: entry(409, "linkedin_already_linked", "Another LinkedIn account is linked"),
  LinkedInNotLinked: entry(404, "linkedin_not_linked", "No LinkedIn account is linked"),
  LinkedInNotConfigured: entry(503, "linkedin_not_configured", "Signing in with LinkedIn is not set up here"),
  LinkedInReauthorizationRequired: entry(409, "linkedin_reauthorization_required", "Sign in at LinkedIn again first"),
  LinkedInUnavailable: entry(503, "linkedin_unavailable", "LinkedIn does not answer"),
  LinkedInInvalidResponse: entry(502, "linkedin_invalid_response", "LinkedIn gave an answer that cannot be trusted"),
  ReturnToNotAllowed: entry(400, "return_to_not_allowed", "That is not a place to return to"),
  SessionNotFound: entry(404, "session_not_found", "No such session"),
  MergeTwoLinkedIn: entry(409, "merge_two_linkedin", "Both have a LinkedIn account"),
  MergeTwoSubscriptions: entry(409, "merge_two_subscriptions", "Both have a subscription"),
  MergeInCall: entry(409, "merge_in_call", "One of the two is in a call"),
  MergePaymentOpen: entry(409, "merge_payment_open", "A payment is still open"),
  MergeTicketInvalid: entry(403, "merge_ticket_invalid", "The merge ticket is unknown, expired or already used"),
  NoMergePending: entry(404, "no_merge_pending", "There is nothing to merge"),
  NativeRedirectNotAllowed: entry(400, "redirect_not_allowed", "This redirect URI is not allowed"),
  NativeFlowInvalid: entry(401, "native_flow_invalid", "This sign-in is unknown, expired or already finished"),
  NativeCodeInvalid: entry(401, "code_invalid", "The code is unknown, expired or already used"),
  AccessTokensNotConfigured: entry(503, "access_tokens_not_configured", "Access tokens are not set up here"),
  AudienceUnknown: entry(422, "audience_unknown", "No tokens are made for this audience"),

  // Subscriptions
  SubscriptionExists: entry(409, "subscription_exists", "There is an open subscription already"),
  LifetimeHeld: entry(409, "lifetime_held", "This tier or a higher one is held for good already"),
  PaymentInProgress: entry(409, "payment_in_progress", "A payment is in progress"),
  NoSubscription: entry(409, "no_subscription", "There is no subscription to do this to"),
  CancelAlreadyScheduled: entry(409, "cancel_scheduled", "The subscription is cancelled with its period"),
  NotCancelled: entry(409, "not_cancelled", "There is no cancellation to undo"),
  SupersededByLifetime: entry(409, "superseded_by_lifetime", "A lifetime membership takes its place"),
  ConfirmationRequired: entry(422, "confirmation_required", "Confirm that nothing is given back"),
  SamePlan: entry(409, "same_plan", "This is the plan already"),
  NotChangeable: entry(409, "payment_missing", "Not while a payment is missing or disputed"),
  UsageOwnerUnknown: entry(404, "user_not_found", "No such user"),
  RenewalInProgress: entry(409, "renewal_in_progress", "The subscription is being renewed: try again in an hour"),
  PreviewExpired: entry(409, "preview_expired", "The preview does not hold any more: ask for another"),
  RefusedByProvider: entry(
    409,
    "refused_by_provider",
    "The payment provider refuses it, and everything stays as it was"
  ),
  ChangeInProgress: entry(409, "change_in_progress", "A change waits for its payment"),
  NoPendingChange: entry(409, "no_pending_change", "There is no change to undo"),
  RenewsAutomatically: entry(409, "renews_automatically", "The subscription renews by itself"),
  UseUndoCancel: entry(409, "use_undo_cancel", "Undo the cancellation instead"),
  PastDue: entry(409, "past_due", "Pay the open invoice instead"),
  AutoRenewUnsupported: entry(422, "auto_renewal_unsupported", "This method cannot renew by itself"),
  RefundNotAllowed: entry(409, "refund_not_allowed", "A refund is not possible"),
  RefundInProgress: entry(409, "refund_in_progress", "A refund was asked for already"),
  PlanUnknown: entry(404, "plan_not_found", "There is no such plan"),
  PaymentNotFound: entry(404, "payment_not_found", "No such payment"),
  PurchaseKeyConflict: entry(409, "idempotency_conflict", "The key was used for another request"),
  StripeNotConfigured: entry(503, "stripe_not_configured", "Paying by card is not set up here"),
  Web3NotConfigured: entry(503, "web3_not_configured", "Paying by wallet is not set up here"),
  StripeUnavailable: entry(503, "stripe_unavailable", "The payment provider does not answer: try again"),
  NoCustomer: entry(409, "no_customer", "Nothing was ever bought here by card"),
  ServiceKeyRequired: entry(401, "service_key_required", "Only a service of this installation may do this"),
  FeatureUnknown: entry(404, "feature_not_found", "Nothing is counted by this name"),
  UsageLimitReached: entry(409, "usage_limit_reached", "No more of it can be used"),
  UsageKeyConflict: entry(409, "idempotency_conflict", "The key was used for something else"),
  SignatureRefused: entry(400, "invalid_signature", "The signature does not fit"),
  AccountContended: entry(503, "contended", "Others changed the account at the same time: try again"),

  // Calls
  CallNotFound: entry(404, "call_not_found", "No such call"),
  CallOver: entry(409, "call_over", "The call is over"),
  NotPending: entry(409, "not_pending", "Not being asked to answer"),
  AnsweredElsewhere: entry(409, "answered_elsewhere", "Answered on another device"),
  InAnotherCall: entry(409, "in_another_call", "Active in another call"),
  WrongDevice: entry(409, "wrong_device", "Another device is in the call"),
  OfferConflict: entry(409, "offer_conflict", "An offer is open already: roll back"),
  NoOpenOffer: entry(409, "no_open_offer", "There is no open offer to answer"),
  NotOfferer: entry(409, "not_offerer", "The first offer is the other side's"),
  StaleNegotiation: entry(409, "stale_negotiation", "Not the number of this negotiation"),
  NotInCall: entry(409, "not_in_call", "One of the two is not in the call"),
  NotConnected: entry(409, "not_connected", "Not connected yet"),
  IdempotencyConflict: entry(409, "idempotency_conflict", "The key was used for another request"),
  NotHost: entry(403, "not_host", "Only for the host of a group call"),
  NotEntitled: entry(403, "not_entitled", "The plan does not include it"),
  CallFull: entry(422, "call_full", "The call is full"),
  InviteeBusy: entry(422, "invitee_busy", "In another call"),
  UnknownParticipant: entry(422, "unknown_participant", "Nobody is known by this id"),
  InvalidSdp: entry(422, "invalid_sdp", "The session description cannot be used"),
  TooManyCandidates: entry(422, "too_many_candidates", "Too many candidates"),
  RingingTooOften: entry(429, "rate_limited", "Called too often"),
  TooManyOffers: entry(429, "rate_limited", "Too many offers on this link"),
  CallContended: entry(503, "contended", "Others changed the call at the same time: try again")
} as const

export type ProblemTag = keyof typeof problemTable

/** An error that has its place in the table. */
export interface ProblemError {
  readonly _tag: ProblemTag
}

/** A problem as it is sent. Other members are those of the error, such as `callId` or `negotiation`. */
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

/** Never sent, though they may be properties of an error. */
const internals = new Set(["_tag", "name", "message", "stack", "cause"])

const membersOf = (error: ProblemError) => Object.entries(error).filter(([name]) => !internals.has(name))

const problemWith = (
  members: Iterable<readonly [string, unknown]>,
  { _tag }: ProblemError,
  requestId: string
): Problem => {
  const { code, status, title } = problemTable[_tag]
  return { ...Object.fromEntries(members), type: typeOf(code), title, status, code, requestId }
}

/** The problem that an error is. `requestId` is what the log knows the request or connection by. */
export const problemOf = (error: ProblemError, requestId: string): Problem =>
  problemWith(
    membersOf(error).map(([name, value]) => [name, DateTime.isDateTime(value) ? DateTime.formatIso(value) : value]),
    error,
    requestId
  )

/** The id under which the log knows the current request. */
export class RequestId extends Context.Reference<string>("@dchat/http/api/RequestId", { defaultValue: () => "none" }) {}

/** A class of errors that are in the table. */
type ProblemClass<Failure extends ProblemError> = Schema.Codec<Failure, unknown> & {
  readonly fields: Schema.Struct.Fields
  readonly identifier: string
  new(fields: never): Failure
}

const problemSchema = (error: ProblemClass<never>): Schema.Codec<ProblemError, unknown> => {
  const { _tag, ...members } = error.fields
  const { code, status, title } = problemTable[error.identifier as ProblemTag]
  return Schema.Struct({
    ...members,
    type: Schema.Literal(typeOf(code)),
    title: Schema.String,
    status: Schema.Literal(status),
    code: Schema.Literal(code),
    requestId: Schema.String
  }).annotate({ identifier: `${error.identifier}Problem`, description: title }).pipe(
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

/** One schema an error: the description of the API has as many schemas of a problem as there are objects here. */
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

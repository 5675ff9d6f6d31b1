/**
 * Descriptions of the members of problems.
 */
import { ids, tokens } from "./examples/Ids.ts"
import type { FieldTexts } from "./OperationDocs.ts"

/** The members of every problem (RFC 9457). */
export const commonMembers: FieldTexts = {
  type: "The URI of the kind of problem.",
  title: "A sentence that describes the problem, for humans.",
  status: "The status of the answer.",
  code: "The name of the problem, for programs.",
  requestId: "Identifies the request in the log of the host."
}

/** The members of some problems, by name. A name means the same in all problems. */
export const problemMembers: FieldTexts = {
  allowed: "The methods that the path allows.",
  bus: "Whether the hosts of the installation reach each other.",
  callId: "The id of the call.",
  database: "Whether the database answers.",
  detail: "The fault of the session description.",
  expiresIn: "The number of seconds for which the ticket is valid.",
  feature: "The name of the feature.",
  invoiceUrl: "The page on which the open invoice can be paid.",
  opensAt: "The time from which the subscription can be renewed.",
  issues: "The faults of the request.",
  late: "The names of the background tasks that are behind.",
  overloaded: "Whether the host is overloaded and accepts no new connections.",
  limit: "The limit that the request exceeds.",
  negotiation: "The number of the current negotiation.",
  offerer: "The user who makes the first offer.",
  reason:
    "`too_late`: more than 7 days have passed. `used`: the tier was refunded before. `no_payment`: there is no payment to refund. `not_active`: the purchase is not active. Of `authorization_ineffective`: `allowance`, `blocked` or `unavailable`.",
  retryAfterSeconds: "The number of seconds after which the same request may succeed.",
  retryAt: "The time at which the same request may succeed.",
  ticket: "The merge ticket for `POST /auth/merge`. Absent when the two users cannot be merged.",
  used: "The amount that is used.",
  userId: "The id of the user.",
  userIds: "The ids that belong to no user."
}

/** Examples of members, by code. */
export const problemExamples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  authorization_ineffective: { reason: "allowance" },
  call_full: { limit: 8 },
  call_not_found: { callId: ids.call },
  database_busy: { retryAfterSeconds: 1 },
  database_full: { retryAfterSeconds: 30 },
  database_read_only: { retryAfterSeconds: 5 },
  database_timeout: { retryAfterSeconds: 1 },
  database_unavailable: { retryAfterSeconds: 2 },
  feature_not_found: { feature: "sms" },
  in_another_call: { callId: ids.call },
  invalid_request: { issues: [{ path: ["payload", "type"], message: "Expected \"audio\" | \"video\" | \"screen\"" }] },
  invalid_sdp: { detail: "the session description has no media section" },
  invitee_busy: { userId: ids.bob },
  method_not_allowed: { allowed: ["GET", "PATCH"] },
  not_entitled: { feature: "call_recording" },
  not_offerer: { offerer: ids.ann },
  not_ready: { database: false, bus: true, late: [], overloaded: false },
  offer_conflict: { negotiation: 2 },
  overloaded: { retryAfterSeconds: 1 },
  owned_by_other: { ticket: tokens.merge, expiresIn: 600 },
  renewal_not_open: { opensAt: "2026-02-01T10:00:00.000Z" },
  past_due: { invoiceUrl: "https://invoice.stripe.com/i/acct_1/test" },
  rate_limited: { retryAfterSeconds: 12 },
  refund_not_allowed: { reason: "too_late" },
  stale_negotiation: { negotiation: 2 },
  too_many_candidates: { limit: 512 },
  too_many_wallets: { limit: 20 },
  unknown_participant: { userIds: [ids.carol] },
  usage_limit_reached: { feature: "customStickers", used: 50, limit: 50 },
  user_disabled: { userId: ids.bob },
  user_not_found: { userId: ids.carol }
}

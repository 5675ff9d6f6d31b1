/**
 * The rate limits of each operation, by client address and by user.
 */
import { Context, Schema } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import type { CurrentSession } from "./Authentication.ts"
import { problem } from "./Problems.ts"

/** The client sends too many requests. */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()("TooManyRequests", {
  /** Seconds after which the same request may be answered. */
  retryAfterSeconds: Schema.Int
}) {}

export interface RatePolicy {
  /** The name in the headers `RateLimit` and `RateLimit-Policy`, followed by `:address` or `:person`. */
  readonly name: string
  /**
   * Requests a minute; so many may also come at once. `address`: from one IPv4 address or IPv6 /64. `person`: by one
   * user; missing where a request needs no session.
   */
  readonly perMinute: { readonly address: number; readonly person?: number }
  /** The number of requests as which a refused request counts. The default is one. */
  readonly refusedAs?: number
}

/**
 * An office behind one address signs in some dozen users in a minute, and hundreds of its users may be in calls. A
 * wallet is never counted: else any client could lock the owner out.
 */
export const ratePolicies = {
  /** Beginning a proof: a message to sign, a round trip to LinkedIn, the sign-in of an application. */
  begin: { name: "sign-in-begin", perMinute: { address: 120 } },
  /** Finishing a proof: a signature, a code. */
  finish: { name: "sign-in-finish", perMinute: { address: 60 } },
  /** The callback of LinkedIn. Only a callback of a started flow causes work. */
  callback: { name: "sign-in-callback", perMinute: { address: 300 } },
  /**
   * Ending sessions. These requests have a separate limit, so that no other requests prevent a user from stopping a
   * thief.
   */
  sessions: { name: "sessions", perMinute: { person: 60, address: 600 } },
  /** Changing the sign-in methods, making tokens, and requests that call LinkedIn. */
  account: { name: "account", perMinute: { person: 30, address: 300 } },
  /** Requests that call the payment provider. All users share the provider's own limits. */
  billing: { name: "billing", perMinute: { person: 30, address: 300 } },
  /** Changing the public profile. The host stores each change permanently. */
  profile: { name: "profile", perMinute: { person: 20, address: 200 } },
  /** Searching users. */
  search: { name: "search", perMinute: { person: 60, address: 600 } },
  /** Tickets of realtime connections. */
  ticket: { name: "ticket", perMinute: { person: 60, address: 1200 } },
  /** Realtime connections. */
  connect: { name: "connect", perMinute: { person: 60, address: 1200 } },
  /** Placing calls and inviting into them. How often users are rung is limited as well. */
  place: { name: "place", perMinute: { person: 60, address: 600 } },
  /** All other commands in a call, except signalling. */
  command: { name: "command", perMinute: { person: 300, address: 6000 } },
  /** Offers, answers, candidates and the state of links. */
  signal: { name: "signal", perMinute: { person: 1200, address: 24_000 }, refusedAs: 10 },
  /** Reads. */
  read: { name: "read", perMinute: { person: 600, address: 6000 } },
  /** Usage that services of the installation report, and attempts to authenticate with a service key. */
  service: { name: "service", perMinute: { address: 6000 } },
  /** Webhooks of the payment provider. */
  webhook: { name: "webhook", perMinute: { address: 6000 } }
} as const satisfies Record<string, RatePolicy>

/** The policy of an endpoint. Unless an endpoint names one, it is that of reading; `none` is for what costs nothing. */
export class RateLimit extends Context.Reference<RatePolicy | "none">("@dchat/http/api/RateLimit", {
  defaultValue: () => ratePolicies.read
}) {}

/** Requests of one user that are worked on at once, by whatever connections they come. */
export const requestsAtOnce = 32

/** The policies of operations outside the contract, by method and path. */
export const routePolicies = {
  "GET /api/realtime": ratePolicies.connect,
  "POST /webhooks/stripe": ratePolicies.webhook
} as const satisfies Record<string, RatePolicy>

/** Counts requests by client address. */
export class AddressLimited extends HttpApiMiddleware.Service<AddressLimited>()("@dchat/http/api/AddressLimited", {
  error: problem(TooManyRequests)
}) {}

/** Counts requests by the user who sends them. */
export class PersonLimited extends HttpApiMiddleware.Service<PersonLimited, { requires: CurrentSession }>()(
  "@dchat/http/api/PersonLimited",
  { error: problem(TooManyRequests) }
) {}

/**
 * Endpoints that may only be asked so often.
 */
import { Context, Schema } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import type { CurrentSession } from "./Authentication.ts"
import { problem } from "./Problems.ts"

/** Asked too often. */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()("TooManyRequests", {
  /** Seconds after which the same request may be answered. */
  retryAfterSeconds: Schema.Int
}) {}

export interface RatePolicy {
  /** As it is called in the header `RateLimit-Policy`. */
  readonly name: string
  /** Whose requests are counted together. */
  readonly by: "address" | "person"
  /** Requests in a minute; so many may also come at once. */
  readonly perMinute: number
}

/**
 * By client address: an IPv4 address or an IPv6 /64. An office behind one address signs in some dozen people in a
 * minute; who guesses needs millions of tries. Never by wallet: else anybody could lock anybody out.
 */
export const ratePolicies = {
  /** Beginning a proof: a message to sign, a round trip to LinkedIn, the sign-in of an application. */
  begin: { name: "sign-in-begin", by: "address", perMinute: 120 },
  /** Finishing one: a signature, a callback, a code. */
  finish: { name: "sign-in-finish", by: "address", perMinute: 60 },
  /** Of those who are signed in, by person: changing how one signs in, and what asks LinkedIn. */
  account: { name: "account", by: "person", perMinute: 30 },
  /** What asks the payment provider, whose own limits are shared by everybody here. */
  billing: { name: "billing", by: "person", perMinute: 30 }
} as const satisfies Record<string, RatePolicy>

/** Which policy an endpoint is under; none unless it says so. */
export class RateLimit extends Context.Reference<RatePolicy | undefined>("@dchat/http/api/RateLimit", {
  defaultValue: () => undefined
}) {}

/** Counts requests by client address. */
export class AddressLimited extends HttpApiMiddleware.Service<AddressLimited>()("@dchat/http/api/AddressLimited", {
  error: problem(TooManyRequests)
}) {}

/** Counts requests by the person who asks. */
export class PersonLimited extends HttpApiMiddleware.Service<PersonLimited, { requires: CurrentSession }>()(
  "@dchat/http/api/PersonLimited",
  { error: problem(TooManyRequests) }
) {}

/**
 * Parameters that mean the same in every operation.
 */
import { retention } from "@dchat/domain/idempotency"
import type { JsonSchema } from "./transform/Document.ts"

export interface ParameterDocs {
  readonly description: string
  readonly example?: string | number
  /** Replaces the schema of a number that is written as text. */
  readonly schema?: JsonSchema
}

const pageSize = (what: string): ParameterDocs => ({
  description: `The number of ${what} on a page. The default is 20.`,
  schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
  example: 20
})

/** The parameters by location and name. A name with a group in front belongs to that group only. */
export const parameters: Readonly<Record<string, ParameterDocs>> = {
  "header dchat-device": {
    description:
      "Names the device that sends the request: 1 to 64 visible ASCII characters that the client chose, the same as in `hello` of its realtime connection. Without this header the request acts for the device that is in the call.",
    example: "web-4f1c"
  },
  "header idempotency-key": {
    description:
      `Makes the request safe to repeat. The client chooses the key, 1 to 128 visible ASCII characters. The host remembers the key for ${retention}. A request with the same key and the same body returns the result of the first request. The same key with another body is refused with \`idempotency_conflict\`.`,
    example: "01985f30-1c2b-7d3e-8f40-5a6b7c8d9e0f"
  },
  "path calls.id": { description: "The id of the call.", example: "01985f2e-6d3a-7c41-9f08-2b6d1c5e7a10" },
  "path auth.id": { description: "The id of the session.", example: "01985f2d-1111-7abc-8def-0123456789ab" },
  "path people.id": { description: "The id of the user.", example: "01985f00-aaaa-7bbb-8ccc-000000000002" },
  "path subscriptions.id": { description: "The id of the payment.", example: "01985f40-5c5c-7a7a-9b9b-1d1d1d1d1d1d" },
  "path walletPayments.id": { description: "The id of the payment.", example: "01985f40-5c5c-7a7a-9b9b-1d1d1d1d1d1d" },
  "path tier": { description: "The name of the plan.", example: "PRO" },
  "query calls.after": {
    description: "Returns only events with a higher `seq`. The default is 0, which returns every event.",
    schema: { type: "integer", minimum: 0, default: 0 },
    example: 17
  },
  "query calls.limit": pageSize("calls"),
  "query auth.limit": pageSize("entries"),
  "query subscriptions.limit": pageSize("payments"),
  "query cursor": { description: "The `nextCursor` of the page before. Without it the host returns the first page." },
  "query calls.type": { description: "Returns only calls that were placed with this media." },
  "query calls.kind": { description: "Returns only direct calls, or only group calls." },
  "query calls.outcome": { description: "Returns only calls with this outcome for the signed-in user." },
  "query calls.peer": {
    description: "Returns only calls in which this user also took part.",
    example: "01985f00-aaaa-7bbb-8ccc-000000000002"
  },
  "query calls.from": {
    description: "Returns only calls that were placed at this time or later.",
    example: "2026-01-01T00:00:00.000Z"
  },
  "query calls.to": {
    description: "Returns only calls that were placed before this time.",
    example: "2026-02-01T00:00:00.000Z"
  },
  "query people.query": {
    description: "The beginning of a display name, or the complete address of a wallet. Letter case does not matter.",
    example: "ann"
  },
  "query linkedin.returnTo": {
    description:
      "The page to which the browser returns after LinkedIn: a path, or a URL of the public origin or of an allowed origin. The default is `/`.",
    example: "/settings"
  },
  "query linkedin.mode": {
    description:
      "`login` signs in and is the default. `link` adds the LinkedIn account to the signed-in user. `reauth` proves the identity of the signed-in user again."
  },
  "query linkedin.native": {
    description:
      "The id of the sign-in of a native application, from `GET /auth/native/start`. The application receives the result of the round trip."
  },
  "query native.redirect_uri": {
    description:
      "The loopback address on which the application listens, with any port, or a URI that the installation allows.",
    example: "http://127.0.0.1:49152/done"
  },
  "query native.code_challenge": {
    description: "The SHA-256 digest of the code verifier in base64url (RFC 7636).",
    example: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
  },
  "query native.code_challenge_method": { description: "The method of the challenge. The host accepts only `S256`." },
  "query native.state": {
    description: "A random text that the application chooses. The redirect has the same text.",
    example: "af0ifjsldkj"
  },
  "query subscriptions.purchaseId": {
    description: "The purchase to refund. The default is the first purchase that can be refunded.",
    example: "01985f40-1a1a-7b7b-8c8c-2e2e2e2e2e2e"
  }
}

/**
 * The introduction of the API reference, before its first operation.
 */
import { retention } from "@dchat/domain/idempotency"

export const summary = "Calls, identity and subscriptions of a chat product."

export const introduction = `
The API of a dchat host: calls (WebRTC signalling, direct and in groups), identity (wallets and LinkedIn) and
subscriptions (plans, payments, entitlements and usage).

## Authentication

A session begins with a sign-in by wallet (\`POST /auth/wallet/nonce\`, then \`POST /auth/wallet/verify\`), by LinkedIn
(\`GET /auth/linkedin/auth-url\`) or from a native application (\`GET /auth/native/start\`). A request authenticates
with a bearer token or with a cookie, and never with both. Requests with the cookie that change something also need an \`Origin\`
that the installation allows. Some operations replace the token of the session; their answers then hold the new token.

## Requests

Bodies are JSON (\`application/json\`) of at most 256 KiB. The host ignores unknown members. An optional member may be
\`null\`, with the same meaning as an absent member. A body may be absent if all its members are optional. Times are
RFC 3339 in UTC. Amounts of money are integers of the smallest unit of their currency.

## Errors

Every error is a problem (RFC 9457, \`application/problem+json\`). \`code\` names the problem; programs decide by
\`code\` only. \`requestId\` identifies the request in the log of the host. Beside the answers that each operation lists,
the host may answer any request with
400 \`bad_request\`, 404 \`not_found\`, 405 \`method_not_allowed\`, 408 \`request_timeout\`, 414 \`uri_too_long\`,
417 \`expectation_failed\`, 421 \`host_not_allowed\` and 431 \`headers_too_large\`, described under the shared responses.

## Repeating requests

A command in a call is safe to repeat. Operations that take \`Idempotency-Key\` are safe to repeat with the same key for
${retention}. After an answer with \`Retry-After\`, wait for that number of seconds, then repeat the request.

## Limits

The host counts requests by user and by address (an IPv4 address, or the /64 of an IPv6 address). Each operation names
its limit. Answers to counted requests carry \`RateLimit\` and \`RateLimit-Policy\`.

## Pages

Long lists come in pages. An answer with \`nextCursor\` has a next page: send the value as \`cursor\`.
`.trim()

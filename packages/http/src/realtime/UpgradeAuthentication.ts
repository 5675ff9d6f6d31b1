/**
 * Authenticates the request for a realtime connection before the connection opens.
 */
import { RealtimeTickets } from "@dchat/domain/identity"
import { Effect, Option, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { OriginNotAllowed } from "../api/RequestErrors.ts"
import { HostSettings, isAllowedOrigin } from "../config/HostSettings.ts"
import { presented, signedInToAct } from "../handlers/Credentials.ts"

/**
 * A ticket wins over everything else. A cookie counts only for pages of allowed origins, because browsers send it
 * with the requests of any page, and WebSockets know no other protection from that (RFC 6455, 10.2).
 */
export const authenticateUpgrade = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const settings = yield* HostSettings
  const tickets = yield* RealtimeTickets
  const ticket = new URL(request.url, "http://localhost").searchParams.get("ticket")
  if (ticket !== null) return yield* tickets.redeem(Redacted.make(ticket))
  const { cookie } = yield* presented
  const origin = request.headers["origin"]
  if (Option.isSome(cookie) && (origin === undefined || !isAllowedOrigin(settings, origin))) {
    return yield* new OriginNotAllowed()
  }
  return yield* signedInToAct
})

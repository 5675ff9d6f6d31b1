/**
 * `GET /api/realtime`: authenticates, then turns the request into a connection.
 */
import { type CallBus, CallClock, type CallConnections, type Calls } from "@dchat/domain/call"
import type { Presence, RealtimeTickets, Sessions } from "@dchat/domain/identity"
import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import type { HostSettings } from "../HostSettings.ts"
import { problemResponse } from "../middleware/ProblemResponse.ts"
import { serveConnection } from "./Connection.ts"
import type { SessionSockets } from "./SessionSockets.ts"
import { authenticateUpgrade } from "./UpgradeAuthentication.ts"

type Services =
  | CallBus
  | CallConnections
  | Calls
  | HostSettings
  | Presence
  | RealtimeTickets
  | SecureRandom.SecureRandom
  | Sessions
  | SessionSockets

export const RealtimeRoute = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const { hostId } = yield* CallClock
  const services = yield* Effect.context<Services>()

  const serve = Effect.gen(function*() {
    const signedIn = yield* authenticateUpgrade
    const request = yield* HttpServerRequest.HttpServerRequest
    yield* serveConnection(yield* request.upgrade, signedIn, hostId)
    return HttpServerResponse.empty()
  }).pipe(
    Effect.catchTags({
      AmbiguousCredentials: problemResponse,
      OriginNotAllowed: problemResponse,
      TicketInvalid: problemResponse,
      Unauthenticated: problemResponse
    }),
    Effect.scoped,
    Effect.provide(services)
  )

  yield* router.add("GET", "/api/realtime", serve)
}))

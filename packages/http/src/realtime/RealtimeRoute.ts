/**
 * `GET /api/realtime`: authenticates, then turns the request into a connection.
 */
import { type CallBus, CallClock, type CallConnections, type Calls, type Signalling } from "@dchat/domain/call"
import type { Presence, RealtimeTickets, Sessions } from "@dchat/domain/identity"
import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { routePolicies } from "../api/RateLimited.ts"
import { UpgradeRequired } from "../api/RequestErrors.ts"
import type { HostSettings } from "../config/HostSettings.ts"
import { clientLimitKey } from "../limits/ClientAddress.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { limited, type LimitKeys } from "../limits/LimitedWork.ts"
import { RateLimits } from "../limits/RateLimits.ts"
import { TokenBuckets } from "../limits/TokenBuckets.ts"
import { problemResponse } from "../middleware/ProblemResponse.ts"
import { serveConnection } from "./Connection.ts"
import type { ConnectionClosing } from "./ConnectionClosing.ts"
import { OpenConnections } from "./OpenConnections.ts"
import type { SessionSockets } from "./SessionSockets.ts"
import { authenticateUpgrade } from "./UpgradeAuthentication.ts"

type Services =
  | CallBus
  | CallConnections
  | Calls
  | ConnectionClosing
  | HostSettings
  | OpenConnections
  | Presence
  | RateLimits
  | RealtimeTickets
  | SecureRandom.SecureRandom
  | Sessions
  | SessionSockets
  | Signalling

export const RealtimeRoute = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const { hostId } = yield* CallClock
  const frames = new TokenBuckets()
  const load = yield* HostLoad
  const services = yield* Effect.context<Services>()

  const serve = Effect.gen(function*() {
    if (load.isOver("connections")) return yield* HostLoad.refuse
    const request = yield* HttpServerRequest.HttpServerRequest
    // Before a ticket is spent. The server has checked the handshake; where it is none, there is no upgrade.
    const socket = yield* Effect.catchTag(request.upgrade, "HttpServerError", () => Effect.fail(new UpgradeRequired()))
    const limits = yield* RateLimits
    const connections = yield* OpenConnections
    const address = yield* clientLimitKey
    const counted = (keys: LimitKeys) => limited(limits, limits.count, routePolicies["GET /api/realtime"], keys)
    const signedIn = yield* counted({ address })(authenticateUpgrade)
    const { session, user } = signedIn
    yield* counted({ person: user.id })(connections.enter({ session: session.id, person: user.id, address }))
    yield* serveConnection(socket, signedIn, { hostId, address, frames })
    return HttpServerResponse.empty()
  }).pipe(
    Effect.catchTags({
      // The client left before the connection was open: there is no client to answer.
      SocketError: () => Effect.succeed(HttpServerResponse.empty()),
      UpgradeRequired: (error) =>
        Effect.map(problemResponse(error), HttpServerResponse.setHeader("upgrade", "websocket"))
    }),
    Effect.catch(problemResponse),
    Effect.scoped,
    Effect.provide(services)
  )

  yield* router.add("GET", "/api/realtime", serve)
}))

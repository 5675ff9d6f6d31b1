/**
 * The route of realtime connections: lets a client in, and begins a connection that lives on without the request.
 */
import type { RealtimeTickets, Sessions } from "@dchat/domain/identity"
import { Effect, Scope } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { routePolicies } from "../api/RateLimited.ts"
import { UpgradeRequired } from "../api/RequestErrors.ts"
import type { HostSettings } from "../config/HostSettings.ts"
import { clientLimitKey } from "../limits/ClientAddress.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { limited, type LimitKeys } from "../limits/LimitedWork.ts"
import { problemResponse } from "../middleware/ProblemResponse.ts"
import { openConnection } from "./Connection.ts"
import { OpenConnections } from "./OpenConnections.ts"
import { makeRealtimeHost } from "./RealtimeHost.ts"
import { authenticateUpgrade } from "./UpgradeAuthentication.ts"
import { WebSocketUpgrades } from "./WebSocketUpgrades.ts"

export const RealtimeRoute = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const upgrades = yield* WebSocketUpgrades
  const connections = yield* OpenConnections
  const host = yield* makeRealtimeHost
  const services = yield* Effect.context<HostSettings | RealtimeTickets | Sessions>()
  const { limits } = host
  const counted = (keys: LimitKeys) => limited(limits, limits.count, routePolicies["GET /api/realtime"], keys)

  const serve = Effect.gen(function*() {
    if (host.load.isOver("connections")) return yield* HostLoad.refuse
    const { source } = yield* HttpServerRequest.HttpServerRequest
    // Before a ticket is spent. The server has checked the handshake; where it is none, there is no upgrade.
    if (!upgrades.isOffered(source)) return yield* new UpgradeRequired()
    const address = yield* clientLimitKey
    const signedIn = yield* counted({ address })(authenticateUpgrade)
    const { session, user } = signedIn
    const scope = Scope.makeUnsafe()
    const enter = Scope.provide(connections.enter({ session: session.id, person: user.id, address }), scope)
    let isOpen = false
    yield* counted({ person: user.id })(host.inHost(enter)).pipe(
      Effect.andThen(host.newConnectionId),
      Effect.map((id) => {
        const socket = upgrades.accept(source)
        if (socket === undefined) return
        isOpen = true
        openConnection(host, socket, id, { signedIn, address, scope })
      }),
      Effect.onExit((exit) => isOpen ? Effect.void : Scope.close(scope, exit))
    )
    return HttpServerResponse.empty({ status: 101 })
  }).pipe(
    Effect.catchTag(
      "UpgradeRequired",
      (error) => Effect.map(problemResponse(error), HttpServerResponse.setHeader("upgrade", "websocket"))
    ),
    Effect.catch(problemResponse),
    Effect.provide(services)
  )

  yield* router.add("GET", "/api/realtime", serve)
}))

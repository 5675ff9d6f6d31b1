/**
 * `GET /api/realtime`: authenticates, then turns the request into a connection.
 */
import { CallClock } from "@dchat/domain/call"
import { Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { problemResponse } from "../middleware/ProblemResponse.ts"
import { serveConnection } from "./Connection.ts"
import { authenticateUpgrade } from "./UpgradeAuthentication.ts"

export const RealtimeRoute = HttpRouter.add(
  "GET",
  "/api/realtime",
  authenticateUpgrade.pipe(
    Effect.flatMap(Effect.fnUntraced(function*(signedIn) {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { hostId } = yield* CallClock
      yield* serveConnection(yield* request.upgrade, signedIn, hostId)
      return HttpServerResponse.empty()
    })),
    Effect.catchTags({
      AmbiguousCredentials: problemResponse,
      OriginNotAllowed: problemResponse,
      TicketInvalid: problemResponse,
      Unauthenticated: problemResponse
    }),
    Effect.scoped
  )
)

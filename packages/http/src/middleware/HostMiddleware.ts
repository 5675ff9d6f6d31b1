/**
 * The middleware between the socket and the routes, outermost last.
 */
import { Effect, flow } from "effect"
import { HttpRouter } from "effect/http"
import { HostSettings } from "../config/HostSettings.ts"
import { accessLog } from "./AccessLog.ts"
import { answerProblems } from "./AnswerProblems.ts"
import { cors } from "./Cors.ts"
import { checkHost } from "./HostCheck.ts"
import { methodsOf } from "./KnownRoutes.ts"
import { checkOrigin } from "./OriginCheck.ts"
import { refuse } from "./Refusals.ts"
import { withRequestContext } from "./RequestContext.ts"
import { securityHeaders } from "./SecurityHeaders.ts"

export const HostMiddleware = HttpRouter.middleware(
  Effect.map(HostSettings, (settings) =>
    flow(
      refuse(checkHost(settings), checkOrigin(settings)),
      answerProblems(methodsOf),
      securityHeaders(settings),
      cors(settings),
      accessLog,
      withRequestContext
    )),
  { global: true }
)

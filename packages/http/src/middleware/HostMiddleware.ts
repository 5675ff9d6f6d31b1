/**
 * The middleware between the socket and the routes, outermost last.
 */
import { ByteSize, Effect, flow } from "effect"
import { HttpIncomingMessage, HttpRouter } from "effect/http"
import { HostSettings } from "../config/HostSettings.ts"
import { accessLog } from "./AccessLog.ts"
import { answerProblems } from "./AnswerProblems.ts"
import { cors } from "./Cors.ts"
import { checkHost } from "./HostCheck.ts"
import { methodsOf } from "./KnownRoutes.ts"
import { noStore } from "./NoStore.ts"
import { checkOrigin } from "./OriginCheck.ts"
import { withRequestId } from "./RequestIds.ts"
import { securityHeaders } from "./SecurityHeaders.ts"

/** Larger bodies are refused before they are read. */
const maxBodySize = ByteSize.kibibytes(256)

export const HostMiddleware = HttpRouter.middleware(
  Effect.map(HostSettings, (settings) =>
    flow(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, maxBodySize),
      checkOrigin(settings),
      checkHost(settings),
      answerProblems(methodsOf),
      noStore,
      securityHeaders(settings),
      cors(settings),
      accessLog,
      withRequestId
    )),
  { global: true }
)

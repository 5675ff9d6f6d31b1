/**
 * Everything that stands between the socket and the routes, outermost last.
 */
import { ByteSize, Effect, flow } from "effect"
import { FindMyWay, HttpIncomingMessage, HttpRouter } from "effect/http"
import { Api } from "../api/Api.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { accessLog } from "./AccessLog.ts"
import { type AllowedMethods, answerProblems } from "./AnswerProblems.ts"
import { cors } from "./Cors.ts"
import { checkHost } from "./HostCheck.ts"
import { noStore } from "./NoStore.ts"
import { checkOrigin } from "./OriginCheck.ts"
import { withRequestId } from "./RequestIds.ts"
import { securityHeaders } from "./SecurityHeaders.ts"

/** Larger bodies are refused before they are read. */
const maxBodySize = ByteSize.kibibytes(256)

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

/** By the paths of the API: the router itself does not tell. */
const allowedMethods = (): AllowedMethods => {
  const routes = FindMyWay.make<true>()
  for (const group of Object.values(Api.groups)) {
    for (const { method, path } of Object.values(group.endpoints)) routes.on(method, path as `/${string}`, true)
  }
  routes.on("GET", "/api/realtime", true)
  routes.on("POST", "/webhooks/stripe", true)
  return (url) => methods.filter((method) => routes.find(method, url) !== undefined)
}

export const HostMiddleware = HttpRouter.middleware(
  Effect.map(HostSettings, (settings) =>
    flow(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, maxBodySize),
      checkOrigin(settings),
      checkHost(settings),
      answerProblems(allowedMethods()),
      noStore,
      securityHeaders(settings),
      cors(settings),
      accessLog,
      withRequestId
    )),
  { global: true }
)

/**
 * The routes of the host: the API and its reference, realtime connections, the page.
 */
import { Layer } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { AuthHandlers } from "../handlers/AuthHandlers.ts"
import { CallsHandlers } from "../handlers/CallsHandlers.ts"
import { LinkedInHandlers } from "../handlers/LinkedInHandlers.ts"
import { NativeHandlers } from "../handlers/NativeHandlers.ts"
import { OperationsHandlers } from "../handlers/OperationsHandlers.ts"
import { PeopleHandlers } from "../handlers/PeopleHandlers.ts"
import { RateLimitHandlers } from "../handlers/RateLimitHandlers.ts"
import { RealtimeHandlers } from "../handlers/RealtimeHandlers.ts"
import { RenewalsHandlers } from "../handlers/RenewalsHandlers.ts"
import { RequestProblemsHandler } from "../handlers/RequestProblemsHandler.ts"
import { SessionAuthentication } from "../handlers/SessionAuthentication.ts"
import { StripeWebhook } from "../handlers/StripeWebhook.ts"
import { SubscriptionsHandlers } from "../handlers/SubscriptionsHandlers.ts"
import { WalletPaymentsHandlers } from "../handlers/WalletPaymentsHandlers.ts"
import { WalletsHandlers } from "../handlers/WalletsHandlers.ts"
import { answerAnyway } from "../middleware/AnswerAnyway.ts"
import { HostMiddleware } from "../middleware/HostMiddleware.ts"
import { Docs } from "../pages/Docs.ts"
import { NativePageScript } from "../pages/NativePage.ts"
import { StaticPage } from "../pages/StaticPage.ts"
import { ConnectionClosing } from "../realtime/ConnectionClosing.ts"
import { OpenConnections } from "../realtime/OpenConnections.ts"
import { RealtimeRoute } from "../realtime/RealtimeRoute.ts"
import { SessionSockets } from "../realtime/SessionSockets.ts"
import { layerSpansIfObserved } from "./SpansIfObserved.ts"

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(
  Layer.provide([
    AuthHandlers,
    CallsHandlers,
    LinkedInHandlers,
    NativeHandlers,
    OperationsHandlers,
    PeopleHandlers,
    RealtimeHandlers,
    RenewalsHandlers,
    SubscriptionsHandlers,
    WalletPaymentsHandlers,
    WalletsHandlers
  ]),
  Layer.provide([RateLimitHandlers, SessionAuthentication, RequestProblemsHandler])
)

/** The routes of the API, without a page of the host's own. */
export const Routes = Layer.mergeAll(
  HostMiddleware,
  ApiRoutes,
  RealtimeRoute,
  StripeWebhook,
  NativePageScript,
  Docs
).pipe(
  Layer.provide([SessionSockets.layer, OpenConnections.layer])
)

/** The routes, served by the HTTP server that is given. Realtime connections are closed before that stops. */
export const HttpApp = ConnectionClosing.layerBeforeStop.pipe(
  Layer.provideMerge(
    HttpRouter.serve(Layer.merge(Routes, StaticPage), {
      middleware: answerAnyway,
      disableLogger: true,
      disableListenLog: true
    })
  ),
  Layer.provide([ConnectionClosing.layer, layerSpansIfObserved])
)

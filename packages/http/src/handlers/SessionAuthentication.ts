/**
 * Authenticates requests by the session of their bearer token or cookie.
 */
import { Sessions } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"
import type { HttpServerResponse } from "effect/http"
import { Authentication, CurrentSession } from "../api/Authentication.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { signedIn } from "./Credentials.ts"

export const SessionAuthentication = Layer.effect(
  Authentication,
  Effect.gen(function*() {
    const sessions = yield* Sessions
    const settings = yield* HostSettings
    const findSession = signedIn.pipe(
      Effect.provideService(Sessions, sessions),
      Effect.provideService(HostSettings, settings)
    )

    /** Both schemes at once, because a request that uses both is refused. */
    const authenticate = <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
      Effect.flatMap(findSession, (session) => Effect.provideService(app, CurrentSession, session))

    return Authentication.of({ bearer: authenticate, session: authenticate })
  })
)

/**
 * Answers the auth group.
 */
import { People, type Session, type SessionId, Sessions, type User, WalletSignIn } from "@dchat/domain/identity"
import { DateTime, Effect, Option, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { sessionViewOf, userViewOf } from "../api/UserView.ts"
import { HostSettings } from "../HostSettings.ts"
import { SessionSockets } from "../realtime/SessionSockets.ts"
import { previousSession } from "./Credentials.ts"
import { clearSessionCookie, setSessionCookie } from "./SessionCookie.ts"

const lifetimeOf = ({ absoluteExpiresAt, createdAt }: Session) => DateTime.distance(createdAt, absoluteExpiresAt)

export const AuthHandlers = HttpApiBuilder.group(
  Api,
  "auth",
  Effect.fn(function*(handlers) {
    const settings = yield* HostSettings
    const people = yield* People
    const sessions = yield* Sessions
    const sockets = yield* SessionSockets
    const signIn = yield* WalletSignIn
    const services = yield* Effect.context<Sessions | HostSettings>()

    const answerOf = Effect.fnUntraced(function*(user: User, session: Session) {
      const { wallets } = yield* Effect.orDie(people.me(user.id))
      return { user: userViewOf(user, wallets), session: sessionViewOf(session) }
    })

    const end = (session: SessionId) => Effect.andThen(sessions.revoke(session), sockets.end(session))

    return handlers.handleAll({
      requestNonce: ({ payload: { address, chainId } }) =>
        signIn.requestNonce({ address, chainId, domain: settings.publicUrl.host, uri: settings.publicUrl.origin }),

      verify: Effect.fn(function*({ payload: { message, nonceId, signature, transport } }) {
        const { headers } = yield* HttpServerRequest.HttpServerRequest
        const before = yield* previousSession
        const { session, token, user } = yield* signIn.verify({
          nonceId,
          signature,
          message,
          userAgent: headers["user-agent"]
        })
        if (Option.isSome(before)) yield* end(before.value)
        const answer = yield* answerOf(user, session)
        if (transport !== "cookie") return { token: Redacted.value(token), ...answer }
        yield* setSessionCookie(token, lifetimeOf(session))
        return answer
      }, Effect.provide(services)),

      me: Effect.fn(function*() {
        const { session, user } = yield* CurrentSession
        return yield* answerOf(user, session)
      }),

      rename: Effect.fn(function*({ payload }) {
        const { session, user } = yield* CurrentSession
        return yield* answerOf(yield* Effect.orDie(people.rename(user.id, payload.displayName)), session)
      }),

      logout: Effect.fn(function*() {
        const { session } = yield* CurrentSession
        yield* end(session.id)
        yield* clearSessionCookie
      }, Effect.provide(services))
    })
  })
)

/**
 * Finds out who a request comes from.
 */
import { type SessionId, Sessions, type SignedIn } from "@dchat/domain/identity"
import { Effect, Option, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { AmbiguousCredentials, Unauthenticated } from "../api/RequestErrors.ts"
import { HostSettings, sessionCookieName } from "../HostSettings.ts"

/** The tokens of a request; `cookie` is there only if the request came with one. */
export const presented = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const settings = yield* HostSettings
  const bearer = /^bearer +(\S+)$/i.exec(request.headers["authorization"] ?? "")?.[1]
  const cookie = request.cookies[sessionCookieName(settings)]
  return {
    bearer: Option.map(Option.fromUndefinedOr(bearer), (token) => Redacted.make(token)),
    cookie: Option.map(Option.fromUndefinedOr(cookie || undefined), (token) => Redacted.make(token))
  }
})

/** The live session that the current request came with. */
export const signedIn: Effect.Effect<
  SignedIn,
  Unauthenticated | AmbiguousCredentials,
  HttpServerRequest.HttpServerRequest | HostSettings | Sessions
> = Effect.gen(function*() {
  const { bearer, cookie } = yield* presented
  if (Option.isSome(bearer) && Option.isSome(cookie)) return yield* new AmbiguousCredentials()
  const token = Option.orElse(bearer, () => cookie)
  if (Option.isNone(token)) return yield* new Unauthenticated()
  const sessions = yield* Sessions
  return yield* Effect.catchTag(
    sessions.authenticate(token.value),
    "SessionInvalid",
    () => Effect.fail(new Unauthenticated())
  )
})

/** The session that the current request came with, if it is a live one: signing in ends it. */
export const previousSession: Effect.Effect<
  Option.Option<SessionId>,
  never,
  HttpServerRequest.HttpServerRequest | HostSettings | Sessions
> = Effect.map(Effect.option(signedIn), Option.map(({ session }) => session.id))

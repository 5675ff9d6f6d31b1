/**
 * Finds the session and the user of a request.
 */
import { type SessionId, Sessions, type SignedIn, type TokenReplaced, type TokenUse } from "@dchat/domain/identity"
import { Effect, Option, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { AmbiguousCredentials, Unauthenticated } from "../api/RequestErrors.ts"
import { HostSettings, sessionCookieName } from "../config/HostSettings.ts"

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

/** The live session that the current request came with, by a token that is good for this use. */
const signedInFor = Effect.fnUntraced(function*(use: TokenUse) {
  const { bearer, cookie } = yield* presented
  if (Option.isSome(bearer) && Option.isSome(cookie)) return yield* new AmbiguousCredentials()
  const token = Option.orElse(bearer, () => cookie)
  if (Option.isNone(token)) return yield* new Unauthenticated()
  const sessions = yield* Sessions
  return yield* Effect.catchTag(
    sessions.authenticate(token.value, use),
    "SessionInvalid",
    () => Effect.fail(new Unauthenticated())
  )
})

/** The live session that the current request came with. A token that was replaced serves safe methods (RFC 9110, 9.2.1). */
export const signedIn: Effect.Effect<
  SignedIn,
  Unauthenticated | AmbiguousCredentials | TokenReplaced,
  HttpServerRequest.HttpServerRequest | HostSettings | Sessions
> = Effect.flatMap(
  HttpServerRequest.HttpServerRequest,
  ({ method }) => signedInFor(method === "GET" || method === "HEAD" ? "read" : "act")
)

/** As `signedIn`, for a request that does something though its method is a safe one. */
export const signedInToAct = signedInFor("act")

/** The session that the current request came with, if it is a live one: signing in ends it. */
export const previousSession: Effect.Effect<
  Option.Option<SessionId>,
  never,
  HttpServerRequest.HttpServerRequest | HostSettings | Sessions
> = Effect.map(Effect.option(signedInToAct), Option.map(({ session }) => session.id))

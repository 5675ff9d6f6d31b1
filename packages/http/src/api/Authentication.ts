/**
 * Authenticates a request: finds the session of its bearer token, or of the cookie that a browser was given.
 */
import { type SignedIn, TokenReplaced } from "@dchat/domain/identity"
import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { problem } from "./Problems.ts"
import { AmbiguousCredentials, Unauthenticated } from "./RequestErrors.ts"

/** The live session that a request came with, and its user. */
export class CurrentSession extends Context.Service<CurrentSession, SignedIn>()("@dchat/http/api/CurrentSession") {}

/** The cookie of browsers. On plain HTTP, which is for development only, it cannot have this name. */
export const sessionCookie = "__Host-dchat_session"

/** Its stand-in on http://localhost, where cookies with the prefix `__Host-` are refused. */
export const developmentSessionCookie = "dchat_dev_session"

export class Authentication extends HttpApiMiddleware.Service<Authentication, { provides: CurrentSession }>()(
  "@dchat/http/api/Authentication",
  {
    security: {
      bearer: HttpApiSecurity.bearer,
      session: HttpApiSecurity.apiKey({ key: sessionCookie, in: "cookie" })
    },
    error: [problem(Unauthenticated), problem(AmbiguousCredentials), problem(TokenReplaced)]
  }
) {}

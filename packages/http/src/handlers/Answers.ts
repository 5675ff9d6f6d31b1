/**
 * The answers of handlers about the user who sent the request.
 */
import type {
  Changed,
  Identity,
  Session,
  SessionInvalid,
  SessionToken,
  SignedIn,
  UserDisabled,
  UserNotFound
} from "@dchat/domain/identity"
import { DateTime, Effect, Option, Redacted } from "effect"
import { Unauthenticated } from "../api/RequestErrors.ts"
import { sessionViewOf } from "../api/SessionView.ts"
import { userViewOf } from "../api/UserView.ts"
import { presented } from "./Credentials.ts"
import { setSessionCookie } from "./SessionCookie.ts"

export const meOf = (identity: Identity, session: Session) => ({
  user: userViewOf(identity),
  session: sessionViewOf(session)
})

/** The lifetime of the session cookie in the browser. */
const remaining = Effect.fnUntraced(function*({ absoluteExpiresAt }: Session) {
  return DateTime.distance(yield* DateTime.now, absoluteExpiresAt)
})

/** Returns the token in a cookie or in the answer, depending on the client. */
export const handOver = Effect.fnUntraced(function*(
  token: Redacted.Redacted<SessionToken>,
  session: Session,
  transport: "bearer" | "cookie"
) {
  if (transport === "bearer") return { token: Redacted.value(token) }
  yield* setSessionCookie(token, yield* remaining(session))
  return {}
})

/** The way in which the client of the current request sends its token. */
export const transportOf = Effect.map(presented, ({ bearer }) => Option.isSome(bearer) ? "bearer" : "cookie")

/** The user after a change of their own, with the token with which their session continues. */
export const changedAnswer = Effect.fnUntraced(function*({ identity, token }: Changed, { session }: SignedIn) {
  const handed = Option.isSome(token) ? yield* handOver(token.value, session, yield* transportOf) : {}
  return { ...handed, ...meOf(identity, session) }
})

type Gone = SessionInvalid | UserDisabled | UserNotFound

const gone: ReadonlySet<unknown> = new Set<Gone["_tag"]>(["SessionInvalid", "UserDisabled", "UserNotFound"])

const isGone = <E extends { readonly _tag: string }>(failure: E): failure is Extract<E, Gone> => gone.has(failure._tag)

/** A missing session or user means that the client is not signed in any more. */
export const whileSignedIn = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catchIf(effect, isGone, () => Effect.fail(new Unauthenticated()))

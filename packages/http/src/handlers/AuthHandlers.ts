/**
 * The handlers of the group `auth`.
 */
import { AccessTokens, Identities, Merging, Sessions } from "@dchat/domain/identity"
import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { activityViewOf } from "../api/ActivityView.ts"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { Unauthenticated } from "../api/RequestErrors.ts"
import { listedSessionOf } from "../api/SessionView.ts"
import { type HostSettings } from "../config/HostSettings.ts"
import { handOver, meOf, transportOf, whileSignedIn } from "./Answers.ts"
import { signedInToAct } from "./Credentials.ts"
import { exactly } from "./DeclaredErrors.ts"
import { requestOrigin } from "./RequestOrigin.ts"
import { clearSessionCookie } from "./SessionCookie.ts"

/** The default number of entries on a page. */
const activityPage = 20

export const AuthHandlers = HttpApiBuilder.group(
  Api,
  "auth",
  Effect.fn(function*(handlers) {
    const identities = yield* Identities
    const sessions = yield* Sessions
    const merging = yield* Merging
    const accessTokens = yield* AccessTokens
    const services = yield* Effect.context<HostSettings | Sessions>()

    return handlers.handleAll(exactly(handlers, {
      me: Effect.fn(function*() {
        const { session, user } = yield* CurrentSession
        return meOf(yield* whileSignedIn(identities.me(user.id)), session)
      }),

      editProfile: Effect.fn(function*({ payload }) {
        const who = yield* CurrentSession
        const identity = yield* whileSignedIn(identities.editProfile(who, payload, yield* requestOrigin))
        return meOf(identity, who.session)
      }, Effect.provide(services)),

      deleteMe: Effect.fn(function*() {
        const who = yield* CurrentSession
        yield* whileSignedIn(identities.delete(who, yield* requestOrigin))
        yield* clearSessionCookie
      }, Effect.provide(services)),

      activity: Effect.fn(function*({ query: { cursor, limit = activityPage } }) {
        const { user } = yield* CurrentSession
        const before = cursor === undefined ? undefined : Number(cursor)
        const events = yield* identities.activity(user.id, { before, limit })
        const last = events.at(-1)
        return {
          items: events.map(activityViewOf),
          ...(last === undefined || last.seq === 1 || events.length < limit ? {} : { nextCursor: String(last.seq) })
        }
      }),

      sessions: Effect.fn(function*() {
        const { session, user } = yield* CurrentSession
        const found = yield* sessions.listOf(user.id)
        return { items: found.map((one) => listedSessionOf(one, session.id)) }
      }),

      endSession: Effect.fn(function*({ params: { id } }) {
        const { session, user } = yield* CurrentSession
        yield* sessions.revokeOf(user.id, id)
        if (id === session.id) yield* clearSessionCookie
      }, Effect.provide(services)),

      endOtherSessions: Effect.fn(function*() {
        const { session } = yield* CurrentSession
        const { ended, token } = yield* whileSignedIn(sessions.revokeOthers(session))
        return { ended, ...yield* handOver(token, session, yield* transportOf) }
      }, Effect.provide(services)),

      rotate: Effect.fn(function*() {
        const { session, user } = yield* CurrentSession
        const token = yield* sessions.rotate(session)
        const identity = yield* whileSignedIn(identities.me(user.id))
        return { ...yield* handOver(token, session, yield* transportOf), ...meOf(identity, session) }
      }, Effect.provide(services)),

      logout: Effect.fn(function*() {
        const { session } = yield* CurrentSession
        yield* sessions.revoke(session.id)
        yield* clearSessionCookie
      }, Effect.provide(services)),

      accessToken: Effect.fn(function*({ payload: { audience } }) {
        const { session, user } = yield* CurrentSession
        const { accessToken, expiresIn } = yield* accessTokens.issue({
          userId: user.id,
          sessionId: session.id,
          audience
        })
        return { accessToken: Redacted.value(accessToken), expiresIn }
      }),

      pendingMerge: Effect.fn(function*() {
        // This request reads the pending merge, but revokes the ticket that was issued before.
        const { session } = yield* signedInToAct
        const { expiresIn, ticket } = yield* merging.pending(session)
        return { ticket: Redacted.value(ticket), expiresIn }
      }, Effect.provide(services)),

      merge: Effect.fn(function*({ payload: { ticket } }) {
        const who = yield* CurrentSession
        // The other user may be disabled.
        const merged = yield* Effect.catchTag(
          merging.merge(who, Redacted.make(ticket), yield* requestOrigin),
          ["SessionInvalid", "UserNotFound"],
          () => Effect.fail(new Unauthenticated())
        )
        const identity = yield* whileSignedIn(identities.me(merged.userId))
        const handed = yield* handOver(merged.token, merged.session, yield* transportOf)
        return { ...handed, ...meOf(identity, merged.session) }
      }, Effect.provide(services))
    }))
  })
)

/**
 * The handlers of the group `linkedin`.
 */
import {
  Identities,
  LinkedInFlows,
  LinkedInProfiles,
  NativeSignIn,
  Sessions,
  type TokenUse
} from "@dchat/domain/identity"
import { Effect, Option, Redacted } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { LinkedInInvalidResponse, LinkedInUnavailable, ReturnToNotAllowed } from "../api/LinkedInErrors.ts"
import { linkedInViewOf } from "../api/UserView.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { changedAnswer, handOver, transportOf, whileSignedIn } from "./Answers.ts"
import { presented, previousSession, signedInToAct } from "./Credentials.ts"
import { exactly } from "./DeclaredErrors.ts"
import { flowCookie, giveFlowCookie, takeFlowCookie } from "./FlowCookies.ts"
import { linkedInErrorCode } from "./LinkedInErrorCode.ts"
import { requestOrigin } from "./RequestOrigin.ts"
import { returnTo, withError } from "./ReturnTo.ts"

const seeOther = (location: string) => HttpServerResponse.redirect(location, { status: 303 })

export const LinkedInHandlers = HttpApiBuilder.group(
  Api,
  "linkedin",
  Effect.fn(function*(handlers) {
    const settings = yield* HostSettings
    const identities = yield* Identities
    const profiles = yield* LinkedInProfiles
    const flows = yield* LinkedInFlows
    const native = yield* NativeSignIn
    const sessions = yield* Sessions
    const services = yield* Effect.context<Sessions | HostSettings>()

    const redirectUri = new URL("/auth/linkedin/callback", settings.publicUrl).href

    /** The session that the browser is in by its cookie. */
    const cookieSession = Effect.fnUntraced(function*(use: TokenUse) {
      const { cookie } = yield* presented
      if (Option.isNone(cookie)) return undefined
      const found = yield* Effect.option(sessions.authenticate(cookie.value, use))
      return Option.getOrUndefined(Option.map(found, ({ session }) => session.id))
    })

    /** A URL of this installation, by default its root. */
    const placeOf = (wanted: string) => Option.getOrElse(returnTo(settings, wanted), () => settings.publicUrl)

    /** The same callback again: the user of the flow goes on to its destination, every other client gets an error. */
    const callbackAgain = Effect.fnUntraced(function*(
      callback: URLSearchParams,
      cookieOf: (flow: string) => string | undefined
    ) {
      const again = yield* Effect.option(flows.again(callback, { cookieOf, session: yield* cookieSession("read") }))
      const place = Option.match(again, {
        onNone: () => settings.publicUrl,
        onSome: ({ returnTo }) => placeOf(returnTo)
      })
      const isDone = Option.exists(again, ({ isDone }) => isDone)
      const code = Option.getOrUndefined(again)?.failure ?? "state_invalid"
      return seeOther(isDone ? place.href : withError(place, code).href)
    })

    return handlers.handleAll(exactly(handlers, {
      authUrl: Effect.fn(function*({ query: { mode = "login", native: nativeFlowId, returnTo: wanted = "/" } }) {
        const place = returnTo(settings, wanted)
        if (Option.isNone(place)) return yield* new ReturnToNotAllowed()
        const session = mode === "login" ? undefined : (yield* signedInToAct).session
        if (nativeFlowId !== undefined) yield* native.check(nativeFlowId, (yield* flowCookie("native"))(nativeFlowId))
        const { cookie, expiresIn, flowId, nextToken, url } = yield* flows.begin({
          purpose: mode,
          session,
          handsTokenOver: (yield* transportOf) === "bearer",
          returnTo: place.value.href,
          redirectUri,
          nativeFlowId
        })
        yield* giveFlowCookie("linkedin", flowId, cookie, expiresIn)
        return {
          url: url.href,
          expiresIn,
          ...(Option.isSome(nextToken) ? { nextToken: Redacted.value(nextToken.value) } : {})
        }
      }, Effect.provide(services)),

      callback: Effect.fn(function*() {
        const { url } = yield* HttpServerRequest.HttpServerRequest
        const callback = new URL(url, settings.publicUrl).searchParams
        const cookieOf = yield* flowCookie("linkedin")
        const returned = yield* Effect.option(flows.receive(callback, cookieOf))
        if (Option.isNone(returned)) return yield* callbackAgain(callback, cookieOf)
        const { flow } = returned.value
        const place = placeOf(flow.returnTo)
        const session = yield* cookieSession("act")
        const before = flow.purpose === "login" ? yield* previousSession : Option.none()
        const outcome = yield* flows.finish(returned.value, {
          session,
          redirectUri,
          origin: yield* requestOrigin,
          codeOf: linkedInErrorCode
        })
          .pipe(
            Effect.map((finished) => ({ ...finished, failed: false as const })),
            Effect.catch((failure) => Effect.succeed({ failed: true as const, code: linkedInErrorCode(failure) }))
          )
        if (outcome.failed) return seeOther(withError(place, outcome.code).href)
        yield* takeFlowCookie("linkedin", flow.id)
        if (outcome._tag === "Native") return seeOther(outcome.location)
        if (outcome._tag === "SignedIn") {
          if (Option.isSome(before)) yield* sessions.revoke(before.value)
          yield* handOver(outcome.token, outcome.session, "cookie")
        }
        // A client with a bearer token has its successor since the beginning of the flow, never by a URL.
        if (outcome._tag === "Linked" && Option.isSome(outcome.token) && session === outcome.session.id) {
          yield* handOver(outcome.token.value, outcome.session, "cookie")
        }
        return seeOther(place.href)
      }, Effect.provide(services)),

      profile: Effect.fn(function*() {
        const account = yield* whileSignedIn(profiles.get(yield* CurrentSession))
        return linkedInViewOf(account)
      }),

      sync: Effect.fn(function*() {
        const who = yield* CurrentSession
        const account = yield* profiles.sync(who, yield* requestOrigin).pipe(
          Effect.catchTag(
            "LinkedInFailed",
            ({ reason }) =>
              Effect.fail(reason === "unavailable" ? new LinkedInUnavailable() : new LinkedInInvalidResponse())
          ),
          whileSignedIn
        )
        return linkedInViewOf(account)
      }, Effect.provide(services)),

      unlink: Effect.fn(function*() {
        const who = yield* CurrentSession
        const changed = yield* whileSignedIn(
          identities.unlinkLinkedIn(who, yield* requestOrigin)
        )
        const answer = yield* changedAnswer(changed, who)
        return (yield* transportOf) === "bearer" ? answer : undefined
      }, Effect.provide(services))
    }))
  })
)

import {
  Identities,
  IdentityAdministration,
  LinkedIn,
  LinkedInFailed,
  LinkedInFlows,
  type LinkedInGrant,
  Merging,
  type NativeFlowId,
  NativeSignIn,
  oauthFlows,
  type ProofPurpose,
  type Session,
  type SessionId,
  Sessions,
  SingleUse
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Clock, Effect, Fiber, Option, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { challengeOf } from "./challengeOf.ts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { grantOf, LinkedInAnswers, someProfile } from "./LinkedInAnswers.ts"
import { isAccepted, unwrap } from "./sessionsAlive.ts"
import { renewed, signedIn } from "./signedIn.ts"
import { signedUp, signedUpByLinkedIn } from "./signedUp.ts"

const redirectUri = "https://chat.example/auth/linkedin/callback"
const origin = { userAgent: "Firefox" }

const begun = Effect.fnUntraced(function*(
  purpose: ProofPurpose,
  { nativeFlowId, session }: {
    readonly session?: Session | undefined
    readonly nativeFlowId?: NativeFlowId | undefined
  } = {}
) {
  const { begin } = yield* LinkedInFlows
  const { cookie, expiresIn, flowId, url } = yield* begin({
    purpose,
    returnTo: "/account",
    redirectUri,
    session,
    nativeFlowId
  })
  const state = url.searchParams.get("state") ?? ""
  const code = SecureRandom.uuidV7Unsafe()
  return { flowId, cookie, expiresIn, state, code, callback: new URLSearchParams({ code, state }) }
})

type Begun = Effect.Success<ReturnType<typeof begun>>

/** The browser comes back with the cookie of the flow, or with another one. */
const received = Effect.fnUntraced(function*(flow: Begun, cookie: string | undefined = Redacted.value(flow.cookie)) {
  return yield* (yield* LinkedInFlows).receive(flow.callback, (id) => id === flow.flowId ? cookie : undefined)
})

/** LinkedIn answers with this, and the browser that is in this session comes back. */
const finished = Effect.fnUntraced(function*(
  flow: Begun,
  grant: LinkedInGrant | LinkedInFailed,
  session?: SessionId
) {
  const answers = yield* LinkedInAnswers
  answers.onCode(flow.code, grant)
  const returned = yield* received(flow)
  return yield* (yield* LinkedInFlows).finish(returned, { session, redirectUri, origin, codeOf: ({ _tag }) => _tag })
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: ({ _tag }) => _tag })

const isWaiting = (flow: Begun) =>
  Effect.flatMap(
    SingleUse,
    (store) => Effect.map(store.find(oauthFlows, flow.flowId), Option.isSome)
  )

/** The same callback once more, from a browser with this cookie of the flow and this session. */
const again = Effect.fnUntraced(function*(
  flow: Begun,
  { cookie, session }: { readonly cookie?: string | undefined; readonly session?: SessionId | undefined }
) {
  const { again } = yield* LinkedInFlows
  return yield* again(flow.callback, { cookieOf: (id) => id === flow.flowId ? cookie : undefined, session })
})

/** The outcome of an effect while the test clock runs. */
const afterAll = Effect.fnUntraced(function*<A, E>(fiber: Fiber.Fiber<A, E>) {
  while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("200 millis")
  return yield* Fiber.join(fiber)
})

const cookieOf = (flow: Begun) => ({ cookie: Redacted.value(flow.cookie) })

describe("LinkedInFlows", () => {
  it.effect("send the browser to LinkedIn with a state that holds no secret", () =>
    Effect.gen(function*() {
      const { begin } = yield* LinkedInFlows
      const { cookie, expiresIn, url } = yield* begin({ purpose: "login", returnTo: "/", redirectUri })
      assert.strictEqual(url.searchParams.get("redirect_uri"), redirectUri)
      assert.strictEqual(expiresIn, 600)
      assert.match(Redacted.value(cookie), /^[A-Za-z0-9_-]{43}$/)
      assert.notInclude(url.href, Redacted.value(cookie))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("do not begin if LinkedIn is not configured", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tagOf(begun("login")), "LinkedInNotConfigured")
    }).pipe(Effect.provide(identityTestLayer({ clientId: null }))))

  it.effect("sign a user in: as a new user the first time, and then as the same user", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const first = yield* finished(yield* begun("login"), grantOf(profile))
      const second = yield* finished(yield* begun("login"), grantOf(profile))
      if (first._tag !== "SignedIn" || second._tag !== "SignedIn") return assert.fail(first._tag + second._tag)
      assert.strictEqual(second.session.userId, first.session.userId)
      assert.deepStrictEqual((yield* (yield* Sessions).authenticate(second.token)).session, second.session)
      assert.strictEqual(second.session.userAgent, "Firefox")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("remember the page to which the browser returns", () =>
    Effect.gen(function*() {
      const { flow } = yield* received(yield* begun("login"))
      assert.strictEqual(flow.returnTo, "/account")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("can run side by side in one browser", () =>
    Effect.gen(function*() {
      const flows = [yield* begun("login"), yield* begun("login")]
      for (const flow of flows.toReversed()) {
        assert.strictEqual((yield* finished(flow, grantOf(someProfile())))._tag, "SignedIn")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse a state from another browser, and do not end the flow of the first browser", () =>
    Effect.gen(function*() {
      const flow = yield* begun("login")
      const other = yield* begun("login")
      for (const cookie of ["", "forged", Redacted.value(other.cookie)]) {
        assert.strictEqual(yield* tagOf(received(flow, cookie)), "StateInvalid")
      }
      const { receive } = yield* LinkedInFlows
      assert.strictEqual(yield* tagOf(receive(flow.callback, () => undefined)), "StateInvalid")
      assert.isTrue(yield* isWaiting(flow))
      assert.strictEqual(yield* tagOf(received(flow)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accept a state once, also under concurrent requests", () =>
    Effect.gen(function*() {
      const flow = yield* begun("login")
      const answers = yield* Effect.all(Array.makeBy(20, () => tagOf(received(flow))), { concurrency: "unbounded" })
      assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
      assert.strictEqual(yield* tagOf(received(flow)), "StateInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accept a state for ten minutes", () =>
    Effect.gen(function*() {
      const [early, late] = [yield* begun("login"), yield* begun("login")]
      yield* TestClock.adjust("599999 millis")
      assert.strictEqual(yield* tagOf(received(early)), "accepted")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* tagOf(received(late)), "StateInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse a state that is missing, doubled, altered or of another kind", () =>
    Effect.gen(function*() {
      const flow = yield* begun("login")
      const { receive } = yield* LinkedInFlows
      const { token } = yield* signedUpByLinkedIn()
      const callbacks = [
        {},
        { state: "" },
        { state: `${flow.state} ` },
        { state: flow.state.slice(0, -1) },
        { state: flow.state.toLowerCase() },
        { state: flow.flowId },
        { state: Redacted.value(token) },
        { state: "x".repeat(10_000) }
      ].map((fields) => new URLSearchParams({ code: "code", ...fields }))
      for (const callback of [...callbacks, new URLSearchParams(`state=${flow.state}&state=${flow.state}`)]) {
        const answer = tagOf(receive(callback, () => Redacted.value(flow.cookie)))
        assert.strictEqual(yield* answer, "StateInvalid", callback.toString().slice(0, 200))
      }
      assert.isTrue(yield* isWaiting(flow))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("sign no user in if LinkedIn refuses, and end the attempt", () =>
    Effect.gen(function*() {
      for (const reason of ["denied", "code_rejected", "invalid_response", "unavailable"] as const) {
        const flow = yield* begun("login")
        const failure = yield* Effect.flip(finished(flow, new LinkedInFailed({ reason })))
        assert.deepInclude(failure, { _tag: "LinkedInFailed", reason })
        assert.strictEqual(yield* tagOf(received(flow)), "StateInvalid")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("return a repeated callback to the remembered page, by the session or by the cookie of the flow", () =>
    Effect.gen(function*() {
      const flow = yield* begun("login")
      const outcome = yield* finished(flow, grantOf(someProfile()))
      if (outcome._tag !== "SignedIn") return assert.fail(outcome._tag)
      const session = outcome.session.id
      const done = { returnTo: "/account", isDone: true, failure: undefined }
      for (const shown of [{ session }, cookieOf(flow), { ...cookieOf(flow), session }]) {
        assert.deepStrictEqual(yield* again(flow, shown), done)
      }
      yield* (yield* Sessions).rotate(outcome.session)
      assert.deepStrictEqual(yield* again(flow, { session }), done, "the session goes on under another token")
      yield* (yield* Sessions).revoke(session)
      const over = { returnTo: "/account", isDone: false, failure: undefined }
      assert.deepStrictEqual(yield* again(flow, cookieOf(flow)), over, "the session has ended")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* tagOf(again(flow, { ...cookieOf(flow), session })), "StateInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("reveal nothing about a flow to another browser, whatever its session", () =>
    Effect.gen(function*() {
      const flow = yield* begun("login")
      const waiting = yield* begun("login")
      const outcome = yield* finished(flow, grantOf(someProfile()))
      if (outcome._tag !== "SignedIn") return assert.fail(outcome._tag)
      const other = yield* signedIn(outcome.session.userId)
      const strangers = [{}, { cookie: "forged" }, cookieOf(waiting), { session: other.session.id }]
      for (const stranger of strangers) {
        assert.strictEqual(yield* tagOf(again(flow, stranger)), "StateInvalid")
        assert.strictEqual(yield* tagOf(again(waiting, { ...stranger, cookie: undefined })), "StateInvalid")
      }
      assert.isTrue(yield* isWaiting(waiting))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("let a second callback wait for the end of the first, for a limited time", () =>
    Effect.gen(function*() {
      const store = yield* SingleUse
      const { session } = yield* signedUpByLinkedIn()
      const [ending, stuck] = [yield* begun("login"), yield* begun("login")]
      for (const flow of [ending, stuck]) yield* received(flow)
      const waiting = yield* Effect.forkChild(again(ending, cookieOf(ending)))
      yield* TestClock.adjust("1 second")
      assert.isUndefined(waiting.pollUnsafe())
      yield* store.finish(oauthFlows, ending.flowId, { finishedBy: session.id })
      assert.deepStrictEqual(yield* afterAll(waiting), { returnTo: "/account", isDone: true, failure: undefined })
      const since = yield* Clock.currentTimeMillis
      const vain = yield* Effect.forkChild(again(stuck, cookieOf(stuck)))
      assert.deepStrictEqual(yield* afterAll(vain), { returnTo: "/account", isDone: false, failure: undefined })
      assert.isAtLeast((yield* Clock.currentTimeMillis) - since, 15_000)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("report a failed flow as over, and name its page", () =>
    Effect.gen(function*() {
      const flow = yield* begun("login")
      yield* Effect.flip(finished(flow, new LinkedInFailed({ reason: "denied" })))
      assert.deepStrictEqual(yield* again(flow, cookieOf(flow)), {
        returnTo: "/account",
        isDone: false,
        failure: "LinkedInFailed"
      })
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse a disabled user", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const { user } = yield* signedUpByLinkedIn(grantOf(profile))
      yield* (yield* IdentityAdministration).disable(user.id, { actor: "somebody", reason: "spam" })
      assert.strictEqual(yield* tagOf(finished(yield* begun("login"), grantOf(profile))), "UserDisabled")
    }).pipe(Effect.provide(identityTestLayer())))
})

describe("LinkedInFlows of a signed-in user", () => {
  const signedInPerson = Effect.flatMap(signedUp(), ({ id }) => signedIn(id))

  it.effect("link the account, and replace the token", () =>
    Effect.gen(function*() {
      const { session, token: before, user } = yield* signedInPerson
      const outcome = yield* finished(
        yield* begun("link", { session }),
        grantOf(someProfile()),
        session.id
      )
      if (outcome._tag !== "Linked") return assert.fail(outcome._tag)
      assert.strictEqual(outcome.session.id, session.id)
      assert.isTrue(yield* isAccepted(yield* unwrap(outcome.token)))
      yield* TestClock.adjust("30 seconds")
      assert.isFalse(yield* isAccepted(before))
      assert.lengthOf((yield* (yield* Identities).me(user.id)).accounts, 1)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("work without the cookie of the session", () =>
    Effect.gen(function*() {
      const { session } = yield* signedInPerson
      const flow = yield* begun("link", { session })
      assert.strictEqual((yield* finished(flow, grantOf(someProfile())))._tag, "Linked")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("renew the proof of the user", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const { session } = yield* signedUpByLinkedIn(grantOf(profile))
      yield* TestClock.adjust("1 hour")
      const flow = yield* begun("reauth", { session })
      assert.deepStrictEqual(yield* finished(flow, grantOf(profile), session.id), { _tag: "Reauthenticated" })
      const found = yield* (yield* Sessions).find(session.id)
      assert.strictEqual(found.session.authenticatedAt.epochMilliseconds, 3_600_000)
      const other = yield* begun("reauth", { session })
      assert.strictEqual(yield* tagOf(finished(other, grantOf(someProfile()), session.id)), "ReauthMismatch")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("return a repeated callback to the remembered page, by the session of the user", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const { session, user } = yield* signedInPerson
      const link = yield* begun("link", { session })
      yield* finished(link, grantOf(profile), session.id)
      const { session: later } = yield* renewed({ session, user })
      const reauth = yield* begun("reauth", { session: later })
      yield* finished(reauth, grantOf(profile), session.id)
      for (const flow of [link, reauth]) {
        const done = { returnTo: "/account", isDone: true, failure: undefined }
        assert.deepStrictEqual(yield* again(flow, { session: session.id }), done)
        assert.deepStrictEqual(yield* again(flow, cookieOf(flow)), done)
        const other = yield* signedIn(user.id)
        assert.strictEqual(yield* tagOf(again(flow, { session: other.session.id })), "StateInvalid")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("cannot be completed under another session, of whatever user", () =>
    Effect.gen(function*() {
      const { session, user } = yield* signedInPerson
      for (const other of [yield* signedInPerson, yield* signedIn(user.id)]) {
        for (const purpose of ["link", "reauth"] as const) {
          const flow = yield* begun(purpose, { session })
          const outcome = tagOf(finished(flow, grantOf(someProfile()), other.session.id))
          assert.strictEqual(yield* outcome, "SessionMismatch")
        }
      }
      assert.deepStrictEqual((yield* (yield* Identities).me(user.id)).accounts, [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("end with the session, and send LinkedIn no request afterwards", () =>
    Effect.gen(function*() {
      const { session, user } = yield* signedInPerson
      const flow = yield* begun("link", { session })
      yield* (yield* Sessions).revoke(session.id)
      const profile = someProfile()
      assert.strictEqual(yield* tagOf(finished(flow, grantOf(profile))), "SessionInvalid")
      assert.deepStrictEqual((yield* (yield* Identities).me(user.id)).accounts, [])
      const { redeem } = yield* LinkedIn
      const unused = redeem({ callback: flow.callback, state: flow.state, redirectUri })
      assert.strictEqual((yield* unused).profile.subject, profile.subject)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are refused without a session", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* tagOf(finished(yield* begun("link"), grantOf(someProfile()))), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("offer a merge if the account belongs to another user", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      yield* signedUpByLinkedIn(grantOf(profile))
      const { session } = yield* signedInPerson
      const flow = yield* begun("link", { session })
      assert.strictEqual(yield* tagOf(finished(flow, grantOf(profile), session.id)), "OwnedByOther")
      assert.strictEqual((yield* (yield* Merging).pending(session)).expiresIn, 600)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("do not turn a sign-in as another user into a link", () =>
    Effect.gen(function*() {
      const { session, user } = yield* signedInPerson
      const outcome = yield* finished(
        yield* begun("login", { session }),
        grantOf(someProfile()),
        session.id
      )
      if (outcome._tag !== "SignedIn") return assert.fail(outcome._tag)
      assert.notStrictEqual(outcome.session.userId, user.id)
    }).pipe(Effect.provide(identityTestLayer())))
})

describe("LinkedInFlows for an application", () => {
  it.effect("end at the waiting application, with a code and without a session in the URL", () =>
    Effect.gen(function*() {
      const { exchange, start } = yield* NativeSignIn
      const verifier = "v".repeat(43)
      const native = yield* start({
        redirectUri: "http://127.0.0.1:4711/cb",
        codeChallenge: yield* challengeOf(verifier),
        state: "its state"
      })
      const flow = yield* begun("login", { nativeFlowId: native.flowId })
      const outcome = yield* finished(flow, grantOf(someProfile({ name: "Ann" })))
      if (outcome._tag !== "Native") return assert.fail(outcome._tag)
      assert.notInclude(outcome.location, "dcs_")
      const over = { returnTo: "/account", isDone: false, failure: undefined }
      assert.deepStrictEqual(yield* again(flow, cookieOf(flow)), over, "a second callback gives no second code")
      const code = new URL(outcome.location).searchParams.get("code") ?? ""
      const { token } = yield* exchange({
        code: Redacted.make(code),
        codeVerifier: Redacted.make(verifier),
        redirectUri: "http://127.0.0.1:4711/cb",
        origin
      })
      assert.strictEqual((yield* (yield* Sessions).authenticate(token)).user.displayName, "Ann")
    }).pipe(Effect.provide(identityTestLayer())))
})

/**
 * A LinkedIn flow. The browser that began the flow finishes it once.
 */
import { Cause, Context, DateTime, Duration, Effect, Exit, Layer, Option, Redacted, Schedule } from "effect"
import { SecureRandom } from "effect/crypto"
import { Identities } from "./Identities.ts"
import type { FlowFailure, FlowOutcome, RepeatedFlow, ReturnedFlow } from "./LinkedInFlowOutcome.ts"
import { SessionInvalid, SessionMismatch } from "./model/IdentityErrors.ts"
import type { NativeFlowId } from "./model/NativeFlow.ts"
import {
  type OAuthFlow,
  type OAuthFlowEnd,
  OAuthFlowId,
  oauthFlowLifetime,
  oauthFlows,
  type ProofPurpose
} from "./model/OAuthFlow.ts"
import type { Origin } from "./model/Origin.ts"
import { type Session, type SessionId, SessionToken, type SignedIn } from "./model/Session.ts"
import { NativeSignIn } from "./NativeSignIn.ts"
import { hashToken, makeProvideCrypto, randomToken } from "./OpaqueToken.ts"
import { LinkedIn, type LinkedInGrant, LinkedInNotConfigured } from "./ports/LinkedIn.ts"
import { SingleUse } from "./ports/SingleUse.ts"
import { StateInvalid, StateTokens } from "./ports/StateTokens.ts"
import { Sessions } from "./Sessions.ts"
import { SignIn } from "./SignIn.ts"

/** A second callback looks this often, and this many times, how the first one ends. LinkedIn has 5 s for an answer. */
const pollInterval = Duration.millis(200)
const polls = 75

/** The session in which a flow has ended. */
const sessionOf = (outcome: FlowOutcome, { sessionId }: OAuthFlow): SessionId | undefined => {
  if (outcome._tag === "Native") return undefined
  return outcome._tag === "Reauthenticated" ? sessionId : outcome.session.id
}

/** The end of a flow for its outcome. */
const endOf = (
  exit: Exit.Exit<FlowOutcome, FlowFailure>,
  flow: OAuthFlow,
  codeOf: (failure: FlowFailure) => string
): OAuthFlowEnd => {
  if (Exit.isSuccess(exit)) {
    const finishedBy = sessionOf(exit.value, flow)
    return finishedBy === undefined ? {} : { finishedBy }
  }
  const failure = Cause.findErrorOption(exit.cause)
  return Option.isSome(failure) ? { failure: codeOf(failure.value) } : {}
}

export class LinkedInFlows extends Context.Service<LinkedInFlows, {
  /**
   * Begins a flow. Returns the URL to send the browser to, and the secret that the browser returns as the cookie of
   * this flow. `returnTo` has been checked; `expiresIn` is in seconds.
   */
  begin(request: {
    readonly purpose: ProofPurpose
    /** The session that requests the flow; required for every purpose except sign-in. */
    readonly session?: Session | undefined
    /** For a client with a bearer token: the client receives the session's next token for the time after linking. */
    readonly handsTokenOver?: boolean
    readonly returnTo: string
    readonly redirectUri: string
    readonly nativeFlowId?: NativeFlowId | undefined
  }): Effect.Effect<{
    readonly url: URL
    readonly flowId: OAuthFlowId
    readonly cookie: Redacted.Redacted<string>
    readonly expiresIn: number
    /** Valid from the moment of linking. */
    readonly nextToken: Option.Option<Redacted.Redacted<SessionToken>>
  }, LinkedInNotConfigured>
  /** Recognises a callback, and uses the flow up. `cookieOf` gives the cookie of a flow. */
  receive(
    callback: URLSearchParams,
    cookieOf: (flow: OAuthFlowId) => string | undefined
  ): Effect.Effect<ReturnedFlow, StateInvalid>
  /**
   * The outcome of a flow for a callback that is not received, or no longer. The browser must show that the flow is its
   * own: by the cookie of the flow, or by the session in which the flow ended. Waits until the first callback is
   * finished. Returns nothing else, and changes nothing.
   */
  again(callback: URLSearchParams, shown: {
    readonly cookieOf: (flow: OAuthFlowId) => string | undefined
    readonly session: SessionId | undefined
  }): Effect.Effect<RepeatedFlow, StateInvalid>
  /** Finishes the flow for its purpose. `session`: the current session of the browser, by its cookie. */
  finish(returned: ReturnedFlow, request: {
    readonly session: SessionId | undefined
    readonly redirectUri: string
    readonly origin: Origin
    /** The code by which the browser learns of a failure. */
    readonly codeOf: (failure: FlowFailure) => string
  }): Effect.Effect<FlowOutcome, FlowFailure>
}>()("@dchat/domain/identity/LinkedInFlows") {
  static readonly layer = Layer.effect(
    LinkedInFlows,
    Effect.gen(function*() {
      const linkedIn = yield* LinkedIn
      const store = yield* SingleUse
      const states = yield* StateTokens
      const signIn = yield* SignIn
      const sessions = yield* Sessions
      const identities = yield* Identities
      const native = yield* NativeSignIn
      const random = yield* SecureRandom.SecureRandom
      const provideCrypto = yield* makeProvideCrypto

      const begin = Effect.fn("LinkedInFlows.begin")(
        function*(request: Parameters<LinkedInFlows["Service"]["begin"]>[0]) {
          if (Option.isNone(linkedIn.clientId)) return yield* new LinkedInNotConfigured()
          const cookie = yield* randomToken("")
          const issuedAt = yield* DateTime.now
          const isHandedOver = request.purpose === "link" && request.handsTokenOver === true
          const nextToken = isHandedOver ? SessionToken.make(yield* randomToken("dcs_")) : undefined
          const flow: OAuthFlow = {
            id: OAuthFlowId.make(yield* random.uuidV7()),
            purpose: request.purpose,
            cookieHash: yield* hashToken(cookie),
            returnTo: request.returnTo,
            expiresAt: DateTime.addDuration(issuedAt, oauthFlowLifetime),
            ...(request.purpose === "login" || request.session === undefined
              ? {}
              : {
                sessionId: request.session.id,
                userId: request.session.userId,
                generation: request.session.generation
              }),
            ...(nextToken === undefined ? {} : { nextTokenHash: yield* hashToken(nextToken) }),
            ...(request.nativeFlowId === undefined ? {} : { nativeFlowId: request.nativeFlowId })
          }
          const { cookieHash, expiresAt, id: flowId } = flow
          const state = yield* states.sign({ flowId, cookieHash, issuedAt, expiresAt })
          yield* store.put(oauthFlows, flow)
          const url = yield* linkedIn.authorizationUrl({ state, redirectUri: request.redirectUri })
          return {
            url,
            flowId,
            cookie: Redacted.make(cookie),
            expiresIn: Duration.toSeconds(oauthFlowLifetime),
            nextToken: Option.map(Option.fromUndefinedOr(nextToken), (token) => Redacted.make(token))
          }
        },
        provideCrypto
      )

      /** The flow that the callback names, and whether the callback comes from the browser that began the flow. */
      const recognise = Effect.fnUntraced(
        function*(callback: URLSearchParams, cookieOf: (flow: OAuthFlowId) => string | undefined) {
          const [state, ...more] = callback.getAll("state")
          if (state === undefined || more.length > 0) return yield* new StateInvalid()
          const { cookieHash, flowId } = yield* states.verify(Redacted.make(state))
          const cookie = cookieOf(flowId)
          // Only hashes are compared, so timing reveals nothing.
          const isOwnBrowser = cookie !== undefined && (yield* hashToken(cookie)) === cookieHash
          return { state, flowId, isOwnBrowser }
        },
        provideCrypto
      )

      const receive = Effect.fn("LinkedInFlows.receive")(
        function*(callback: URLSearchParams, cookieOf: (flow: OAuthFlowId) => string | undefined) {
          const { flowId, isOwnBrowser, state } = yield* recognise(callback, cookieOf)
          // A callback from another browser does not use the flow up.
          if (!isOwnBrowser) return yield* new StateInvalid()
          const consumed = yield* store.consume(oauthFlows, flowId)
          if (Option.isNone(consumed) || DateTime.isLessThanOrEqualTo(consumed.value.expiresAt, yield* DateTime.now)) {
            return yield* new StateInvalid()
          }
          return { flow: consumed.value, callback, state }
        }
      )

      /** The flow after its end, or in its current state on a timeout. */
      const awaitEnd = (id: OAuthFlowId) =>
        Effect.repeat(store.trace(oauthFlows, id), {
          schedule: Schedule.spaced(pollInterval),
          times: polls,
          while: Option.exists(({ isUsed, outcome }) => isUsed && Option.isNone(outcome))
        })

      const again = Effect.fn("LinkedInFlows.again")(
        function*(callback: URLSearchParams, { cookieOf, session }: Parameters<LinkedInFlows["Service"]["again"]>[1]) {
          const { flowId, isOwnBrowser } = yield* recognise(callback, cookieOf)
          const found = yield* (isOwnBrowser ? awaitEnd(flowId) : store.trace(oauthFlows, flowId))
          if (Option.isNone(found)) return yield* new StateInvalid()
          const { outcome, record: { returnTo } } = found.value
          const { failure, finishedBy } = Option.getOrElse(outcome, (): OAuthFlowEnd => ({}))
          const isInSession = finishedBy !== undefined && finishedBy === session
          if (!isOwnBrowser && !isInSession) return yield* new StateInvalid()
          const isDone = finishedBy !== undefined && Option.isSome(yield* Effect.option(sessions.find(finishedBy)))
          return { returnTo, isDone, failure }
        }
      )

      /** The session that began the flow. It must be live, and this browser must not be signed in as another user. */
      const beginner = Effect.fnUntraced(
        function*({ generation, sessionId }: OAuthFlow, session: SessionId | undefined) {
          if (sessionId === undefined) return yield* new SessionInvalid()
          if (session !== undefined && session !== sessionId) return yield* new SessionMismatch()
          const who = yield* sessions.find(sessionId)
          // The token that began the flow was replaced since: that token may have been a copy.
          return who.session.generation === generation ? who : yield* new SessionInvalid()
        }
      )

      const login = Effect.fnUntraced(function*(
        { nativeFlowId }: OAuthFlow,
        grant: LinkedInGrant,
        origin: Origin
      ) {
        const clientId = yield* Effect.orDie(Effect.fromOption(linkedIn.clientId))
        if (nativeFlowId === undefined) {
          return { _tag: "SignedIn" as const, ...yield* signIn.byLinkedIn(grant, clientId, origin) }
        }
        const location = yield* signIn.earnByLinkedIn(
          grant,
          clientId,
          origin,
          (proved) => native.finish(nativeFlowId, proved)
        )
        return { _tag: "Native" as const, location }
      })

      const prove = Effect.fnUntraced(function*(
        who: SignedIn,
        { nextTokenHash, purpose }: OAuthFlow,
        grant: LinkedInGrant,
        origin: Origin
      ) {
        const clientId = yield* Effect.orDie(Effect.fromOption(linkedIn.clientId))
        if (purpose === "link") {
          const { token } = yield* identities.linkLinkedIn(who, grant, clientId, origin, nextTokenHash)
          return { _tag: "Linked" as const, session: who.session, token }
        }
        yield* identities.reauthenticateByLinkedIn(who, grant, clientId, origin)
        return { _tag: "Reauthenticated" as const }
      })

      const finish = Effect.fn("LinkedInFlows.finish")(
        function*(
          { callback, flow, state }: ReturnedFlow,
          { origin, redirectUri, session }: Parameters<LinkedInFlows["Service"]["finish"]>[1]
        ) {
          const { purpose } = flow
          const who = purpose === "login" ? undefined : yield* beginner(flow, session)
          const grant = yield* linkedIn.redeem({ callback, state, redirectUri })
          return who === undefined || purpose === "login"
            ? yield* login(flow, grant, origin)
            : yield* prove(who, flow, grant, origin)
        },
        (outcome, { flow }, { codeOf }) =>
          Effect.onExit(outcome, (exit) => store.finish(oauthFlows, flow.id, endOf(exit, flow, codeOf)))
      )

      return LinkedInFlows.of({ begin, receive, again, finish })
    })
  )
}

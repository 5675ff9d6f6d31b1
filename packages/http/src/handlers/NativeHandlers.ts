/**
 * The handlers of the group `native`.
 */
import { Identities, LinkedIn, NativeSignIn, SignIn, WalletProofs } from "@dchat/domain/identity"
import { Effect, Option, Redacted } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { type HostSettings } from "../config/HostSettings.ts"
import { nativePage } from "../pages/NativePage.ts"
import { meOf } from "./Answers.ts"
import { exactly } from "./DeclaredErrors.ts"
import { flowCookie, giveFlowCookie, takeFlowCookie } from "./FlowCookies.ts"
import { requestOrigin } from "./RequestOrigin.ts"

export const NativeHandlers = HttpApiBuilder.group(
  Api,
  "native",
  Effect.fn(function*(handlers) {
    const native = yield* NativeSignIn
    const identities = yield* Identities
    const linkedIn = yield* LinkedIn
    const proofs = yield* WalletProofs
    const signIn = yield* SignIn
    const services = yield* Effect.context<HostSettings>()

    return handlers.handleAll(exactly(handlers, {
      start: Effect.fn(function*({ query }) {
        const { cookie, expiresIn, flowId } = yield* native.start({
          redirectUri: query.redirect_uri,
          codeChallenge: query.code_challenge,
          state: query.state
        })
        yield* giveFlowCookie("native", flowId, cookie, expiresIn)
        return HttpServerResponse.html(nativePage({ flowId, linkedIn: Option.isSome(linkedIn.clientId) }))
      }, Effect.provide(services)),

      wallet: Effect.fn(function*({ payload: { flow, ...proof } }) {
        yield* native.check(flow, (yield* flowCookie("native"))(flow))
        const origin = yield* requestOrigin
        const wallet = yield* proofs.accept(proof, { purpose: "login" })
        const location = yield* signIn.earnByWallet(wallet, origin, (proved) => native.finish(flow, proved))
        yield* takeFlowCookie("native", flow)
        return { location }
      }, Effect.provide(services)),

      token: Effect.fn(function*({ payload: { code, codeVerifier, redirectUri } }) {
        const { session, token, userId } = yield* native.exchange({
          code: Redacted.make(code),
          codeVerifier: Redacted.make(codeVerifier),
          redirectUri,
          origin: yield* requestOrigin
        })
        const identity = yield* Effect.orDie(identities.me(userId))
        return { token: Redacted.value(token), ...meOf(identity, session) }
      }, Effect.provide(services))
    }))
  })
)

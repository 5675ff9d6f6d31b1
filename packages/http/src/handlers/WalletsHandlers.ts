/**
 * The handlers of the group `wallets`.
 */
import { Identities, type ProofUse, Sessions, SignIn, WalletProofs } from "@dchat/domain/identity"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { changedAnswer, handOver, meOf, whileSignedIn } from "./Answers.ts"
import { previousSession, signedIn } from "./Credentials.ts"
import { exactly } from "./DeclaredErrors.ts"
import { requestOrigin } from "./RequestOrigin.ts"

export const WalletsHandlers = HttpApiBuilder.group(
  Api,
  "wallets",
  Effect.fn(function*(handlers) {
    const settings = yield* HostSettings
    const identities = yield* Identities
    const sessions = yield* Sessions
    const proofs = yield* WalletProofs
    const signIn = yield* SignIn
    const services = yield* Effect.context<Sessions | HostSettings>()

    return handlers.handleAll(exactly(handlers, {
      requestNonce: Effect.fn(function*({ payload: { address, chainId, purpose = "login" } }) {
        const use: ProofUse = purpose === "login"
          ? { purpose }
          : { purpose, session: (yield* signedIn).session }
        const { publicUrl } = settings
        return yield* proofs.request({ address, chainId, domain: publicUrl.host, uri: publicUrl.origin, use })
      }, Effect.provide(services)),

      verify: Effect.fn(function*({ payload: { purpose, transport = "bearer", ...proof } }) {
        const origin = yield* requestOrigin
        if (purpose === "reauth") {
          const who = yield* signedIn
          const identity = yield* whileSignedIn(
            identities.reauthenticateByWallet(who, proof, origin)
          )
          const { session } = yield* whileSignedIn(sessions.find(who.session.id))
          return meOf(identity, session)
        }
        const before = yield* previousSession
        const wallet = yield* proofs.accept(proof, { purpose: "login" })
        const { session, token } = yield* signIn.byWallet(wallet, origin)
        if (Option.isSome(before)) yield* sessions.revoke(before.value)
        const identity = yield* whileSignedIn(identities.me(session.userId))
        return { ...yield* handOver(token, session, transport), ...meOf(identity, session) }
      }, Effect.provide(services)),

      link: Effect.fn(function*({ payload }) {
        const who = yield* CurrentSession
        const changed = yield* whileSignedIn(
          identities.linkWallet(who, payload, yield* requestOrigin)
        )
        return yield* changedAnswer(changed, who)
      }, Effect.provide(services)),

      unlink: Effect.fn(function*({ payload: { walletId } }) {
        const who = yield* CurrentSession
        const changed = yield* whileSignedIn(
          identities.unlinkWallet(who, walletId, yield* requestOrigin)
        )
        return yield* changedAnswer(changed, who)
      }, Effect.provide(services)),

      setPrimary: Effect.fn(function*({ payload: { walletId } }) {
        const who = yield* CurrentSession
        const identity = yield* whileSignedIn(
          identities.setPrimaryWallet(who, walletId, yield* requestOrigin)
        )
        return meOf(identity, who.session)
      }, Effect.provide(services))
    }))
  })
)

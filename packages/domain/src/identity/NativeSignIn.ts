/**
 * Signs a native application in through the system's browser: RFC 8252, with PKCE (RFC 7636).
 */
import { Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { holdsCredential } from "./model/Credential.ts"
import type { Identity } from "./model/Identity.ts"
import { NativeCodeInvalid, NativeFlowInvalid, NativeRedirectNotAllowed, UserDisabled } from "./model/IdentityErrors.ts"
import {
  type CodeChallenge,
  nativeCodeLifetime,
  nativeCodes,
  type NativeFlow,
  NativeFlowId,
  nativeFlowLifetime,
  nativeFlows
} from "./model/NativeFlow.ts"
import type { Origin } from "./model/Origin.ts"
import type { Session, SessionToken } from "./model/Session.ts"
import type { UserId } from "./model/UserId.ts"
import { hashToken, makeProvideCrypto, randomToken } from "./OpaqueToken.ts"
import { IdentityRepository } from "./ports/IdentityRepository.ts"
import { SingleUse } from "./ports/SingleUse.ts"
import { Sessions } from "./Sessions.ts"
import type { Proved } from "./SignIn.ts"

/** Redirect URIs that are allowed in addition to loopback addresses; compared as text (RFC 9700, 2.1). */
export class NativeRedirects extends Context.Reference<ReadonlyArray<string>>(
  "@dchat/domain/identity/NativeRedirects",
  { defaultValue: () => [] }
) {}

/** `dcc_` and 32 random bytes in base64url. */
const NativeCodeToken = Schema.String.check(Schema.isPattern(/^dcc_[A-Za-z0-9_-]{43}$/))

/** RFC 7636, 4.1. */
const CodeVerifier = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9._~-]{43,128}$/))

const loopback = /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::(?<port>\d{1,5}))?(?:\/[A-Za-z0-9._~/-]*)?$/

/** Loopback addresses as literals, on any port (RFC 8252, 7.3 and 8.3), without credentials or a fragment. */
export const isLoopbackRedirect = (redirectUri: string): boolean => {
  const found = loopback.exec(redirectUri)
  return found !== null && Number(found.groups?.["port"] ?? 80) <= 65_535
}

export class NativeSignIn extends Context.Service<NativeSignIn, {
  /**
   * Starts the sign-in of an application in the browser. The secret is the cookie of the flow. `expiresIn` is in
   * seconds.
   */
  start(request: {
    readonly redirectUri: string
    readonly codeChallenge: CodeChallenge
    readonly state: string
  }): Effect.Effect<{
    readonly flowId: NativeFlowId
    readonly cookie: Redacted.Redacted<string>
    readonly expiresIn: number
  }, NativeRedirectNotAllowed>
  /** Checks whether this browser may sign a user in for this flow. */
  check(id: NativeFlowId, cookie: string | undefined): Effect.Effect<void, NativeFlowInvalid>
  /**
   * Finishes the flow after a proof, and uses the flow up. Returns the redirect location of the application, with the
   * code. Call this method in the locked step of the proof (`SignIn.earnByWallet`, `SignIn.earnByLinkedIn`).
   */
  finish(id: NativeFlowId, proved: Proved): Effect.Effect<string, NativeFlowInvalid>
  /**
   * Exchanges a code for a session, whose proof has the age of the proof that earned the code. Any attempt uses the
   * code up. Refused if the user no longer holds the proved credential.
   */
  exchange(request: {
    readonly code: Redacted.Redacted<string>
    readonly codeVerifier: Redacted.Redacted<string>
    readonly redirectUri: string
    readonly origin: Origin
  }): Effect.Effect<
    { readonly userId: UserId; readonly session: Session; readonly token: Redacted.Redacted<SessionToken> },
    NativeCodeInvalid | UserDisabled
  >
}>()("@dchat/domain/identity/NativeSignIn") {
  static readonly layer = Layer.effect(
    NativeSignIn,
    Effect.gen(function*() {
      const store = yield* SingleUse
      const identities = yield* IdentityRepository
      const sessions = yield* Sessions
      const allowed = yield* NativeRedirects
      const random = yield* SecureRandom.SecureRandom
      const digest = yield* Digest.Digest
      const provideCrypto = yield* makeProvideCrypto

      const start = Effect.fn("NativeSignIn.start")(
        function*({ codeChallenge, redirectUri, state }: Parameters<NativeSignIn["Service"]["start"]>[0]) {
          if (!isLoopbackRedirect(redirectUri) && !allowed.includes(redirectUri)) {
            return yield* new NativeRedirectNotAllowed()
          }
          const cookie = yield* randomToken("")
          const flow: NativeFlow = {
            id: NativeFlowId.make(yield* random.uuidV7()),
            cookieHash: yield* hashToken(cookie),
            redirectUri,
            codeChallenge,
            state,
            expiresAt: DateTime.addDuration(yield* DateTime.now, nativeFlowLifetime)
          }
          yield* store.put(nativeFlows, flow)
          return {
            flowId: flow.id,
            cookie: Redacted.make(cookie),
            expiresIn: Duration.toSeconds(nativeFlowLifetime)
          }
        },
        provideCrypto
      )

      const live = Effect.fnUntraced(function*(flow: Option.Option<NativeFlow>) {
        if (Option.isNone(flow) || DateTime.isLessThanOrEqualTo(flow.value.expiresAt, yield* DateTime.now)) {
          return yield* new NativeFlowInvalid()
        }
        return flow.value
      })

      const check = Effect.fn("NativeSignIn.check")(function*(id: NativeFlowId, cookie: string | undefined) {
        const { cookieHash } = yield* live(yield* store.find(nativeFlows, id))
        if (cookie === undefined || (yield* hashToken(cookie)) !== cookieHash) return yield* new NativeFlowInvalid()
      }, provideCrypto)

      const finish = Effect.fn("NativeSignIn.finish")(function*(id: NativeFlowId, proved: Proved) {
        const { codeChallenge, redirectUri, state } = yield* live(yield* store.consume(nativeFlows, id))
        const code = yield* randomToken("dcc_")
        yield* store.put(nativeCodes, {
          hash: yield* hashToken(code),
          userId: proved.userId,
          proved: proved.credential,
          provedAt: proved.at,
          redirectUri,
          codeChallenge,
          expiresAt: DateTime.addDuration(yield* DateTime.now, nativeCodeLifetime)
        })
        const location = new URL(redirectUri)
        location.searchParams.set("code", code)
        location.searchParams.set("state", state)
        return location.href
      }, provideCrypto)

      const challengeOf = (verifier: string) =>
        Effect.map(
          digest.digest(Digest.sha256, new TextEncoder().encode(verifier)),
          (bytes) => Base64Url.encode(bytes)
        )

      const exchange = Effect.fn("NativeSignIn.exchange")(
        function*({ code, codeVerifier, origin, redirectUri }: Parameters<NativeSignIn["Service"]["exchange"]>[0]) {
          const secret = Redacted.value(code)
          if (!Schema.is(NativeCodeToken)(secret)) return yield* new NativeCodeInvalid()
          const found = yield* store.find(nativeCodes, yield* hashToken(secret))
          if (Option.isNone(found)) return yield* new NativeCodeInvalid()
          const { codeChallenge, expiresAt, hash, proved, provedAt, redirectUri: promised, userId } = found.value
          const verifier = Redacted.value(codeVerifier)
          const isGood = Schema.is(CodeVerifier)(verifier) && promised === redirectUri &&
            DateTime.isLessThan(yield* DateTime.now, expiresAt) && (yield* challengeOf(verifier)) === codeChallenge
          if (!isGood) {
            yield* store.consume(nativeCodes, hash)
            return yield* new NativeCodeInvalid()
          }
          return yield* identities.change(
            [userId],
            Effect.fnUntraced(function*([identity]: ReadonlyArray<Identity>) {
              // A change that voided the code before this point held the same lock.
              if (Option.isNone(yield* store.consume(nativeCodes, hash))) return yield* new NativeCodeInvalid()
              if (identity?.status === "disabled") return yield* new UserDisabled({ userId })
              if (identity === undefined || !holdsCredential(identity, proved)) return yield* new NativeCodeInvalid()
              return {
                changes: [],
                cause: { _tag: "User", origin } as const,
                at: yield* DateTime.now,
                alongside: Effect.map(
                  sessions.issue(userId, origin, { authenticatedAt: provedAt }),
                  (opened) => ({ userId, ...opened })
                )
              }
            })
          ).pipe(
            // A refused step is undone, but the attempt still uses the code up.
            Effect.tapError(() => store.consume(nativeCodes, hash)),
            Effect.catchTag("CredentialTaken", (failure) => Effect.die(failure))
          )
        },
        provideCrypto
      )

      return NativeSignIn.of({ start, check, finish, exchange })
    })
  )
}

/**
 * Signs an application of the machine itself in, through the system's browser: RFC 8252, with PKCE (RFC 7636).
 */
import { Array, Context, DateTime, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { NativeCodeInvalid, NativeFlowInvalid, NativeRedirectNotAllowed, UserDisabled } from "./IdentityErrors.ts"
import { NativeCodeRepository } from "./NativeCodeRepository.ts"
import {
  type CodeChallenge,
  nativeCodeLifetime,
  type NativeFlow,
  NativeFlowId,
  nativeFlowLifetime
} from "./NativeFlow.ts"
import { NativeFlowRepository } from "./NativeFlowRepository.ts"
import { hashToken, randomToken } from "./OpaqueToken.ts"
import type { Origin } from "./Origin.ts"
import type { Session, SessionToken } from "./Session.ts"
import { Sessions } from "./Sessions.ts"
import type { UserId } from "./UserId.ts"
import { UserRepository } from "./UserRepository.ts"

/** Redirect URIs that are allowed beside loopback addresses; compared as text (RFC 9700, 2.1). */
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
  /** An application opens the browser; the secret is the cookie of the flow. `expiresIn` is in seconds. */
  start(request: {
    readonly redirectUri: string
    readonly codeChallenge: CodeChallenge
    readonly state: string
  }): Effect.Effect<{
    readonly flowId: NativeFlowId
    readonly cookie: Redacted.Redacted<string>
    readonly expiresIn: number
  }, NativeRedirectNotAllowed>
  /** Whether this browser may sign somebody in for this flow. */
  check(id: NativeFlowId, cookie: string | undefined): Effect.Effect<void, NativeFlowInvalid>
  /** Somebody has signed in: where the application waits, with its code. Uses the flow up. */
  finish(id: NativeFlowId, userId: UserId): Effect.Effect<string, NativeFlowInvalid>
  /** Trades a code for a session. Any attempt uses the code up. */
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
      const flows = yield* NativeFlowRepository
      const codes = yield* NativeCodeRepository
      const users = yield* UserRepository
      const sessions = yield* Sessions
      const allowed = yield* NativeRedirects
      const random = yield* SecureRandom.SecureRandom
      const digest = yield* Digest.Digest
      const crypto = yield* Effect.context<SecureRandom.SecureRandom | Digest.Digest>()

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
          yield* flows.insert(flow)
          return {
            flowId: flow.id,
            cookie: Redacted.make(cookie),
            expiresIn: Duration.toSeconds(nativeFlowLifetime)
          }
        },
        Effect.provide(crypto)
      )

      const live = Effect.fnUntraced(function*(flow: Option.Option<NativeFlow>) {
        if (Option.isNone(flow) || DateTime.isLessThanOrEqualTo(flow.value.expiresAt, yield* DateTime.now)) {
          return yield* new NativeFlowInvalid()
        }
        return flow.value
      })

      const check = Effect.fn("NativeSignIn.check")(function*(id: NativeFlowId, cookie: string | undefined) {
        const { cookieHash } = yield* live(yield* flows.find(id))
        if (cookie === undefined || (yield* hashToken(cookie)) !== cookieHash) return yield* new NativeFlowInvalid()
      }, Effect.provide(crypto))

      const finish = Effect.fn("NativeSignIn.finish")(function*(id: NativeFlowId, userId: UserId) {
        const { codeChallenge, redirectUri, state } = yield* live(yield* flows.consume(id))
        const code = yield* randomToken("dcc_")
        yield* codes.insert({
          hash: yield* hashToken(code),
          userId,
          redirectUri,
          codeChallenge,
          expiresAt: DateTime.addDuration(yield* DateTime.now, nativeCodeLifetime)
        })
        const location = new URL(redirectUri)
        location.searchParams.set("code", code)
        location.searchParams.set("state", state)
        return location.href
      }, Effect.provide(crypto))

      const challengeOf = (verifier: string) =>
        Effect.map(
          digest.digest(Digest.sha256, new TextEncoder().encode(verifier)),
          (bytes) => Base64Url.encode(bytes)
        )

      const exchange = Effect.fn("NativeSignIn.exchange")(
        function*({ code, codeVerifier, origin, redirectUri }: Parameters<NativeSignIn["Service"]["exchange"]>[0]) {
          const secret = Redacted.value(code)
          if (!Schema.is(NativeCodeToken)(secret)) return yield* new NativeCodeInvalid()
          const found = yield* codes.consume(yield* hashToken(secret))
          const verifier = Redacted.value(codeVerifier)
          if (Option.isNone(found) || !Schema.is(CodeVerifier)(verifier)) return yield* new NativeCodeInvalid()
          const { codeChallenge, expiresAt, redirectUri: promised, userId } = found.value
          const isGood = DateTime.isLessThan(yield* DateTime.now, expiresAt) && promised === redirectUri &&
            (yield* challengeOf(verifier)) === codeChallenge
          if (!isGood) return yield* new NativeCodeInvalid()
          const user = Array.head(yield* users.findByIds([userId]))
          if (Option.isNone(user) || user.value.status !== "active") return yield* new UserDisabled({ userId })
          return { userId, ...yield* sessions.issue(userId, origin) }
        },
        Effect.provide(crypto)
      )

      return NativeSignIn.of({ start, check, finish, exchange })
    })
  )
}

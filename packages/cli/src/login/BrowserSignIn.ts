/**
 * Signs this machine in at a host through the system's browser: RFC 8252, with PKCE by S256 (RFC 7636).
 */
import { makeClient } from "@dchat/http/client"
import { Duration, Effect, Redacted } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { awaitCallback } from "./Callback.ts"
import { answered } from "./HostAnswer.ts"
import { HostRefused, SignInTimedOut } from "./LoginErrors.ts"

const signInTimeout = Duration.minutes(5)

/** 256 random bits; as a verifier, the 43 characters that RFC 7636, 4.1, recommends. */
const randomText = Effect.gen(function*() {
  const random = yield* SecureRandom.SecureRandom
  return Base64Url.encode(yield* random.randomBytes(32))
})

const challengeOf = Effect.fnUntraced(function*(verifier: string) {
  const digest = yield* Digest.Digest
  return Base64Url.encode(yield* digest.digest(Digest.sha256, new TextEncoder().encode(verifier)))
})

/** `show` receives the page that the user has to open, once the callback server listens. */
export const signInByBrowser = Effect.fn("signInByBrowser")(
  function*<E, R>(url: string, show: (page: string) => Effect.Effect<void, E, R>) {
    const client = yield* makeClient({ baseUrl: url })
    // A user should not wait for a page of a host that does not answer.
    yield* answered(url)(client.operations.alive())
    const [state, verifier] = [yield* randomText, yield* randomText]
    const { code, redirectUri } = yield* awaitCallback(state)
    const page = new URL("/auth/native/start", url)
    page.search = new URLSearchParams({
      redirect_uri: redirectUri,
      code_challenge: yield* challengeOf(verifier),
      code_challenge_method: "S256",
      state
    }).toString()
    yield* show(page.href)
    const received = yield* Effect.timeoutOrElse(code, {
      duration: signInTimeout,
      orElse: () => Effect.fail(new SignInTimedOut({ minutes: Duration.toMinutes(signInTimeout) }))
    })
    const { token, user } = yield* client.native.token({
      payload: { code: Redacted.value(received), codeVerifier: verifier, redirectUri }
    }).pipe(answered(url))
    if (token === undefined) return yield* new HostRefused({ url, detail: "returned no token" })
    return { token: Redacted.make(token), user }
  },
  Effect.scoped
)

import { nativeCodes, SingleUse, TokenHash } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Option } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { assertProblem, type Browser, locationOf, newBrowser } from "../support/Browser.ts"
import { memoryLinkedInHost } from "../support/LinkedInHost.ts"
import { TestHost } from "../support/TestHost.ts"

const redirectUri = "http://127.0.0.1:49152/callback"
const configured = "com.example.app:/signed-in"

const pkce = () => {
  const verifier = randomBytes(32).toString("base64url")
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") }
}

const startPath = (challenge: string, redirect = redirectUri, method = "S256") =>
  `/auth/native/start?${new URLSearchParams({
    redirect_uri: redirect,
    code_challenge: challenge,
    code_challenge_method: method,
    state: "st&te"
  })}`

/** The flow on the page that an application has opened. */
const started = Effect.fnUntraced(function*(browser: Browser, challenge: string, redirect = redirectUri) {
  const page = yield* browser.get(startPath(challenge, redirect))
  assert.strictEqual(page.status, 200, page.text)
  assert.include(String(page.headers["content-type"]), "text/html")
  return /data-flow="([^"]+)"/.exec(page.text)?.[1] ?? ""
})

/** The code with which the browser gets back to the application. */
const codeByWallet = Effect.fnUntraced(function*(browser: Browser, challenge: string, redirect = redirectUri) {
  const flow = yield* started(browser, challenge, redirect)
  const answer = yield* browser.post("/auth/native/wallet", { flow, ...yield* browser.proof("login") })
  assert.strictEqual(answer.status, 200, answer.text)
  const location = new URL(answer.json.location)
  assert.strictEqual(location.searchParams.get("state"), "st&te")
  return location.searchParams.get("code") ?? ""
})

const exchange = Effect.fnUntraced(function*(code: string, codeVerifier: string, redirect = redirectUri) {
  const { send } = yield* TestHost
  return yield* send("POST", "/auth/token", { body: { code, codeVerifier, redirectUri: redirect } })
})

layer(memoryLinkedInHost({ identity: { nativeRedirects: [configured] } }), { excludeTestServices: true })(
  "Signing in an application",
  (it) => {
    it.effect("ends with a session for the holder of the verifier", () =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        const browser = yield* newBrowser
        const { challenge, verifier } = pkce()
        const answer = yield* exchange(yield* codeByWallet(browser, challenge), verifier)
        assert.strictEqual(answer.status, 200, answer.text)
        assert.isUndefined(browser.session, "the browser itself is not signed in")
        const me = yield* send("GET", "/auth/me", { token: answer.json.token })
        assert.strictEqual(me.json.user.id, answer.json.user.id)
      }))

    it.effect("works by LinkedIn, and with a configured redirect URI", () =>
      Effect.gen(function*() {
        const browser = yield* newBrowser
        const { challenge, verifier } = pkce()
        const flow = yield* started(browser, challenge, configured)
        const { json } = yield* browser.get(`/auth/linkedin/auth-url?native=${flow}`)
        const back = yield* browser.get(yield* browser.visit(new URL(json.url), "ada"))
        assert.strictEqual(back.status, 303)
        const location = new URL(String(back.headers["location"]))
        assert.strictEqual(location.protocol, "com.example.app:")
        assert.isUndefined(browser.session)
        const answer = yield* exchange(location.searchParams.get("code") ?? "", verifier, configured)
        assert.strictEqual(answer.json.user.linkedin.subject, "ada", answer.text)
      }))

    it.effect("accepts a code once, also under concurrent requests", () =>
      Effect.gen(function*() {
        const { challenge, verifier } = pkce()
        const code = yield* codeByWallet(yield* newBrowser, challenge)
        const answers = yield* Effect.all(Array.from({ length: 8 }, () => exchange(code, verifier)), {
          concurrency: "unbounded"
        })
        assert.strictEqual(answers.filter(({ status }) => status === 200).length, 1)
        assertProblem(yield* exchange(code, verifier), 401, "code_invalid")
      }))

    it.effect("uses a code up by a wrong verifier or redirect URI", () =>
      Effect.gen(function*() {
        const { challenge, verifier } = pkce()
        const browser = yield* newBrowser
        for (
          const [wrongVerifier, wrongRedirect] of [
            [pkce().verifier, redirectUri],
            ["short", redirectUri],
            [challenge, redirectUri],
            [verifier, "http://127.0.0.1:1/callback"]
          ] as const
        ) {
          const code = yield* codeByWallet(browser, challenge)
          assertProblem(yield* exchange(code, wrongVerifier, wrongRedirect), 401, "code_invalid")
          assertProblem(yield* exchange(code, verifier), 401, "code_invalid")
        }
      }))

    it.effect("refuses a code after a minute, and any other text", () =>
      Effect.gen(function*() {
        const { challenge, verifier } = pkce()
        const code = yield* codeByWallet(yield* newBrowser, challenge)
        const store = yield* SingleUse
        const hash = TokenHash.make(createHash("sha256").update(code).digest("hex"))
        const kept = Option.getOrThrow(yield* store.consume(nativeCodes, hash))
        const left = DateTime.distance(yield* DateTime.now, kept.expiresAt)
        assert.isAtMost(Duration.toSeconds(left), 60)
        yield* store.put(nativeCodes, {
          ...kept,
          expiresAt: DateTime.subtractDuration(yield* DateTime.now, Duration.millis(1))
        })
        assertProblem(yield* exchange(code, verifier), 401, "code_invalid")
        for (const odd of ["", "x", "dcc_", hash, "dcs_".padEnd(47, "A")]) {
          assertProblem(yield* exchange(odd, verifier), 401, "code_invalid")
        }
      }))

    it.effect("refuses redirect URIs that are neither loopback nor configured", () =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        const { challenge } = pkce()
        for (
          const redirect of [
            "https://evil.example/callback",
            "http://localhost:49152/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://user@127.0.0.1:1/callback",
            "https://127.0.0.1/callback",
            "http://127.0.0.2/callback",
            "http://127.0.0.1:49152/callback#fragment",
            "http://127.0.0.1:49152\\@evil.example",
            "com.example.app:/other",
            "javascript:alert(1)",
            ""
          ]
        ) {
          assertProblem(yield* send("GET", startPath(challenge, redirect)), 400, "redirect_not_allowed")
        }
        assert.strictEqual((yield* send("GET", startPath(challenge, "http://[::1]:1/x"))).status, 200)
      }))

    it.effect("requires PKCE by S256", () =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        const { challenge, verifier } = pkce()
        assertProblem(yield* send("GET", startPath(verifier, redirectUri, "plain")), 400, "invalid_request")
        assertProblem(yield* send("GET", startPath("")), 400, "invalid_request")
        assertProblem(yield* send("GET", startPath(`${challenge}=`)), 400, "invalid_request")
        const odd = startPath(challenge).replace(/state=.*/, "state=%00%E2%80%A8")
        assertProblem(yield* send("GET", odd), 400, "invalid_request")
      }))

    it.effect("signs no user in for a flow that another browser began", () =>
      Effect.gen(function*() {
        const [attacker, victim] = [yield* newBrowser, yield* newBrowser]
        const flow = yield* started(attacker, pkce().challenge)
        const proof = yield* victim.proof("login")
        assertProblem(yield* victim.post("/auth/native/wallet", { flow, ...proof }), 401, "native_flow_invalid")
        assertProblem(yield* victim.get(`/auth/linkedin/auth-url?native=${flow}`), 401, "native_flow_invalid")
      }))

    it.effect("completes a flow once", () =>
      Effect.gen(function*() {
        const browser = yield* newBrowser
        const flow = yield* started(browser, pkce().challenge)
        const cookies = new Map(browser.cookies)
        assert.strictEqual(
          (yield* browser.post("/auth/native/wallet", { flow, ...yield* browser.proof("login") })).status,
          200
        )
        for (const [name, value] of cookies) browser.cookies.set(name, value)
        const again = yield* browser.post("/auth/native/wallet", { flow, ...yield* browser.proof("login") })
        assertProblem(again, 401, "native_flow_invalid")
      }))

    it.effect("restricts the page to its own scripts", () =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        const page = yield* send("GET", startPath(pkce().challenge))
        assert.include(String(page.headers["content-security-policy"]), "default-src 'self'")
        assert.notInclude(page.text, "<script>")
        assert.notInclude(page.text, "st&te")
        const script = yield* send("GET", "/auth/native/page.js")
        assert.strictEqual(script.status, 200)
        assert.include(String(script.headers["content-type"]), "text/javascript")
        assert.strictEqual(locationOf(yield* send("GET", "/auth/linkedin/callback")), "/?error=state_invalid")
      }))
  }
)

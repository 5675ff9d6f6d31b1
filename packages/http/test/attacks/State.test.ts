import { StateTokens, TokenVault } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Redacted } from "effect"
import { SignJWT, UnsecuredJWT } from "jose"
import { type Browser, locationOf, newBrowser } from "../support/Browser.ts"
import { LinkedInStandIn, memoryLinkedInHost } from "../support/LinkedInHost.ts"
import { TestHost } from "../support/TestHost.ts"

const callback = "/auth/linkedin/callback"

/** Back from LinkedIn, with the callback that it would be sent to. */
const returningTo = Effect.fnUntraced(function*(place: string) {
  const browser = yield* newBrowser
  return { browser, path: yield* browser.visit(yield* browser.begin("login", {}, place), "ada") }
})

const returning = returningTo("/")

/** The callback with another state. */
const withState = (path: string, state: (before: string) => string) => {
  const url = new URL(path, "http://localhost")
  url.searchParams.set("state", state(url.searchParams.get("state") ?? ""))
  return url.pathname + url.search
}

const part = (state: string, index: number) => state.split(".")[index] ?? ""
const json = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

const refused = Effect.fnUntraced(function*(browser: Browser, path: string, code = "state_invalid") {
  const before = browser.session
  assert.strictEqual(locationOf(yield* browser.get(path)), `/?error=${code}`)
  assert.strictEqual(browser.session, before, "nobody was signed in")
})

layer(memoryLinkedInHost(), { excludeTestServices: true })("A LinkedIn flow", (it) => {
  it.effect("refuses a callback without a state", () =>
    Effect.gen(function*() {
      const { browser } = yield* returning
      yield* refused(browser, `${callback}?code=abc`)
      yield* refused(browser, `${callback}?code=abc&state=`)
      yield* refused(browser, callback)
    }))

  it.effect("refuses an altered state", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      const altered = (state: string) =>
        [
          part(state, 0),
          base64({ ...json(part(state, 1)), jti: "019a0000-0000-7000-8000-000000000000" }),
          part(state, 2)
        ].join(".")
      yield* refused(browser, withState(path, altered))
      yield* refused(browser, withState(path, (state) => `${state}x`))
      yield* refused(browser, withState(path, (state) => state.slice(0, -4)))
    }))

  it.effect("refuses a state with alg none", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      yield* refused(browser, withState(path, (state) => new UnsecuredJWT(json(part(state, 1))).encode()))
      const none = (state: string) => `${base64({ alg: "none", typ: "oauth-state+jwt" })}.${part(state, 1)}.`
      yield* refused(browser, withState(path, none))
    }))

  it.effect("refuses an expired state", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      const tokens = yield* StateTokens
      const { jti } = json(part(new URL(path, "http://localhost").searchParams.get("state") ?? "", 1))
      const past = DateTime.subtractDuration(yield* DateTime.now, Duration.minutes(30))
      const expired = yield* tokens.sign({
        flowId: jti as never,
        cookieHash: "a".repeat(64) as never,
        issuedAt: past,
        expiresAt: DateTime.addDuration(past, Duration.minutes(10))
      })
      yield* refused(browser, withState(path, () => expired))
    }))

  it.effect("refuses a state of another audience or type", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      const foreign = yield* Effect.promise(() =>
        new SignJWT({ cookie: "a".repeat(64) })
          .setProtectedHeader({ alg: "HS256", typ: "oauth-state+jwt" })
          .setIssuer("https://elsewhere.example")
          .setAudience("https://elsewhere.example")
          .setJti("019a0000-0000-7000-8000-000000000000")
          .setIssuedAt()
          .setExpirationTime("10m")
          .sign(new TextEncoder().encode("a secret of the tests, which is long enough"))
      )
      yield* refused(browser, withState(path, () => foreign))
      const otherType = (state: string) =>
        [base64({ ...json(part(state, 0)), typ: "JWT" }), part(state, 1), part(state, 2)].join(".")
      yield* refused(browser, withState(path, otherType))
    }))

  it.effect("refuses a session token as a state", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { browser, path } = yield* returning
      const { token } = yield* signIn()
      yield* refused(browser, withState(path, () => token))
    }))

  it.effect("refuses a state with a re-encoded signature", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      // The last letter of a signature of 32 bytes has two bits that mean nothing.
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
      const reencoded = (state: string) => state.slice(0, -1) + alphabet[alphabet.indexOf(state.slice(-1)) ^ 1]
      yield* refused(browser, withState(path, reencoded))
      yield* refused(browser, withState(path, (state) => `${state}=`))
      assert.strictEqual(locationOf(yield* browser.get(path)), "/")
    }))

  it.effect("gives nothing for a repeated state, whatever the code and the cookies", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returningTo("/account?tab=1")
      const [copy, withUrl, withSession] = [yield* newBrowser, yield* newBrowser, yield* newBrowser]
      for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
      assert.strictEqual(locationOf(yield* browser.get(path)), "/account?tab=1")
      yield* withSession.linkedIn("uma")
      yield* refused(withUrl, path)
      yield* refused(withSession, path)
      for (const again of [path, path.replace(/code=[^&]+/, "code=another")]) {
        const answer = yield* copy.get(again)
        assert.strictEqual(locationOf(answer), "/account?tab=1")
        assert.isUndefined(answer.headers["set-cookie"])
      }
      assert.isUndefined(copy.session)
    }))

  it.effect("leads a signed-in user to the remembered page when the callback is repeated", () =>
    Effect.gen(function*() {
      for (const mode of ["login", "reauth"] as const) {
        const browser = yield* newBrowser
        if (mode === "reauth") yield* browser.linkedIn("ada")
        const path = yield* browser.visit(yield* browser.begin(mode, {}, "/account?tab=1"), "ada")
        assert.strictEqual(locationOf(yield* browser.get(path)), "/account?tab=1")
        assert.isFalse([...browser.cookies.keys()].some((name) => name.includes("linkedin")), "the flow is over")
        const { session } = browser
        assert.isDefined(session)
        assert.strictEqual(locationOf(yield* browser.get(path)), "/account?tab=1")
        assert.strictEqual((yield* browser.post("/auth/rotate")).status, 200)
        assert.notStrictEqual(browser.session, session)
        assert.strictEqual(locationOf(yield* browser.get(path)), "/account?tab=1")
        yield* browser.post("/auth/logout")
        yield* refused(browser, path)
      }
    }))

  it.effect("shows a browser without a session that it is over when the callback is repeated", () =>
    Effect.gen(function*() {
      const denied = yield* newBrowser
      const path = yield* denied.visit(yield* denied.begin("login", {}, "/account?tab=1"), "ada", "login")
      assert.strictEqual(locationOf(yield* denied.get(path)), "/account?tab=1&error=linkedin_denied")
      assert.strictEqual(locationOf(yield* denied.get(path)), "/account?tab=1&error=linkedin_denied", "once more")
      const { browser, path: lost } = yield* returningTo("/account?tab=1")
      const { send } = yield* TestHost
      const cookie = browser.cookieHeader
      // The answer does not reach the browser, and the session is ended elsewhere.
      const { headers } = yield* send("GET", lost, { headers: { cookie } })
      const session = /dchat_dev_session=[^;]+/.exec(String(headers["set-cookie"]))?.[0] ?? ""
      const { url } = yield* TestHost
      yield* send("POST", "/auth/logout", { headers: { cookie: session, origin: url } })
      assert.strictEqual(locationOf(yield* browser.get(lost)), "/account?tab=1&error=state_invalid")
      assert.isUndefined(browser.session)
    }))

  it.effect("refuses the state of another browser, and continues in its own", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      yield* refused(yield* newBrowser, path)
      const other = yield* newBrowser
      yield* other.begin()
      yield* refused(other, path)
      const flowCookie = [...browser.cookies.keys()].find((name) => name.includes("linkedin")) ?? ""
      other.cookies.set(flowCookie, [...other.cookies.values()][0] ?? "")
      yield* refused(other, path)
      assert.strictEqual(locationOf(yield* browser.get(path)), "/")
      assert.isDefined(browser.session)
    }))

  it.effect("refuses a state or a code that appears twice", () =>
    Effect.gen(function*() {
      const twiceState = yield* returning
      yield* refused(twiceState.browser, `${twiceState.path}&state=again`)
      const twiceCode = yield* returning
      yield* refused(twiceCode.browser, `${twiceCode.path}&code=again`, "linkedin_code_rejected")
    }))

  it.effect("refuses a callback of a wrong issuer", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      yield* refused(browser, `${path}&iss=https%3A%2F%2Fevil.example`, "linkedin_code_rejected")
    }))

  it.effect("is over after a forged error, none of whose text is shown", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      const forged = new URL(path, "http://localhost")
      forged.searchParams.delete("code")
      forged.searchParams.set("error", "<script>alert(1)</script>")
      forged.searchParams.set("error_description", "<img src=x onerror=alert(1)>")
      const answer = yield* browser.get(forged.pathname + forged.search)
      assert.strictEqual(locationOf(answer), "/?error=linkedin_code_rejected")
      assert.notInclude(answer.text, "<")
      yield* refused(yield* newBrowser, `${callback}?error=access_denied&error_description=%3Cb%3E`)
    }))

  it.effect("reports a cancellation at LinkedIn", () =>
    Effect.gen(function*() {
      for (const deny of ["login", "authorize"] as const) {
        const browser = yield* newBrowser
        const path = yield* browser.visit(yield* browser.begin(), "ada", deny)
        assert.strictEqual(locationOf(yield* browser.get(path)), "/?error=linkedin_denied")
      }
    }))

  it.effect("refuses a code of 3 kB without a request to LinkedIn", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returning
      const { log } = yield* LinkedInStandIn
      const before = (yield* log.requests).length
      const url = new URL(path, "http://localhost")
      url.searchParams.set("code", "a".repeat(3000))
      yield* refused(browser, url.pathname + url.search, "linkedin_code_rejected")
      assert.strictEqual((yield* log.requests).length, before)
    }))

  it.effect("admits one of many concurrent callbacks, and leads all of them to the same page", () =>
    Effect.gen(function*() {
      const { browser, path } = yield* returningTo("/account")
      const { send } = yield* TestHost
      const headers = { cookie: browser.cookieHeader }
      const answers = yield* Effect.all(Array.from({ length: 8 }, () => send("GET", path, { headers })), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(new Set(answers.map(locationOf)), new Set(["/account"]))
      assert.lengthOf(answers.filter(({ headers }) => String(headers["set-cookie"]).includes("dcs_")), 1)
    }))

  it.effect("leads no browser to a page of another site", () =>
    Effect.gen(function*() {
      const { send, url } = yield* TestHost
      const places = [
        "//evil",
        "\\evil",
        "/\\evil",
        "\\\\evil",
        "/\t/evil",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://evil.example",
        "https:evil.example",
        "http://localhost@evil.example",
        `${url}@evil.example`,
        `${url}.evil.example`,
        "evil",
        "",
        " //evil",
        "http:///evil.example",
        "/%0d%0aset-cookie:x=y\r\n"
      ]
      for (const place of places) {
        const answer = yield* send("GET", `/auth/linkedin/auth-url?returnTo=${encodeURIComponent(place)}`)
        assert.deepStrictEqual([answer.status, answer.json?.code], [400, "return_to_not_allowed"], place)
        assert.isUndefined(answer.headers["set-cookie"])
      }
      for (const place of ["/account?a=b#c", `${url}/x`, "/"]) {
        const browser = yield* newBrowser
        const answer = yield* browser.linkedIn("ada", "login", {}, place)
        assert.strictEqual(answer.headers["location"], new URL(place, url).href)
      }
    }))

  it.effect("uses the name of the host, whatever the Host header says", () =>
    Effect.gen(function*() {
      const { send, url } = yield* TestHost
      for (const headers of [{ host: "evil.example" }, { "x-forwarded-host": "evil.example" }]) {
        const answer = yield* send("GET", "/auth/linkedin/auth-url", { headers })
        if (answer.status === 200) {
          const redirect = new URL(answer.json.url).searchParams.get("redirect_uri")
          assert.strictEqual(redirect, `${url}${callback}`)
        } else assert.strictEqual(answer.status, 421)
      }
    }))

  it.effect("is one of at most five flows a browser, so that tabs work side by side", () =>
    Effect.gen(function*() {
      const browser = yield* newBrowser
      const paths = []
      for (let tab = 0; tab < 6; tab++) paths.push(yield* browser.visit(yield* browser.begin(), "ada"))
      assert.strictEqual([...browser.cookies.keys()].filter((name) => name.includes("linkedin")).length, 5)
      const [oldest = "", ...others] = paths
      yield* refused(browser, oldest)
      for (const path of others) assert.strictEqual(locationOf(yield* browser.get(path)), "/")
    }))

  it.effect("never puts a token into a URL", () =>
    Effect.gen(function*() {
      const browser = yield* newBrowser
      const answer = yield* browser.linkedIn("ada")
      assert.match(browser.session ?? "", /^dcs_/)
      assert.notInclude(String(answer.headers["location"]), "dcs_")
      assert.notInclude(answer.text, "dcs_")
    }))

  it.effect("seals LinkedIn's token for its own account only", () =>
    Effect.gen(function*() {
      const vault = yield* TokenVault
      const sealed = yield* vault.seal(Redacted.make("token"), "linked_account:one:access_token")
      assert.notInclude(JSON.stringify(sealed), "token\"")
      const moved = yield* Effect.flip(vault.open(sealed, "linked_account:other:access_token"))
      assert.strictEqual(moved._tag, "SealBroken")
    }))
})

import { defaultPeople, Fault, LinkedInDouble, Visitor } from "@dchat/doubles/linkedin"
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { decodeJwt } from "jose"

const redirectUri = "http://127.0.0.1:4999/auth/linkedin/callback"

class Double extends Context.Service<Double, LinkedInDouble.LinkedInDouble>()("test/linkedin/Double") {}

const authorization = ({ authorizationUrl, clientId }: LinkedInDouble.LinkedInDouble, more = {}) =>
  `${authorizationUrl}?${new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: "openid profile email",
    state: "s",
    ...more
  })}`

const ask = (url: string, init: RequestInit = {}) =>
  Effect.promise((signal) => fetch(url, { redirect: "manual", signal, ...init }))

const jsonOf = (response: Response): Effect.Effect<Fault.Json> =>
  Effect.promise(() => response.json() as Promise<Fault.Json>)

const textOf = (response: Response) => Effect.promise(() => response.text())

/** A browser without scripts that has come to the page. */
const openPage = Effect.fnUntraced(function*() {
  const double = yield* Double
  const authorized = yield* ask(authorization(double))
  const cookie = authorized.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ")
  const url = new URL(authorized.headers.get("location") ?? "", double.issuer).href
  const submit = Effect.fnUntraced(function*(fields: Record<string, string>) {
    const answer = yield* ask(url, { method: "POST", headers: { cookie }, body: new URLSearchParams(fields) })
    const location = answer.headers.get("location")
    if (location === null) return { status: answer.status, page: yield* textOf(answer) }
    const resumed = yield* ask(new URL(location, url).href, { headers: { cookie } })
    return { status: resumed.status, callback: new URL(resumed.headers.get("location") ?? "").searchParams }
  })
  return { url, cookie, submit, page: yield* Effect.flatMap(ask(url, { headers: { cookie } }), textOf) }
})

const redeem = Effect.fnUntraced(function*(code: string | null | undefined, more = {}, headers = {}) {
  const { clientId, clientSecret, tokenUrl } = yield* Double
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: code ?? "",
    redirect_uri: redirectUri,
    client_id: clientId,
    client_secret: clientSecret,
    ...more
  })
  const response = yield* ask(tokenUrl, { method: "POST", body, headers })
  return { status: response.status, headers: response.headers, body: yield* jsonOf(response) }
})

const userinfo = Effect.fnUntraced(function*(token: unknown) {
  const { userinfoUrl } = yield* Double
  const response = yield* ask(userinfoUrl, { headers: { authorization: `Bearer ${String(token)}` } })
  return { status: response.status, headers: response.headers, body: yield* jsonOf(response) }
})

const signIn = Effect.fnUntraced(function*(choice: Visitor.Choice, more = {}) {
  const double = yield* Double
  return (yield* Visitor.signIn(authorization(double, more), choice)).searchParams
})

layer(Layer.effect(Double, LinkedInDouble.start({ redirectUris: [redirectUri] })))("LinkedInDouble", (it) => {
  describe("The sign-in page of the LinkedIn double", () => {
    it.effect("states that it is a simulation, and runs no script", () =>
      Effect.gen(function*() {
        const { cookie, page, url } = yield* openPage()
        assert.include(page, "This is not LinkedIn.")
        assert.notMatch(page, /<script|onmouseover="alert|src=/)
        for (const { subject } of defaultPeople) assert.include(page, `data-testid="person-${subject}"`)
        assert.include(page, "data-testid=\"cancel\"")
        const { headers } = yield* ask(url, { headers: { cookie } })
        assert.include(headers.get("content-security-policy"), "default-src 'none'")
      }))

    it.effect("lets the visitor choose a member", () =>
      Effect.gen(function*() {
        const { submit } = yield* openPage()
        const { callback } = yield* submit({ person: "uma" })
        const { body } = yield* redeem(callback?.get("code"))
        assert.strictEqual(decodeJwt(String(body["id_token"])).sub, "uma")
        assert.deepStrictEqual([...(callback?.keys() ?? [])].toSorted(), ["code", "state"])
      }))

    it.effect("lets the visitor become a new member, who stays", () =>
      Effect.gen(function*() {
        const { submit } = yield* openPage()
        const { callback } = yield* submit({ new: "yes", name: " Zoë <i>New</i> ", email: "zoe@example.com" })
        const { body } = yield* redeem(callback?.get("code"))
        const claims = (yield* userinfo(body["access_token"])).body
        assert.include(claims, { name: "Zoë <i>New</i>", email: "zoe@example.com", email_verified: false })
        const { page } = yield* openPage()
        assert.include(page, `data-testid="person-${String(claims["sub"])}"`)
        assert.notInclude(page, "<i>")
      }))

    it.effect("asks again when the new member has no name, or no member is chosen", () =>
      Effect.gen(function*() {
        const { submit } = yield* openPage()
        for (const fields of [{ new: "yes", name: " " }, { person: "nobody" }, {}]) {
          const { page, status } = yield* submit(fields as Record<string, string>)
          assert.strictEqual(status, 400)
          assert.include(page, "role=\"alert\"")
        }
      }))

    it.effect("lets the visitor cancel", () =>
      Effect.gen(function*() {
        const { submit } = yield* openPage()
        const { callback } = yield* submit({ cancel: "login" })
        assert.strictEqual(callback?.get("error"), "user_cancelled_login")
        assert.strictEqual(callback?.get("state"), "s")
      }))

    it.effect("says when there is no application to return to", () =>
      Effect.gen(function*() {
        const { issuer } = yield* Double
        const { origin } = new URL(issuer)
        assert.include(yield* Effect.flatMap(ask(`${origin}/uas/login/made-up`), textOf), "This sign-in is over")
        assert.strictEqual((yield* ask(origin)).status, 404)
      }))
  })

  describe("A sign-in by a test at the LinkedIn double", () => {
    it.effect.each<readonly [string, Visitor.Choice, Record<string, string>]>([
      ["header", { as: "noe" }, {}],
      ["parameter", {}, { "x-login-as": "noe" }]
    ])("works by a %s", ([, choice, more]) =>
      Effect.gen(function*() {
        const { body } = yield* redeem((yield* signIn(choice, more)).get("code"))
        assert.strictEqual(decodeJwt(String(body["id_token"])).sub, "noe")
      }))

    it.effect.each<readonly [string, Visitor.Choice, Record<string, string>]>([
      ["header", { deny: "authorize" }, {}],
      ["parameter", {}, { "x-deny": "authorize" }]
    ])("can be cancelled by a %s", ([, choice, more]) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* signIn(choice, more)).get("error"), "user_cancelled_authorize")
      }))

    it.effect("works only as a known member", () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(signIn({ as: "nobody" }))).status, 400)
      }))

    it.effect("works only for an allowed address", () =>
      Effect.gen(function*() {
        const { allowRedirect } = yield* Double
        const another = "http://127.0.0.1:5999/auth/linkedin/callback"
        const { page } = yield* Effect.flip(signIn({ as: "ada" }, { redirect_uri: another }))
        assert.include(page, "invalid_redirect_uri")
        yield* allowRedirect(another)
        assert.isTrue((yield* signIn({ as: "ada" }, { redirect_uri: another })).has("code"))
      }))
  })

  describe("The LinkedIn double", () => {
    it.effect("ignores PKCE and nonces, and puts claims of userinfo into the ID token, as LinkedIn does", () =>
      Effect.gen(function*() {
        const { clientId, issuer } = yield* Double
        const callback = yield* signIn({ as: "ada" }, { nonce: "n", code_challenge: "c".repeat(43) })
        const { body } = yield* redeem(callback.get("code"))
        assert.strictEqual(body["scope"], "openid,profile,email")
        const claims = decodeJwt(String(body["id_token"]))
        assert.deepInclude(claims, {
          iss: issuer,
          aud: clientId,
          name: "Ada Byrne",
          locale: { country: "IE", language: "en" },
          email_verified: "true"
        })
        assert.notProperty(claims, "nonce")
        assert.deepInclude((yield* userinfo(body["access_token"])).body, { sub: "ada", email_verified: true })
      }))

    it.effect.each<readonly [string, Record<string, string>, Record<string, string>]>([
      ["a code verifier", { code_verifier: "v".repeat(43) }, {}],
      ["another secret", { client_secret: "another" }, {}],
      ["another client", { client_id: "another" }, {}],
      ["Basic authentication", {}, { authorization: `Basic ${btoa("linkedin-client:secret")}` }]
    ])("refuses a client with %s", ([, more, headers]) =>
      Effect.gen(function*() {
        const callback = yield* signIn({ as: "ada" })
        const answer = yield* redeem(callback.get("code"), more, headers)
        assert.include([400, 401], answer.status)
        assert.include(["invalid_client", "invalid_request"], answer.body["error"])
        assert.isNull(answer.headers.get("www-authenticate"))
      }))

    it.effect("writes errors of tokens as LinkedIn's APIs do", () =>
      Effect.gen(function*() {
        const { revokeTokens } = yield* Double
        const unknown = yield* userinfo("made-up")
        assert.deepInclude(unknown.body, { status: 401, serviceErrorCode: 65_600, code: "INVALID_ACCESS_TOKEN" })
        assert.isNull(unknown.headers.get("www-authenticate"))
        const tokens = yield* Effect.forEach(["ada", "uma"], (as) =>
          Effect.map(
            Effect.flatMap(signIn({ as }), (callback) => redeem(callback.get("code"))),
            ({ body }) => body["access_token"]
          ))
        yield* revokeTokens("ada")
        assert.deepInclude((yield* userinfo(tokens[0])).body, { status: 401, code: "REVOKED_ACCESS_TOKEN" })
        assert.strictEqual((yield* userinfo(tokens[1])).status, 200)
        yield* revokeTokens()
        assert.strictEqual((yield* userinfo(tokens[1])).status, 401)
      }))

    it.effect("describes itself without PKCE", () =>
      Effect.gen(function*() {
        const { issuer, jwksUrl, tokenUrl, userinfoUrl } = yield* Double
        const metadata = yield* Effect.flatMap(ask(`${issuer}/.well-known/openid-configuration`), jsonOf)
        assert.deepInclude(metadata, {
          issuer,
          token_endpoint: tokenUrl,
          jwks_uri: jwksUrl,
          userinfo_endpoint: userinfoUrl
        })
        assert.notProperty(metadata, "code_challenge_methods_supported")
      }))
  })

  describe("A fault of the LinkedIn double", () => {
    it.effect("lasts at one endpoint for as long as a scope is open", () =>
      Effect.gen(function*() {
        const { faults, jwksUrl } = yield* Double
        yield* Effect.scoped(Effect.gen(function*() {
          yield* faults.during("jwks", Fault.throttled)
          const answer = yield* ask(jwksUrl)
          assert.strictEqual(answer.status, 429)
          assert.include(yield* jsonOf(answer), { status: 429, serviceErrorCode: 101 })
        }))
        assert.strictEqual((yield* ask(jwksUrl)).status, 200)
      }))

    it.effect("lasts until it is cleared", () =>
      Effect.gen(function*() {
        const { faults, jwksUrl } = yield* Double
        yield* faults.set("jwks", Fault.html(502))
        assert.include((yield* ask(jwksUrl)).headers.get("content-type"), "text/html")
        yield* faults.clear
        assert.strictEqual((yield* ask(jwksUrl)).status, 200)
      }))
  })

  it.effect("The LinkedIn double publishes its current key only", () =>
    Effect.gen(function*() {
      const { jwksUrl, rotateKey } = yield* Double
      const keys = Effect.map(Effect.flatMap(ask(jwksUrl), jsonOf), ({ keys }) => keys as ReadonlyArray<Fault.Json>)
      const [before] = yield* keys
      yield* rotateKey
      const after = yield* keys
      assert.lengthOf(after, 1)
      assert.notStrictEqual(after[0]?.["kid"], before?.["kid"])
      assert.notProperty(after[0], "d")
    }))

  it.effect("The LinkedIn double remembers its requests and answers", () =>
    Effect.gen(function*() {
      const { clientSecret, log } = yield* Double
      const callback = yield* signIn({ as: "ada" })
      const { body } = yield* redeem(callback.get("code"))
      const secrets = yield* log.secrets
      for (const secret of [clientSecret, callback.get("code"), body["access_token"], body["id_token"]]) {
        assert.include(secrets, secret)
      }
      const asked = (yield* log.requests).find(({ path }) => path === "/oauth/v2/authorization")
      assert.include(asked?.parameters ?? [], "redirect_uri")
    }))

  it.effect("The LinkedIn double names the variables by which a host uses it", () =>
    Effect.gen(function*() {
      const double = yield* Double
      assert.deepStrictEqual(double.environment, {
        LINKEDIN_CLIENT_ID: double.clientId,
        LINKEDIN_CLIENT_SECRET: double.clientSecret,
        LINKEDIN_ISSUER: double.issuer,
        LINKEDIN_AUTHORIZATION_URL: double.authorizationUrl,
        LINKEDIN_TOKEN_URL: double.tokenUrl,
        LINKEDIN_JWKS_URL: double.jwksUrl,
        LINKEDIN_USERINFO_URL: double.userinfoUrl
      })
    }))
})

it.effect("The LinkedIn double stops with its scope, also with open requests", () =>
  Effect.gen(function*() {
    const outcome = yield* Effect.scoped(Effect.gen(function*() {
      const { faults, jwksUrl } = yield* LinkedInDouble.start()
      yield* faults.set("jwks", Fault.stall)
      const response = yield* ask(jwksUrl)
      return { jwksUrl, rest: response.text().then(() => "answered", () => "cut") }
    }))
    assert.strictEqual(yield* Effect.promise(() => outcome.rest), "cut")
    const refused = yield* Effect.promise(() => fetch(outcome.jwksUrl).then(() => false, () => true))
    assert.isTrue(refused)
  }))

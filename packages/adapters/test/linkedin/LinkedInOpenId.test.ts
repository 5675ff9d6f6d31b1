import { LinkedInMetadata, LinkedInOpenId } from "@dchat/adapters/linkedin"
import { LinkedIn, LinkedInClientId, type LinkedInFailureReason, LinkedInSubject } from "@dchat/domain/identity"
import { defaultPeople, Fault, LinkedInDouble, Visitor } from "@dchat/doubles/linkedin"
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Logger, Option, Redacted, References } from "effect"

const redirectUri = "http://127.0.0.1:4999/auth/linkedin/callback"
const state = "a.signed.state"

class Double extends Context.Service<Double, LinkedInDouble.LinkedInDouble>()("test/linkedin/Double") {}

/** What was logged, at any level. */
class Written extends Context.Service<Written, Array<string>>()("test/linkedin/Written") {}

const optionsFor = (double: LinkedInDouble.LinkedInDouble) => ({
  clientId: LinkedInClientId.make(double.clientId),
  clientSecret: Redacted.make(double.clientSecret),
  issuer: double.issuer,
  authorizationUrl: double.authorizationUrl,
  tokenUrl: double.tokenUrl,
  jwksUrl: double.jwksUrl,
  userinfoUrl: double.userinfoUrl,
  allowInsecure: true
})

const writing = Layer.unwrap(
  Effect.sync(() => {
    const lines: Array<string> = []
    const logger = Logger.make((entry) => void lines.push(Logger.formatJson.log(entry)))
    return Layer.mergeAll(
      Layer.succeed(Written, lines),
      Logger.layer([logger]),
      Layer.succeed(References.MinimumLogLevel, "All")
    )
  })
)

const Doubled = Layer.effect(Double, LinkedInDouble.start({ redirectUris: [redirectUri] }))

const Adapter = Layer.unwrap(Effect.map(Double, (double) => LinkedInOpenId.layer(optionsFor(double))))

/** Another one at the same stand-in, which has fetched no keys yet. */
const another = (options: Partial<LinkedInOpenId.Options> = {}) =>
  Effect.flatMap(
    Double,
    (double) =>
      Effect.map(Layer.build(LinkedInOpenId.layer({ ...optionsFor(double), ...options })), (services) =>
        Context.get(services, LinkedIn))
  )

const comeBack = Effect.fnUntraced(function*(choice: Visitor.Choice) {
  const linkedIn = yield* LinkedIn
  const url = yield* linkedIn.authorizationUrl({ state, redirectUri })
  return (yield* Visitor.signIn(url, choice)).searchParams
})

const redeem = (callback: URLSearchParams) =>
  Effect.flatMap(LinkedIn, (linkedIn) => linkedIn.redeem({ callback, state, redirectUri }))

const signIn = (as: string) => Effect.flatMap(comeBack({ as }), redeem)

const reasonOf = <A, R>(effect: Effect.Effect<A, { readonly reason: LinkedInFailureReason } | { _tag: string }, R>) =>
  Effect.map(Effect.flip(effect), (error) => "reason" in error ? error.reason : error._tag)

/** While this is wrong at LinkedIn. */
const during = <A, E, R>(endpoint: Fault.Endpoint, fault: Fault.Fault, effect: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.andThen(Effect.flatMap(Double, ({ faults }) => faults.during(endpoint, fault)), effect)
  )

/** With an adapter that has no keys, so that they are asked for. */
const afresh = <A, E, R>(effect: Effect.Effect<A, E, R>, options: Partial<LinkedInOpenId.Options> = {}) =>
  Effect.scoped(Effect.flatMap(another(options), (linkedIn) => Effect.provideService(effect, LinkedIn, linkedIn)))

const requestsTo = (path: string) =>
  Effect.flatMap(
    Double,
    ({ log }) =>
      Effect.map(log.requests, (requests) => requests.filter((request) => request.path.endsWith(path)).length)
  )

type Change = readonly [what: string, claims: Fault.Json, expected: Record<string, unknown>]
type Case = readonly [what: string, fault: Fault.Fault]
type Outcome = readonly [what: string, reason: LinkedInFailureReason, fault: Fault.Fault]
type Callback = readonly [what: string, change: (parameters: URLSearchParams) => void]

layer(Adapter.pipe(Layer.provideMerge(Doubled), Layer.provideMerge(writing)))("LinkedInOpenId", (it) => {
  describe("The redirect of the browser to LinkedIn", () => {
    it.effect("carries the state, and neither PKCE nor a nonce", () =>
      Effect.gen(function*() {
        const { authorizationUrl, clientId } = yield* Double
        const url = yield* Effect.flatMap(LinkedIn, (linkedIn) => linkedIn.authorizationUrl({ state, redirectUri }))
        assert.strictEqual(`${url.origin}${url.pathname}`, authorizationUrl)
        assert.deepStrictEqual(Object.fromEntries(url.searchParams), {
          response_type: "code",
          client_id: clientId,
          redirect_uri: redirectUri,
          scope: "openid profile email",
          state
        })
      }))

    it.effect("uses the URLs of LinkedIn when no others are configured", () =>
      Effect.gen(function*() {
        const services = yield* Layer.build(LinkedInOpenId.layer({
          clientId: LinkedInClientId.make("78abc"),
          clientSecret: Redacted.make("secret")
        }))
        const url = yield* Context.get(services, LinkedIn).authorizationUrl({ state, redirectUri })
        assert.strictEqual(`${url.origin}${url.pathname}`, LinkedInMetadata.urls.authorizationUrl)
      }))
  })

  describe("The profile of the user who comes back", () => {
    it.effect("includes the e-mail address, the picture and the locale", () =>
      Effect.gen(function*() {
        const grant = yield* signIn("ada")
        assert.deepStrictEqual(grant.profile, {
          subject: LinkedInSubject.make("ada"),
          name: "Ada Byrne",
          email: "ada@example.com",
          emailVerified: true,
          picture: "https://media.example.com/ada.jpg",
          locale: "en-IE"
        })
        assert.deepStrictEqual(grant.scopes, ["openid", "profile", "email"])
        // Sixty days after the test clock's start.
        assert.deepStrictEqual(grant.tokenExpiresAt, Option.some(DateTime.makeUnsafe("1970-03-02T00:00:00Z")))
        const { log } = yield* Double
        assert.include(yield* log.secrets, Redacted.value(grant.accessToken))
        assert.notInclude(JSON.stringify(grant), Redacted.value(grant.accessToken))
      }))

    it.effect("may lack an e-mail address", () =>
      Effect.gen(function*() {
        const { profile } = yield* signIn("noe")
        assert.deepStrictEqual(profile, {
          subject: LinkedInSubject.make("noe"),
          name: "Noé Martins",
          emailVerified: false,
          locale: "pt-PT"
        })
      }))

    it.effect("marks an address that LinkedIn has not verified", () =>
      Effect.gen(function*() {
        const { profile } = yield* signIn("uma")
        assert.strictEqual(profile.email, "uma@example.com")
        assert.isFalse(profile.emailVerified)
      }))

    it.effect("keeps HTML in the name as text", () =>
      Effect.gen(function*() {
        const { profile } = yield* signIn("mal")
        assert.strictEqual(profile.name, defaultPeople.find(({ subject }) => subject === "mal")?.name)
      }))

    it.effect.each<Change>([
      ["whether an address is verified as a string", { email_verified: "true" }, { emailVerified: true }],
      ["an address that is none", { email: "no address" }, { email: undefined, emailVerified: false }],
      ["an address that is too long", { email: `${"a".repeat(320)}@example.com` }, { email: undefined }],
      ["a locale as a string", { locale: "en_US" }, { locale: "en-US" }],
      ["a locale that is none", { locale: { country: "?", language: "?" } }, { locale: undefined }],
      ["a name that is too long", { name: "🎈".repeat(151) }, { name: "🎈".repeat(150) }],
      ["a name that is half a code point too long", { name: `a${"🎈".repeat(150)}` }, { name: `a${"🎈".repeat(149)}` }],
      ["control characters in a name", { name: "Ann\u0000\r\nLee\t" }, { name: "Ann Lee" }],
      ["a name in parts only", { name: undefined }, { name: "Ada Byrne" }],
      [
        "no name at all",
        { name: undefined, given_name: undefined, family_name: 7 },
        { name: "" }
      ],
      ["a picture that is no URL", { picture: "picture.jpg" }, { picture: undefined }],
      ["a picture that would run", { picture: "javascript:alert(1)" }, { picture: undefined }],
      ["a picture in the URL itself", { picture: "data:image/png;base64,AAAA" }, { picture: undefined }],
      [
        "a picture with too long a URL",
        { picture: `https://media.example.com/${"p".repeat(2048)}` },
        { picture: undefined }
      ],
      ["claims that nobody knows", { emojis: ["🎈"] }, { name: "Ada Byrne" }]
    ])("accepts %s", ([, changes, expected]) =>
      Effect.gen(function*() {
        const { profile } = yield* during("userinfo", Fault.members(changes), signIn("ada"))
        for (const [member, value] of Object.entries(expected)) {
          assert.strictEqual((profile as Record<string, unknown>)[member], value, member)
        }
      }))

    it.effect("accepts a token without scopes and without a lifetime", () =>
      Effect.gen(function*() {
        const grant = yield* during("token", Fault.members({ scope: undefined, expires_in: undefined }), signIn("ada"))
        assert.deepStrictEqual(grant.scopes, ["openid", "profile", "email"])
        assert.isTrue(Option.isNone(grant.tokenExpiresAt))
      }))

    it.effect.each([1e300, 0])(
      "ignores an implausible lifetime of a token: %d s",
      (seconds) =>
        Effect.gen(function*() {
          const grant = yield* during("token", Fault.members({ expires_in: seconds }), signIn("ada"))
          assert.isTrue(Option.isNone(grant.tokenExpiresAt))
        })
    )
  })

  describe("The callback", () => {
    it.effect.each(["login", "authorize"] as const)(
      "reports that the user cancelled at %s",
      (deny) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* reasonOf(Effect.flatMap(comeBack({ deny }), redeem)), "denied")
        })
    )

    it.effect("accepts LinkedIn as the issuer", () =>
      Effect.gen(function*() {
        const callback = yield* comeBack({ as: "ada" })
        callback.set("iss", (yield* Double).issuer)
        assert.strictEqual((yield* redeem(callback)).profile.subject, "ada")
      }))

    it.effect.each<Callback>([
      ["the code twice", (each) => each.append("code", each.get("code") ?? "")],
      ["the state twice", (each) => each.append("state", state)],
      ["anything else twice", (each) => (each.append("x", "1"), each.append("x", "2"))],
      ["another state", (each) => each.set("state", "a.forged.state")],
      ["no state", (each) => each.delete("state")],
      ["another issuer", (each) => each.set("iss", "https://www.linkedin.com.example/oauth")],
      ["no code", (each) => each.delete("code")],
      ["an empty code", (each) => each.set("code", "")],
      ["a code of 10 kB", (each) => each.set("code", "c".repeat(10_000))],
      ["a code of one character too many", (each) => each.set("code", "c".repeat(2049))],
      ["an error that is no decision of the person's", (each) => each.set("error", "server_error")],
      ["a forged error", (each) => (each.set("error", "access_denied"), each.set("state", "a.forged.state"))],
      ["HTML for an error", (each) => each.set("error", "<script>alert(1)</script>")],
      ["an answer in a JWT", (each) => each.set("response", "a.b.c")],
      ["an ID token", (each) => each.set("id_token", "a.b.c")]
    ])("asks LinkedIn for nothing when it has %s", ([, change]) =>
      Effect.gen(function*() {
        const callback = yield* comeBack({ as: "ada" })
        change(callback)
        const before = yield* requestsTo("/accessToken")
        assert.strictEqual(yield* reasonOf(redeem(callback)), "code_rejected")
        assert.strictEqual(yield* requestsTo("/accessToken"), before)
      }))

    it.effect("refuses a code that was already used", () =>
      Effect.gen(function*() {
        const callback = yield* comeBack({ as: "ada" })
        assert.strictEqual((yield* redeem(callback)).profile.subject, "ada")
        assert.strictEqual(yield* reasonOf(redeem(callback)), "code_rejected")
      }))

    it.effect.each(["made-up", "c".repeat(2048), "ünïcödé\r\nx: y"])(
      "refuses a code that was made up",
      (code) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* reasonOf(redeem(new URLSearchParams({ code, state }))), "code_rejected")
        })
    )
  })

  describe("The verification of the ID token", () => {
    it.effect.each<Case>([
      ["a subject that was not signed", Fault.claimsUnsigned({ sub: "uma" })],
      ["a bad signature", Fault.badSignature],
      ["no signature", Fault.algorithmNone],
      ["a signature by the client's secret", Fault.algorithmHs256],
      ["another audience", Fault.claims({ aud: "another-client" })],
      ["no audience", Fault.claims({ aud: undefined })],
      ["an audience besides", Fault.claims(({ aud }) => ({ aud: [aud, "another-client"] }))],
      ["an audience besides, and us as the party", Fault.claims(({ aud }) => ({ aud: [aud, "other"], azp: aud }))],
      ["another issuer", Fault.claims({ iss: "https://www.linkedin.com.example/oauth" })],
      ["a nonce that nobody sent", Fault.claims({ nonce: "n" })],
      ["no subject", Fault.claims({ sub: undefined })],
      ["a subject of another form", Fault.claims({ sub: "two words" })],
      ["another subject than userinfo", Fault.claims({ sub: "uma" })],
      ["an end ten minutes ago", Fault.expired(600)],
      ["no end", Fault.claims({ exp: undefined })],
      ["a beginning in ten minutes", Fault.clockOff(600)],
      ["no beginning", Fault.claims({ iat: undefined })]
    ])("refuses %s", ([, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(during("token", fault, signIn("ada"))), "invalid_response")
      }))

    it.effect.each<Case>([
      ["a clock that is 90 s ahead", Fault.clockOff(90)],
      ["a clock that is 90 s behind", Fault.clockOff(-90)],
      ["an end 90 s ago", Fault.expired(90)],
      ["an audience in a list", Fault.claims(({ aud }) => ({ aud: [aud] }))]
    ])("accepts %s", ([, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* during("token", fault, signIn("ada"))).profile.subject, "ada")
      }))

    it.effect("fetches the keys once", () =>
      Effect.gen(function*() {
        const before = yield* requestsTo("/jwks")
        yield* afresh(Effect.andThen(signIn("ada"), signIn("uma")))
        assert.strictEqual(yield* requestsTo("/jwks"), before + 1)
      }))

    it.effect("fetches new keys as soon as LinkedIn signs with them", () =>
      Effect.gen(function*() {
        const { rotateKey } = yield* Double
        const before = yield* requestsTo("/jwks")
        yield* afresh(Effect.gen(function*() {
          yield* signIn("ada")
          yield* rotateKey
          assert.strictEqual((yield* signIn("ada")).profile.subject, "ada")
          assert.strictEqual((yield* signIn("uma")).profile.subject, "uma")
        }))
        assert.strictEqual(yield* requestsTo("/jwks"), before + 2)
      }))

    it.effect("accepts keys without a stated use", () =>
      Effect.gen(function*() {
        const { profile } = yield* afresh(during("jwks", Fault.keysWithoutUse, signIn("ada")))
        assert.strictEqual(profile.subject, "ada")
      }))

    it.effect.each<Case>([
      ["none", Fault.members({ keys: [] })],
      ["a list of nonsense", Fault.members({ keys: [null, 7, "key"] })],
      ["no list", Fault.members({ keys: "keys" })],
      ["keys for encryption", Fault.keyMembers({ use: "enc" })],
      ["keys that are none", Fault.keyMembers({ n: "AQAB" })]
    ])("refuses the token when the keys are %s", ([, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(afresh(during("jwks", fault, signIn("ada")))), "invalid_response")
      }))

    it.effect("fetches the keys again after a failed fetch", () =>
      afresh(Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(during("jwks", Fault.serverError, signIn("ada"))), "unavailable")
        assert.strictEqual((yield* signIn("ada")).profile.subject, "ada")
      })))
  })

  describe("A faulty answer of LinkedIn", () => {
    it.effect.each<Case>([
      ["no ID token", Fault.noIdToken],
      ["an ID token that is none", Fault.members({ id_token: "a.b" })],
      ["no access token", Fault.members({ access_token: undefined })],
      ["an access token that is no header's", Fault.members({ access_token: "to\r\nken" })],
      ["an access token of another type", Fault.members({ token_type: "mac" })],
      ["a scope that is none", Fault.members({ scope: 7 })]
    ])("is refused with %s", ([, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(during("token", fault, signIn("ada"))), "invalid_response")
      }))

    it.effect.each<Case>([
      ["userinfo of another person", Fault.members({ sub: "uma" })],
      ["userinfo of nobody", Fault.members({ sub: undefined })],
      ["a dead access token at once", Fault.json(401, {})]
    ])("is refused with %s", ([, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(during("userinfo", fault, signIn("ada"))), "invalid_response")
      }))

    it.effect.each<readonly [string, Fault.Fault, life: "known" | "unknown"]>([
      ["no type of the access token", Fault.members({ token_type: undefined }), "known"],
      ["a type that is null", Fault.members({ token_type: null }), "known"],
      ["a type in capitals", Fault.members({ token_type: "BEARER" }), "known"],
      ["a life as text", Fault.members({ expires_in: "5183999" }), "known"],
      ["no life", Fault.members({ expires_in: undefined }), "unknown"],
      ["a life that is null", Fault.members({ expires_in: null }), "unknown"],
      ["a life that is over", Fault.members({ expires_in: 0 }), "unknown"],
      ["a life in words", Fault.members({ expires_in: "two months" }), "unknown"]
    ])("is accepted with %s", ([, fault, life]) =>
      Effect.gen(function*() {
        const { profile, tokenExpiresAt } = yield* afresh(during("token", fault, signIn("ada")))
        assert.strictEqual(profile.subject, "ada")
        assert.strictEqual(Option.isSome(tokenExpiresAt), life === "known")
      }))

    it.effect.each<readonly [error: string, status: number, reason: LinkedInFailureReason]>([
      ["invalid_grant", 400, "code_rejected"],
      ["invalid_request", 400, "code_rejected"],
      ["invalid_redirect_uri", 401, "code_rejected"],
      ["invalid_client", 401, "unavailable"],
      ["unauthorized_client", 400, "unavailable"],
      ["<script>alert(1)</script>", 400, "invalid_response"]
    ])(
      "is reported for the error %s (%d) at the token endpoint as %s",
      ([error, status, reason]) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* reasonOf(during("token", Fault.json(status, { error }), signIn("ada"))), reason)
        })
    )

    it.effect("is logged for the operator when LinkedIn refuses the application", () =>
      Effect.gen(function*() {
        const written = yield* Written
        const clientSecret = Redacted.make("another-secret")
        assert.strictEqual(yield* reasonOf(afresh(signIn("ada"), { clientSecret })), "unavailable")
        const errors = written.filter((line) => JSON.parse(line).level === "ERROR")
        assert.include(errors.at(-1) ?? "", "check its client id and client secret")
        assert.notInclude(written.join("\n"), "another-secret")
      }))
  })

  describe.each<Fault.Endpoint>(["token", "jwks", "userinfo"])("The endpoint %s of LinkedIn", (endpoint) => {
    const signInDuring = (fault: Fault.Fault, options: Partial<LinkedInOpenId.Options> = {}) =>
      afresh(during(endpoint, fault, signIn("ada")), options)

    it.effect.each<Outcome>([
      ["a page with status 502", "unavailable", Fault.html(502)],
      ["a page with status 500", "unavailable", Fault.html(500)],
      ["throttling", "unavailable", Fault.throttled],
      ["an error of its own", "unavailable", Fault.serverError],
      ["a cut connection", "unavailable", Fault.cut],
      ["a page with status 200", "invalid_response", Fault.html(200)],
      ["a page with status 404", "invalid_response", Fault.html(404)],
      ["nonsense", "invalid_response", Fault.json(200, "nonsense")],
      ["nothing", "invalid_response", { ...Fault.html(200), body: "" } as Fault.Fault],
      ["a redirect to somewhere else", "invalid_response", Fault.redirect],
      ["an answer of 5 MB", "invalid_response", Fault.flood(5_000_000)],
      ["an answer without end", "invalid_response", Fault.endless]
    ])("has %s reported as %s", ([, reason, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(signInDuring(fault)), reason)
      }))

    it.effect.each<Case>([
      ["does not answer", Fault.hang],
      ["does not finish", Fault.stall]
    ])("has a limited time when it %s", ([, fault]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(signInDuring(fault, { timeout: "200 millis" })), "unavailable")
      }))

    it.effect("may be slow", () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* signInDuring(Fault.slow(100))).profile.subject, "ada")
      }))
  })

  describe("A repeated reading of the profile", () => {
    const ask = (accessToken: Redacted.Redacted<string>, subject = "ada") =>
      Effect.flatMap(LinkedIn, (linkedIn) => linkedIn.profile(accessToken, LinkedInSubject.make(subject)))

    it.effect("returns what has changed", () =>
      Effect.gen(function*() {
        const { addPerson } = yield* Double
        yield* addPerson({ subject: "kim", name: "Kim Old" })
        const { accessToken } = yield* signIn("kim")
        yield* addPerson({ subject: "kim", name: "Kim New", email: "kim@example.com" })
        assert.deepStrictEqual(yield* ask(accessToken, "kim"), {
          subject: LinkedInSubject.make("kim"),
          name: "Kim New",
          email: "kim@example.com",
          emailVerified: false
        })
      }))

    it.effect("requires a new authorization when the token was revoked", () =>
      Effect.gen(function*() {
        const { accessToken } = yield* signIn("noe")
        yield* Effect.flatMap(Double, ({ revokeTokens }) => revokeTokens("noe"))
        assert.strictEqual(yield* reasonOf(ask(accessToken, "noe")), "reauthorization_required")
      }))

    it.effect("requires a new authorization when LinkedIn does not know the token", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(ask(Redacted.make("made-up"))), "reauthorization_required")
      }))

    it.effect("refuses the profile of another user", () =>
      Effect.gen(function*() {
        const { accessToken } = yield* signIn("ada")
        assert.strictEqual(yield* reasonOf(ask(accessToken, "uma")), "invalid_response")
        assert.strictEqual(
          yield* reasonOf(during("userinfo", Fault.members({ sub: "uma" }), ask(accessToken))),
          "invalid_response"
        )
      }))

    it.effect.each<Outcome>([
      ["throttled", "unavailable", Fault.throttled],
      ["broken", "unavailable", Fault.html(502)],
      ["forbidding", "invalid_response", Fault.json(403, {})]
    ])("fails when LinkedIn is %s: %s", ([, reason, fault]) =>
      Effect.gen(function*() {
        const { accessToken } = yield* signIn("ada")
        assert.strictEqual(yield* reasonOf(during("userinfo", fault, ask(accessToken))), reason)
      }))
  })

  it.effect("LinkedIn's adapter writes no code, token, secret or address into the log", () =>
    Effect.gen(function*() {
      const { log } = yield* Double
      yield* signIn("ada")
      for (
        const [endpoint, fault] of [
          ["token", Fault.badSignature],
          ["token", Fault.claims({ aud: "other" })],
          ["token", Fault.members({ access_token: "to\r\nken" })],
          ["token", Fault.json(400, { error: "invalid_grant", error_description: "what LinkedIn said" })],
          ["userinfo", Fault.members({ sub: "uma" })],
          ["userinfo", Fault.throttled]
        ] as const
      ) yield* Effect.flip(during(endpoint, fault, signIn("ada")))
      yield* Effect.flip(redeem(new URLSearchParams({ code: "made-up-code", state: "x" })))
      const lines = (yield* Written).join("\n")
      assert.include(lines, "invalid_response")
      for (const secret of [...(yield* log.secrets), "ada@example.com", "what LinkedIn said", "made-up-code"]) {
        assert.notInclude(lines, secret)
        assert.notInclude(lines, encodeURIComponent(secret))
      }
    }))
})

describe("LinkedInOpenId.layer", () => {
  const options = { clientId: LinkedInClientId.make("78abc"), clientSecret: Redacted.make("secret") }
  const built = (more: Partial<LinkedInOpenId.Options>) =>
    Effect.scoped(Layer.build(LinkedInOpenId.layer({ ...options, ...more })))

  it.effect.each<readonly [url: string, allowInsecure: boolean]>([
    ["http://127.0.0.1:4000/token", false],
    ["http://linkedin.example/token", true],
    ["http://127.0.0.1.example/token", true],
    ["ftp://127.0.0.1/token", true],
    ["https://user:secret@linkedin.example/token", true],
    ["https://linkedin.example/token#here", true],
    ["", true]
  ])(
    "sends no secret to '%s', even when insecure URLs are allowed: %s",
    ([tokenUrl, allowInsecure]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(built({ tokenUrl, allowInsecure }))
        assert.deepInclude(error, { _tag: "LinkedInUrlRefused", setting: "tokenUrl" })
        assert.include(error.message, "https")
      })
  )

  it.effect.each<readonly [url: string, allowInsecure: boolean]>([
    ["https://linkedin.example/token", false],
    ["http://localhost:4000/token", true],
    ["http://[::1]:4000/token", true]
  ])("accepts %s when insecure URLs are allowed: %s", ([tokenUrl, allowInsecure]) => built({ tokenUrl, allowInsecure }))
})

layer(LinkedInOpenId.layerNotConfigured)("LinkedInOpenId.layerNotConfigured", (it) => {
  it.effect("LinkedInOpenId.layerNotConfigured fails with an error that says so", () =>
    Effect.gen(function*() {
      const linkedIn = yield* LinkedIn
      assert.isTrue(Option.isNone(linkedIn.clientId))
      const refusals = yield* Effect.all([
        Effect.flip(linkedIn.authorizationUrl({ state, redirectUri })),
        Effect.flip(linkedIn.redeem({ callback: new URLSearchParams(), state, redirectUri })),
        Effect.flip(linkedIn.profile(Redacted.make("token"), LinkedInSubject.make("ada")))
      ])
      for (const { _tag } of refusals) assert.strictEqual(_tag, "LinkedInNotConfigured")
    }))
})

import { Fault } from "@dchat/doubles/linkedin"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { locationOf, newBrowser } from "../support/Browser.ts"
import { LinkedInStandIn, memoryLinkedInHost } from "../support/LinkedInHost.ts"

type Endpoint = "token" | "userinfo" | "jwks"

/** Long enough for a busy machine; what hangs is waited for no longer. */
const linkedInTimeout = "1500 millis"

const cases: ReadonlyArray<readonly [string, Endpoint, Fault.Fault, string]> = [
  ["an altered subject", "token", Fault.claimsUnsigned({ sub: "noe" }), "linkedin_invalid_response"],
  ["a wrong audience", "token", Fault.claims({ aud: "another-client" }), "linkedin_invalid_response"],
  [
    "an extra audience",
    "token",
    Fault.claims({ aud: ["linkedin-client", "another-client"], azp: "linkedin-client" }),
    "linkedin_invalid_response"
  ],
  ["an expired ID token", "token", Fault.expired(600), "linkedin_invalid_response"],
  ["an ID token under HS256", "token", Fault.algorithmHs256, "linkedin_invalid_response"],
  ["an ID token under no algorithm", "token", Fault.algorithmNone, "linkedin_invalid_response"],
  ["a foreign issuer", "token", Fault.claims({ iss: "https://evil.example" }), "linkedin_invalid_response"],
  ["a signature that does not fit", "token", Fault.badSignature, "linkedin_invalid_response"],
  ["the user info of another subject", "userinfo", Fault.members({ sub: "noe" }), "linkedin_invalid_response"],
  ["no ID token", "token", Fault.noIdToken, "linkedin_invalid_response"],
  ["HTML with 502", "token", Fault.html(502), "linkedin_unavailable"],
  ["HTML with 200", "userinfo", Fault.html(200), "linkedin_invalid_response"],
  ["no answer at all", "token", Fault.hang, "linkedin_unavailable"],
  ["half an answer", "userinfo", Fault.stall, "linkedin_unavailable"],
  ["a cut connection", "token", Fault.cut, "linkedin_unavailable"],
  ["429", "token", Fault.throttled, "linkedin_unavailable"],
  ["500", "userinfo", Fault.serverError, "linkedin_unavailable"],
  ["5 MB", "userinfo", Fault.flood(), "linkedin_invalid_response"],
  ["an answer without end", "token", Fault.endless, "linkedin_invalid_response"],
  ["a redirect to elsewhere", "token", Fault.redirect, "linkedin_invalid_response"],
  ["a clock that is 10 minutes ahead", "token", Fault.clockOff(600), "linkedin_invalid_response"]
]

layer(memoryLinkedInHost({ linkedInTimeout }), { excludeTestServices: true })("A LinkedIn that sends", (it) => {
  for (const [what, endpoint, fault, code] of cases) {
    it.effect(`${what} signs no user in`, () =>
      Effect.gen(function*() {
        const { faults } = yield* LinkedInStandIn
        yield* faults.during(endpoint, fault)
        const browser = yield* newBrowser
        const answer = yield* browser.linkedIn("ada")
        assert.strictEqual(locationOf(answer), `/?error=${code}`)
        assert.isUndefined(browser.session)
      }).pipe(Effect.scoped))
  }

  for (const seconds of [90, -90]) {
    it.effect(`a time that is ${seconds} s off signs users in`, () =>
      Effect.gen(function*() {
        const { faults } = yield* LinkedInStandIn
        yield* faults.during("token", Fault.clockOff(seconds))
        const browser = yield* newBrowser
        assert.strictEqual(locationOf(yield* browser.linkedIn("ada")), "/")
      }).pipe(Effect.scoped))
  }

  it.effect("a slow answer within its time signs users in", () =>
    Effect.gen(function*() {
      const { faults } = yield* LinkedInStandIn
      yield* faults.during("userinfo", Fault.slow(50))
      const browser = yield* newBrowser
      assert.strictEqual(locationOf(yield* browser.linkedIn("noe")), "/")
      const { json } = yield* browser.get("/auth/me")
      assert.strictEqual(json.user.displayName, "Noé Martins")
      assert.match(json.user.temporaryWallet, /^tmp_[0-9A-HJKMNP-TV-Z]{26}$/)
    }).pipe(Effect.scoped))

  it.effect("HTML as a name has it shown as text", () =>
    Effect.gen(function*() {
      const browser = yield* newBrowser
      assert.strictEqual(locationOf(yield* browser.linkedIn("mal")), "/")
      const { headers, json } = yield* browser.get("/auth/me")
      assert.include(json.user.linkedin.name, "<script>")
      assert.include(String(headers["content-type"]), "application/json")
      assert.strictEqual(headers["x-content-type-options"], "nosniff")
    }))
})

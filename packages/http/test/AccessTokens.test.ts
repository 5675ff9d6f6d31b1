import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createLocalJWKSet, jwtVerify } from "jose"
import { assertProblem } from "./support/Browser.ts"
import { memoryHost, TestHost } from "./support/TestHost.ts"

layer(memoryHost({ identity: { accessTokenAudiences: ["chat", "files"] } }), { excludeTestServices: true })(
  "Access tokens for other services",
  (it) => {
    it.effect("identify the user to another service by the published keys alone", () =>
      Effect.gen(function*() {
        const { send, signIn, url } = yield* TestHost
        const ann = yield* signIn()
        const { json, status } = yield* ann.post("/auth/access-token", { audience: "chat" })
        assert.strictEqual(status, 200)
        assert.isAtMost(json.expiresIn, 600)
        const keys = (yield* send("GET", "/.well-known/jwks.json")).json
        const { payload, protectedHeader } = yield* Effect.promise(() =>
          jwtVerify(json.accessToken, createLocalJWKSet(keys), { issuer: url, audience: "chat" })
        )
        assert.strictEqual(protectedHeader.alg, "EdDSA")
        assert.strictEqual(payload.sub, ann.id)
        assert.strictEqual(payload["sid"], (yield* ann.get("/auth/me")).json.session.id)
        assert.notProperty(keys.keys[0], "d")
      }))

    it.effect("are issued for known audiences only, and give no access here", () =>
      Effect.gen(function*() {
        const { send, signIn } = yield* TestHost
        const ann = yield* signIn()
        assertProblem(yield* ann.post("/auth/access-token", { audience: "elsewhere" }), 422, "audience_unknown")
        assertProblem(
          yield* send("POST", "/auth/access-token", { body: { audience: "chat" } }),
          401,
          "unauthenticated"
        )
        const { json } = yield* ann.post("/auth/access-token", { audience: "files" })
        assertProblem(yield* send("GET", "/auth/me", { token: json.accessToken }), 401, "unauthenticated")
      }))
  }
)

import { CallRepository } from "@dchat/domain/call"
import { hashToken, randomToken, SessionId, SessionRepository, UserId } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer, Logger, References } from "effect"
import { SecureRandom } from "effect/crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { MemoryPorts } from "../src/host/Layers.ts"
import { type Answer, memoryHost, TestHost, testHost } from "./support/TestHost.ts"

const friend = "https://friend.example"
const evil = "https://evil.example"

const assertProblem = (answer: Answer, status: number, code: string) => {
  assert.deepStrictEqual([answer.status, answer.json?.code], [status, code], answer.text)
  assert.strictEqual(answer.headers["content-type"], "application/problem+json")
}

/** Signs in as the page does, and returns the answer to the signature. */
const verify = Effect.fnUntraced(function*(fields: object, headers: Record<string, string> = {}) {
  const { send } = yield* TestHost
  const account = privateKeyToAccount(generatePrivateKey())
  const { json } = yield* send("POST", "/auth/wallet/nonce", {
    body: { address: account.address, chainId: 1 },
    headers
  })
  const signature = yield* Effect.promise(() => account.signMessage({ message: json.message }))
  const body = { nonceId: json.nonceId, signature, ...fields }
  return {
    body,
    message: json.message as string,
    answer: yield* send("POST", "/auth/wallet/verify", { body, headers })
  }
})

const cookieOf = ({ headers }: Answer) => String(headers["set-cookie"])

const folder = mkdtempSync(join(tmpdir(), "dchat-page-"))
mkdirSync(join(folder, "page", "assets"), { recursive: true })
writeFileSync(join(folder, "secret.txt"), "secret")
writeFileSync(join(folder, "page", "index.html"), "<!doctype html><title>page</title>")
writeFileSync(join(folder, "page", "assets", "index-Ab12Cd34.js"), "export {}")
const page = Layer.effectDiscard(Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true }))))

layer(Layer.merge(memoryHost({ allowedOrigins: [friend], webDirectory: join(folder, "page") }), page), {
  excludeTestServices: true
})("The host, to browsers", (it) => {
  it.effect("sets the session as a cookie that scripts cannot read, and returns no token", () =>
    Effect.gen(function*() {
      const { send, url } = yield* TestHost
      const { answer } = yield* verify({ transport: "cookie" }, { origin: url })
      assert.strictEqual(answer.status, 200, answer.text)
      assert.notProperty(answer.json, "token")
      for (const part of ["dchat_dev_session=dcs_", "HttpOnly", "SameSite=Lax", "Path=/"]) {
        assert.include(cookieOf(answer), part)
      }
      const cookie = cookieOf(answer).split(";", 1)[0] ?? ""
      assert.strictEqual((yield* send("GET", "/auth/me", { headers: { cookie } })).json.user.id, answer.json.user.id)

      const out = yield* send("POST", "/auth/logout", { headers: { cookie, origin: url } })
      assert.strictEqual(out.status, 204)
      assert.match(cookieOf(out), /dchat_dev_session=;.*Max-Age=0/)
      assertProblem(yield* send("GET", "/auth/me", { headers: { cookie } }), 401, "unauthenticated")
    }))

  it.effect("ends the former session of a browser that signs in again", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const ann = yield* signIn()
      const { answer } = yield* verify({}, { authorization: `Bearer ${ann.token}` })
      assert.strictEqual(answer.status, 200, answer.text)
      assertProblem(yield* ann.get("/auth/me"), 401, "unauthenticated")
      assert.strictEqual((yield* send("GET", "/auth/me", { token: answer.json.token })).status, 200)
    }))

  it.effect("accepts a signed message once, and only an issued message", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const used = yield* verify({})
      assertProblem(yield* send("POST", "/auth/wallet/verify", { body: used.body }), 401, "nonce_invalid")
      assertProblem((yield* verify({ message: "another" })).answer, 401, "siwe_mismatch")
      assertProblem((yield* verify({ signature: "0x00" })).answer, 401, "signature_invalid")
      assertProblem((yield* verify({ nonceId: "no-id" })).answer, 400, "invalid_request")
      const { message } = used
      assert.match(message, /^localhost:\d+ wants you to sign in with your Ethereum account:\n0x/)
    }))

  it.effect("does nothing for pages of other origins, in any spelling of the path", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const ann = yield* signIn()
      const cookie = `dchat_dev_session=${ann.token}`
      for (const path of ["/auth/logout", "//auth/logout", "/auth//logout", "/%61uth/logout"]) {
        for (const headers of [{ cookie, origin: evil }, { cookie, origin: "null" }, { cookie }]) {
          assert.isAtLeast((yield* send("POST", path, { headers })).status, 400, path)
        }
      }
      assertProblem(
        yield* send("POST", "/auth/logout", { headers: { cookie, origin: evil } }),
        403,
        "origin_not_allowed"
      )
      const crossSite = { cookie, "sec-fetch-site": "cross-site" }
      assertProblem(yield* send("POST", "/auth/logout", { headers: crossSite }), 403, "origin_not_allowed")
      assert.strictEqual((yield* ann.get("/auth/me")).status, 200)
      const sameOrigin = { cookie, "sec-fetch-site": "same-origin" }
      assert.strictEqual((yield* send("POST", "/auth/logout", { headers: sameOrigin })).status, 204)
    }))

  it.effect("refuses the bodies that a form of another page can send", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
        const answer = yield* send("POST", "/auth/wallet/nonce", { raw: "{}", headers: { "content-type": type } })
        assertProblem(answer, 415, "unsupported_media_type")
      }
      assertProblem(yield* send("POST", "/auth/wallet/nonce", { raw: "{}" }), 415, "unsupported_media_type")
    }))

  it.effect("lets pages of allowed origins read its answers, and no other pages", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const preflight = (origin: string) =>
        send("OPTIONS", "/api/webrtc/call/initiate", {
          headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" }
        })
      const allowed = yield* preflight(friend)
      assert.strictEqual(allowed.headers["access-control-allow-origin"], friend)
      assert.strictEqual(allowed.headers["access-control-allow-credentials"], "true")
      assert.include(String(allowed.headers["access-control-allow-headers"]), "idempotency-key")
      assert.isUndefined((yield* preflight(evil)).headers["access-control-allow-origin"])
      const refused = yield* send("GET", "/auth/me", { headers: { origin: friend } })
      assert.strictEqual(refused.headers["access-control-allow-origin"], friend)
      assert.isUndefined(
        (yield* send("GET", "/healthz", { headers: { origin: evil } })).headers[
          "access-control-allow-origin"
        ]
      )
    }))

  it.effect("answers under its own names only, and health checks under any name", () =>
    Effect.gen(function*() {
      const { port, send } = yield* TestHost
      const as = (host: string, path: string) => send("GET", path, { headers: { host } })
      for (const host of ["evil.example", `evil.example:${port}`, "localhost", `localhost:${port}@evil.example`]) {
        assertProblem(yield* as(host, "/auth/me"), 421, "host_not_allowed")
      }
      assertProblem(yield* as(`127.0.0.1:${port}`, "/auth/me"), 401, "unauthenticated")
      assert.strictEqual((yield* as("10.0.0.7", "/healthz")).status, 200)
      assert.strictEqual((yield* as("10.0.0.7", "/readyz")).status, 200)
    }))

  it.effect("serves the page, cached by its hashed names, and no file outside of its folder", () =>
    Effect.gen(function*() {
      const { port, send, url } = yield* TestHost
      const index = yield* send("GET", "/")
      assert.include(index.text, "<title>page")
      assert.strictEqual(index.headers["cache-control"], "no-cache")
      assert.include(String(index.headers["content-security-policy"]), "default-src 'self'")
      assert.include(String(index.headers["permissions-policy"]), "camera=(self)")
      const script = yield* send("GET", "/assets/index-Ab12Cd34.js")
      assert.include(String(script.headers["cache-control"]), "immutable")
      for (
        const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//../secret.txt", "/x%00.html"]
      ) {
        const answer = yield* send("GET", path)
        assert.isAtLeast(answer.status, 400, path)
        assert.notInclude(answer.text, "secret")
      }
      const other = yield* send("GET", "/?call=1", { headers: { host: `127.0.0.1:${port}` } })
      assert.deepStrictEqual([other.status, other.headers["location"]], [307, `${url}/?call=1`])
    }))

  it.effect("gives every answer an id: the client's own id if that is valid", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const named = yield* send("GET", "/auth/me", { headers: { "x-request-id": "abc-1" } })
      assert.deepStrictEqual([named.headers["x-request-id"], named.json.requestId], ["abc-1", "abc-1"])
      const odd = yield* send("GET", "/auth/me", { headers: { "x-request-id": "<script>".repeat(20) } })
      assert.match(String(odd.headers["x-request-id"]), /^[0-9a-f-]{36}$/)
      assert.strictEqual(odd.headers["www-authenticate"], "Bearer")
    }))
})

layer(memoryHost({ environment: "production", publicUrl: new URL("https://chat.example") }), {
  excludeTestServices: true
})("The host in production", (it) => {
  it.effect("keeps its cookie to HTTPS and to its own host", () =>
    Effect.gen(function*() {
      const { answer, message } = yield* verify({ transport: "cookie" }, {
        host: "chat.example",
        origin: "https://chat.example"
      })
      assert.match(cookieOf(answer), /^__Host-dchat_session=dcs_[^;]+;.*Secure/)
      assert.match(message, /^chat\.example wants/)
      assert.include(message, "URI: https://chat.example")
      assert.include(String(answer.headers["strict-transport-security"]), "max-age")
      const { port, send } = yield* TestHost
      assertProblem(yield* send("GET", "/auth/me", { headers: { host: `localhost:${port}` } }), 421, "host_not_allowed")
      const local = { host: "chat.example", origin: `http://localhost:${port}` }
      assertProblem(yield* send("POST", "/auth/logout", { headers: local }), 403, "origin_not_allowed")
    }))
})

const lines: Array<string> = []
const everything = Layer.mergeAll(
  Logger.layer([Logger.map(Logger.formatJson, (line) => void lines.push(line))]),
  Layer.succeed(References.MinimumLogLevel, "All")
)

layer(testHost(MemoryPorts).pipe(Layer.provideMerge(everything)), { excludeTestServices: true })(
  "The host, to its operators",
  (it) => {
    it.effect("refuses a session that has expired", () =>
      Effect.gen(function*() {
        const { send, signIn } = yield* TestHost
        const ann = yield* signIn()
        const sessions = yield* SessionRepository
        const token = yield* randomToken("dcs_")
        const past = DateTime.makeUnsafe("2020-01-01T00:00:00Z")
        yield* sessions.insert({
          id: SessionId.make(SecureRandom.uuidV7Unsafe()),
          userId: UserId.make(ann.id),
          authenticatedAt: past,
          createdAt: past,
          lastSeenAt: past,
          idleExpiresAt: DateTime.makeUnsafe("2020-01-08T00:00:00Z"),
          absoluteExpiresAt: DateTime.makeUnsafe("2020-01-31T00:00:00Z"),
          generation: 0
        }, yield* hashToken(token))
        assertProblem(yield* send("GET", "/auth/me", { token }), 401, "unauthenticated")
      }))

    it.effect("reports whether the database answers", () =>
      Effect.gen(function*() {
        const { send } = yield* TestHost
        assert.deepInclude((yield* send("GET", "/api/webrtc/health")).json, { status: "ok", database: true, bus: true })
        assert.isNumber(yield* (yield* CallRepository).countOpen)
      }))

    it.effect("logs no token, signature, session description or query", () =>
      Effect.gen(function*() {
        const { send, signIn } = yield* TestHost
        const [ann, bob] = [yield* signIn(), yield* signIn()]
        const { body } = yield* verify({})
        const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 SDP-SECRET\r\n"
        const call = yield* ann.post("/api/webrtc/call/initiate", { type: "audio", participants: [bob.id] })
        yield* ann.post(`/api/webrtc/call/${call.json.id}/offer`, { sdp })
        yield* ann.post(`/api/webrtc/call/${call.json.id}/offer`, { sdp: [sdp] })
        yield* send("GET", "/api/users?query=QUERY-SECRET", { token: ann.token })
        const log = lines.join("\n")
        assert.include(log, "POST /api/webrtc/call/initiate 201")
        for (const secret of [ann.token, body.signature, "SDP-SECRET", "QUERY-SECRET"]) assert.notInclude(log, secret)
      }))
  }
)

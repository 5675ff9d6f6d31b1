import { hashToken, SessionRepository } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { assertProblem, newBrowser } from "../support/Browser.ts"
import { RealtimeClient } from "../support/RealtimeClient.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

const addressOf = (key: `0x${string}`) => privateKeyToAccount(key).address
const signature = (key: `0x${string}`, message: string) =>
  Effect.promise(() => privateKeyToAccount(key).signMessage({ message }))

layer(memoryHost(), { excludeTestServices: true })("A session", (it) => {
  it.effect("is opened by its token only: not by a forged or cut token, or by the stored hash", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const { token } = yield* signIn()
      const hash = yield* hashToken(token)
      for (
        const forged of [
          `dcs_${"A".repeat(43)}`,
          token.slice(0, -1),
          `${token}A`,
          token.toUpperCase(),
          hash,
          `dcs_${hash}`,
          `dcs_${Buffer.from(hash, "hex").toString("base64url")}`,
          "null",
          "Bearer"
        ]
      ) {
        assertProblem(yield* send("GET", "/auth/me", { token: forged }), 401, "unauthenticated")
      }
    }))

  it.effect("ends after 7 days without use, and 30 days after its start", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const repository = yield* SessionRepository
      const now = yield* DateTime.now
      for (const field of ["idleExpiresAt", "absoluteExpiresAt"] as const) {
        const { get, token } = yield* signIn()
        const { json } = yield* get("/auth/me")
        const [found] = yield* repository.findByIds([json.session.id])
        const session = found?.session
        assert.isDefined(session)
        const days = field === "idleExpiresAt" ? 7 : 30
        const left = DateTime.distance(now, session[field])
        assert.isAtMost(Math.abs(Duration.toDays(left) - days), 0.01)
        yield* repository.insert(
          { ...session, [field]: DateTime.subtractDuration(now, Duration.seconds(1)) },
          yield* hashToken(token)
        )
        assertProblem(yield* send("GET", "/auth/me", { token }), 401, "unauthenticated")
      }
    }))

  it.effect("is never one that the client brought (fixation)", () =>
    Effect.gen(function*() {
      const browser = yield* newBrowser
      const planted = `dcs_${"B".repeat(43)}`
      browser.cookies.set("dchat_dev_session", planted)
      yield* browser.signInByWallet()
      assert.notStrictEqual(browser.session, planted)
      const before = browser.session ?? ""
      yield* browser.signInByWallet()
      const { send } = yield* TestHost
      assertProblem(yield* send("GET", "/auth/me", { token: before }), 401, "unauthenticated")
    }))

  it.effect("is named by a token or a cookie, not by both", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { token } = yield* signIn()
      const browser = yield* newBrowser
      yield* browser.signInByWallet()
      assertProblem(yield* browser.send("GET", "/auth/me", { token }), 400, "ambiguous_credentials")
    }))

  it.effect("continues under a new token, and lets the former token only read for a moment", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const { token } = yield* signIn()
      const first = yield* send("POST", "/auth/rotate", { token })
      assert.notStrictEqual(first.json.token, token)
      assert.strictEqual((yield* send("GET", "/auth/me", { token })).status, 200)
      for (
        const [method, path] of [
          ["POST", "/auth/rotate"],
          ["DELETE", "/auth/sessions"],
          ["POST", "/auth/logout"],
          ["POST", "/api/realtime/ticket"],
          ["GET", "/auth/merge"],
          ["GET", "/auth/linkedin/auth-url?mode=link"]
        ] as const
      ) {
        assertProblem(yield* send(method, path, { token }), 409, "token_replaced")
      }
      const second = yield* send("POST", "/auth/rotate", { token: first.json.token })
      assert.strictEqual(second.json.session.id, first.json.session.id)
      assert.strictEqual((yield* send("GET", "/auth/me", { token })).status, 200)
    }))

  it.effect("gives one of several concurrent rotations a valid token, and answers the others with 409", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const { token } = yield* signIn()
      const answers = yield* Effect.all(Array.from({ length: 8 }, () => send("POST", "/auth/rotate", { token })), {
        concurrency: "unbounded"
      })
      const [won, ...more] = answers.filter(({ status }) => status === 200)
      assert.lengthOf(more, 0)
      for (const answer of answers) if (answer !== won) assertProblem(answer, 409, "token_replaced")
      assert.strictEqual((yield* send("POST", "/auth/rotate", { token: won?.json.token })).status, 200)
    }))

  it.effect("ends when a former token is used late", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const repository = yield* SessionRepository
      const { token } = yield* signIn()
      const past = DateTime.subtractDuration(yield* DateTime.now, Duration.seconds(1))
      const { json } = yield* send("GET", "/auth/me", { token })
      const [found] = yield* repository.findByIds([json.session.id])
      assert.isDefined(found)
      const next = `dcs_${"N".repeat(43)}`
      yield* repository.replaceToken(found.session, yield* hashToken(next), past)
      assert.strictEqual((yield* send("GET", "/auth/me", { token: next })).status, 200)
      assertProblem(yield* send("GET", "/auth/me", { token }), 401, "unauthenticated")
      assertProblem(yield* send("GET", "/auth/me", { token: next }), 401, "unauthenticated")
    }))

  it.effect("closes the connections of a copied token when the other sessions are ended, and continues under a new token", () =>
    Effect.gen(function*() {
      const { send, signIn, url } = yield* TestHost
      const { token } = yield* signIn()
      const copied = yield* Effect.promise(() =>
        RealtimeClient.connect(`${url}/api/realtime`, { authorization: `Bearer ${token}` })
      )
      const { json } = yield* send("DELETE", "/auth/sessions", { token })
      assert.strictEqual(json.ended, 0)
      assert.strictEqual(yield* Effect.promise(() => copied.closed), 4003)
      assertProblem(yield* send("POST", "/api/realtime/ticket", { token }), 409, "token_replaced")
      assert.strictEqual((yield* send("POST", "/api/realtime/ticket", { token: json.token })).status, 200)
      const browser = yield* newBrowser
      yield* browser.signInByWallet()
      const before = browser.session
      assert.deepStrictEqual((yield* browser.send("DELETE", "/auth/sessions")).json, { ended: 0 })
      assert.notStrictEqual(browser.session, before)
    }))

  it.effect("is listed with the other sessions of its user, each of which can be ended", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const key = generatePrivateKey()
      const here = yield* signIn(key)
      const there = yield* signIn(key)
      const third = yield* signIn(key)
      const stranger = yield* signIn()
      const { json } = yield* here.get("/auth/sessions")
      assert.strictEqual(json.items.length, 3)
      assert.strictEqual(json.items.filter(({ current }: { readonly current: boolean }) => current).length, 1)
      assert.notInclude(JSON.stringify(json), "dcs_")
      const thereId = (yield* there.get("/auth/me")).json.session.id
      const end = (token: string, id: string) => send("DELETE", `/auth/sessions/${id}`, { token })
      assertProblem(yield* end(stranger.token, thereId), 404, "session_not_found")
      assertProblem(yield* end(here.token, "019a0000-0000-7000-8000-000000000000"), 404, "session_not_found")
      assert.strictEqual((yield* end(here.token, thereId)).status, 204)
      assertProblem(yield* there.get("/auth/me"), 401, "unauthenticated")
      const others = yield* send("DELETE", "/auth/sessions", { token: here.token })
      assert.strictEqual(others.json.ended, 1)
      assertProblem(yield* third.get("/auth/me"), 401, "unauthenticated")
      assert.strictEqual((yield* here.get("/auth/me")).status, 200)
      assert.strictEqual((yield* stranger.get("/auth/me")).status, 200)
    }))

  it.effect("closes its realtime connections when it ends, and notifies them of changes", () =>
    Effect.gen(function*() {
      const { send, signIn, url } = yield* TestHost
      const key = generatePrivateKey()
      const here = yield* signIn(key)
      const there = yield* signIn(key)
      const connect = (token: string) =>
        Effect.promise(async () => {
          const client = await RealtimeClient.connect(`${url}/api/realtime`, { authorization: `Bearer ${token}` })
          await client.hello("device")
          return client
        })
      const [mine, theirs] = [yield* connect(here.token), yield* connect(there.token)]
      yield* send("PATCH", "/auth/me", { token: here.token, body: { displayName: "Ann", company: "Acme" } })
      yield* Effect.promise(() => theirs.find(({ type }) => type === "identity.changed"))
      // Linking ends the user's other sessions. This session continues under another token, with another connection.
      const account = generatePrivateKey()
      const nonce = yield* here.post("/auth/wallet/nonce", { address: addressOf(account), chainId: 1, purpose: "link" })
      const linked = yield* here.post("/auth/wallet/link", {
        nonceId: nonce.json.nonceId,
        signature: yield* signature(account, nonce.json.message)
      })
      assert.strictEqual(linked.status, 200, linked.text)
      assert.strictEqual(yield* Effect.promise(() => theirs.closed), 4001)
      assert.strictEqual(yield* Effect.promise(() => mine.closed), 4003)
      const again = yield* connect(linked.json.token)
      assert.strictEqual((yield* Effect.promise(() => again.request({ type: "ping" }))).type, "pong")
      yield* send("POST", "/auth/logout", { token: linked.json.token })
      assert.strictEqual(yield* Effect.promise(() => again.closed), 4001)
    }))

  it.effect("records activity that its user can read, page by page", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const { token } = yield* signIn()
      for (const displayName of ["A", "B", "C", "D"]) {
        yield* send("PATCH", "/auth/me", { token, body: { displayName } })
      }
      const seen: Array<number> = []
      let path = "/auth/activity?limit=3"
      for (;;) {
        const { json } = yield* send("GET", path, { token })
        for (const { seq } of json.items) seen.push(seq)
        if (json.nextCursor === undefined) break
        path = `/auth/activity?limit=3&cursor=${json.nextCursor}`
      }
      assert.deepStrictEqual(seen, [7, 6, 5, 4, 3, 2, 1])
      assertProblem(yield* send("GET", "/auth/activity?limit=0", { token }), 400, "invalid_request")
      assertProblem(yield* send("GET", "/auth/activity?cursor=x", { token }), 400, "invalid_request")
    }))

  it.effect("gives no access token if none is configured", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const { post } = yield* signIn()
      assertProblem(yield* post("/auth/access-token", { audience: "chat" }), 503, "access_tokens_not_configured")
      assert.deepStrictEqual((yield* send("GET", "/.well-known/jwks.json")).json, { keys: [] })
    }))
})

import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { backends } from "../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts } from "../src/host/Layers.ts"
import { type Answer, memoryHost, type SomeBody, TestHost, testHost } from "./support/TestHost.ts"

const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB:CD\r\n" +
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"
const candidate = (port: number) => ({ candidate: `candidate:1 1 udp 1 127.0.0.1 ${port} typ host`, sdpMid: "0" })
const unknown = "01984ab2-0000-7000-8000-0000000000ff"

/** A problem document with this status and code. */
const assertProblem = (answer: Answer, status: number, code: string) => {
  assert.deepStrictEqual([answer.status, answer.json?.code], [status, code], answer.text)
  assert.strictEqual(answer.headers["content-type"], "application/problem+json")
  assert.strictEqual(answer.json.type, `urn:dchat:problem:${code}`)
  assert.strictEqual(answer.json.requestId, answer.headers["x-request-id"])
}

const initiate = (from: SomeBody, to: SomeBody, headers: Record<string, string> = {}) =>
  from.post("/api/webrtc/call/initiate", { type: "audio", participants: [to.id] }, { headers })

const two = Effect.gen(function*() {
  const { signIn } = yield* TestHost
  return [yield* signIn(), yield* signIn()] as const
})

/** Two users in an answered call. */
const answered = Effect.gen(function*() {
  const [ann, bob] = yield* two
  const { json } = yield* initiate(ann, bob)
  const path = `/api/webrtc/call/${json.id}`
  assert.strictEqual((yield* bob.post(`${path}/accept`)).json.state, "connected")
  return { ann, bob, path }
})

const hosts = [
  { name: "in memory", host: memoryHost() },
  ...backends.map(({ layer: database, name }) => ({
    name: `on ${name}`,
    host: testHost(
      DatabasePorts.pipe(Layer.provide(database))
    )
  }))
]

for (const { host, name } of hosts) {
  layer(host)(`REST, ${name}`, (it) => {
    it.effect("carries a call by polling only: initiate, offer, answer, candidates, get, end", () =>
      Effect.gen(function*() {
        const [ann, bob] = yield* two
        const placed = yield* initiate(ann, bob)
        assert.strictEqual(placed.status, 201)
        const path = `/api/webrtc/call/${placed.json.id}`
        const ahead = yield* ann.post(`${path}/ice-candidate`, { candidate: candidate(0) })
        assert.strictEqual(ahead.status, 202)
        assert.deepStrictEqual((yield* bob.get(path)).json.inbox, [])
        assert.strictEqual((yield* ann.post(`${path}/offer`, { sdp })).status, 202)
        assert.strictEqual((yield* ann.post(`${path}/ice-candidate`, { candidate: candidate(1) })).status, 202)

        const active = yield* bob.get("/api/webrtc/calls/active")
        assert.strictEqual(active.json.items[0].id, placed.json.id)
        const rings = yield* bob.get(path)
        assert.deepInclude(rings.json.inbox[0], { type: "offer", from: ann.id, negotiation: 1, sdp })
        assert.deepInclude(rings.json.inbox[1], { type: "candidates", candidates: [candidate(0)] })
        assert.deepInclude(rings.json.inbox[2], { type: "candidates", candidates: [candidate(1)] })
        assert.strictEqual((yield* bob.post(`${path}/answer`, { sdp })).status, 202)
        assert.strictEqual((yield* bob.post(`${path}/ice-candidate`, { candidates: [candidate(2)] })).status, 202)

        const talks = yield* ann.get(`${path}?after=0`)
        assert.strictEqual(talks.json.state, "connected")
        assert.deepStrictEqual(talks.json.inbox.map(({ type }: { type: string }) => type), ["answer", "candidates"])
        assert.strictEqual((yield* ann.post(`${path}/link`, { state: "up" })).json.links[0].state, "up")
        const ended = yield* ann.post(`${path}/end`, {})
        assert.deepInclude(ended.json, { state: "disconnected", endReason: "hangup" })
        for (const person of [ann, bob]) {
          const history = yield* person.get("/api/webrtc/calls/history")
          assert.deepInclude(history.json.items[0], { id: placed.json.id, outcome: "answered" })
        }
        assert.deepStrictEqual((yield* bob.get(path)).json.inbox, [])
      }))

    it.effect("carries out a request with an idempotency key once", () =>
      Effect.gen(function*() {
        const [ann, bob] = yield* two
        const key = { "idempotency-key": "key-1" }
        const first = yield* initiate(ann, bob, key)
        const again = yield* initiate(ann, bob, key)
        assert.deepStrictEqual([first.status, again.status], [201, 200])
        assert.strictEqual(again.json.id, first.json.id)
        const other = yield* ann.post("/api/webrtc/call/initiate", { type: "video", participants: [bob.id] }, {
          headers: key
        })
        assertProblem(other, 409, "idempotency_conflict")
      }))

    it.effect("merges the calls of two users who call each other", () =>
      Effect.gen(function*() {
        const [ann, bob] = yield* two
        const first = yield* initiate(ann, bob)
        const second = yield* initiate(bob, ann)
        assert.deepStrictEqual([second.status, second.json.id], [200, first.json.id])
        assert.strictEqual(second.json.state, "connected")
      }))

    it.effect("pages through the history, newest first", () =>
      Effect.gen(function*() {
        const [ann, bob] = yield* two
        const ids: Array<string> = []
        for (let index = 0; index < 3; index++) {
          const { json } = yield* initiate(ann, bob)
          ids.unshift(json.id)
          yield* bob.post(`/api/webrtc/call/${json.id}/decline`, {})
        }
        const first = yield* ann.get("/api/webrtc/calls/history?limit=2")
        const rest = yield* ann.get(`/api/webrtc/calls/history?limit=2&cursor=${first.json.nextCursor}`)
        const items = [...first.json.items, ...rest.json.items]
        assert.deepStrictEqual(items.map(({ id }) => id), ids)
        assert.isUndefined(rest.json.nextCursor)
        assert.deepStrictEqual(items.map(({ outcome }) => outcome), ["declined", "declined", "declined"])
      }))
  })
}

layer(memoryHost())("REST, given invalid input", (it) => {
  it.effect("answers malformed requests with a problem", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const { ann } = yield* answered
      const json = { "content-type": "application/json" }
      const raw = (text: string) =>
        send("POST", "/api/webrtc/call/initiate", { token: ann.token, raw: text, headers: json })
      assertProblem(yield* raw("{"), 400, "invalid_json")
      assertProblem(yield* raw(`{"type":"smoke","participants":[]}`), 400, "invalid_request")
      assertProblem(yield* raw(`"${"x".repeat(257 * 1024)}"`), 413, "payload_too_large")
      assertProblem(yield* ann.get("/api/webrtc/call/not-an-id"), 400, "invalid_request")
      assertProblem(yield* ann.get("/api/nothing"), 404, "not_found")
      assertProblem(yield* send("PUT", "/auth/me", { token: ann.token }), 405, "method_not_allowed")
      const form = { "content-type": "text/plain" }
      const typed = yield* send("POST", "/api/webrtc/call/initiate", { token: ann.token, raw: "{}", headers: form })
      assertProblem(typed, 415, "unsupported_media_type")
    }))

  it.effect("hides calls from users who are not in them", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { path } = yield* answered
      const eve = yield* signIn()
      assertProblem(yield* eve.get(path), 404, "call_not_found")
      assertProblem(yield* eve.post(`${path}/end`, {}), 404, "call_not_found")
      assertProblem(yield* eve.post(`${path}/offer`, { sdp }), 404, "call_not_found")
      assertProblem(yield* eve.get(`/api/webrtc/call/${unknown}`), 404, "call_not_found")
    }))

  it.effect("refuses a token that is forged or was replaced", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const ann = yield* signIn()
      assertProblem(yield* send("GET", "/auth/me"), 401, "unauthenticated")
      assertProblem(yield* send("GET", "/auth/me", { token: `dcs_${"A".repeat(43)}` }), 401, "unauthenticated")
      assertProblem(yield* send("GET", "/auth/me", { token: ann.token.slice(0, -1) }), 401, "unauthenticated")
      const both = { cookie: `dchat_dev_session=${ann.token}` }
      assertProblem(yield* ann.get("/auth/me", { headers: both }), 400, "ambiguous_credentials")
      yield* ann.post("/auth/logout")
      assertProblem(yield* ann.get("/auth/me"), 401, "unauthenticated")
    }))

  it.effect("refuses signalling that no browser could use", () =>
    Effect.gen(function*() {
      const { ann, path } = yield* answered
      const offer = (text: string) => ann.post(`${path}/offer`, { sdp: text })
      assertProblem(yield* offer(sdp.replace(/a=fingerprint.*\r\n/, "")), 422, "invalid_sdp")
      assertProblem(yield* offer(sdp + "a=x\r\n".repeat(14_000)), 422, "invalid_sdp")
      assertProblem(yield* offer("v=0"), 422, "invalid_sdp")
      yield* offer(sdp)
      const trickle = (candidates: ReadonlyArray<object>) => ann.post(`${path}/ice-candidate`, { candidates })
      assertProblem(yield* trickle([{ candidate: "c".repeat(2048) }]), 400, "invalid_request")
      const many = Array.from({ length: 65 }, (_, port) => candidate(port + 1))
      assertProblem(yield* trickle(many), 422, "too_many_candidates")
    }))

  it.effect("refuses commands in the wrong state, each with its code", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { ann, bob, path } = yield* answered
      const cat = yield* signIn()
      assertProblem(yield* ann.post(`${path}/answer`, { sdp }), 409, "no_open_offer")
      assertProblem(yield* bob.post(`${path}/offer`, { sdp }), 409, "not_offerer")
      assertProblem(
        yield* ann.post(`${path}/ice-candidate`, { candidate: candidate(1), negotiation: 2 }),
        409,
        "stale_negotiation"
      )
      assertProblem(yield* ann.post(`${path}/kick`, { userId: bob.id }), 403, "not_host")
      assertProblem(yield* ann.post(`${path}/invite`, { userId: unknown }), 422, "unknown_participant")
      assertProblem(yield* initiate(ann, cat), 409, "in_another_call")
      yield* ann.post(`${path}/offer`, { sdp })
      assertProblem(yield* bob.post(`${path}/offer`, { sdp: `${sdp}a=x\r\n` }), 409, "offer_conflict")
      yield* ann.post(`${path}/end`, {})
      assertProblem(yield* bob.post(`${path}/accept`), 409, "call_over")
      assert.strictEqual((yield* bob.post(`${path}/end`, {})).status, 200)
    }))

  it.effect("prevents pages of other origins and names from acting for users", () =>
    Effect.gen(function*() {
      const { send, signIn, url } = yield* TestHost
      const ann = yield* signIn()
      const cookie = `dchat_dev_session=${ann.token}`
      const logout = (headers: Record<string, string>) => send("POST", "/auth/logout", { headers })
      assertProblem(yield* logout({ cookie }), 403, "origin_not_allowed")
      assertProblem(yield* logout({ cookie, origin: "https://evil.example" }), 403, "origin_not_allowed")
      assertProblem(yield* send("GET", "/auth/me", { headers: { host: "evil.example" } }), 421, "host_not_allowed")
      assert.isBelow((yield* logout({ cookie, origin: url })).status, 300)
    }))

  it.effect("describes every path in /openapi.json", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const { json } = yield* send("GET", "/openapi.json")
      for (
        const path of [
          "/api/webrtc/call/initiate",
          "/api/webrtc/call/{id}/offer",
          "/api/webrtc/call/{id}/ice-candidate",
          "/api/webrtc/calls/history",
          "/auth/wallet/verify",
          "/api/realtime/ticket",
          "/readyz"
        ]
      ) assert.property(json.paths, path)
      assert.strictEqual((yield* send("GET", "/docs")).status, 200)
    }))
})

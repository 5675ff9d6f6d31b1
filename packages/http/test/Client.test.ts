import { CallFull, CallId, NotOfferer, TooManyOffers } from "@dchat/domain/call"
import { DisplayName, UserId } from "@dchat/domain/identity"
import { Api, problemOf, problemTable } from "@dchat/http/api"
import { makeClient } from "@dchat/http/client"
import { assert, describe, it, layer } from "@effect/vitest"
import { DateTime, Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { OpenApi } from "effect/http-api"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB:CD\r\n" +
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"

const clientOf = (person?: SomeBody) =>
  Effect.flatMap(TestHost, ({ url }) => makeClient({ baseUrl: url, token: person && Redacted.make(person.token) }))
    .pipe(
      Effect.provide(FetchHttpClient.layer)
    )

const unknown = CallId.make("01984ab2-0000-7000-8000-0000000000ff")

layer(memoryHost())("The typed client", (it) => {
  it.effect("places a call and follows it", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const [anns, bobs] = [yield* clientOf(ann), yield* clientOf(bob)]
      const bobId = UserId.make(bob.id)
      const placed = yield* anns.calls.initiate({ headers: {}, payload: { type: "audio", participants: [bobId] } })
      const params = { id: placed.id }
      yield* anns.calls.offer({ params, headers: {}, payload: { sdp } })
      const { items, seq } = yield* bobs.calls.events({ params, headers: {}, query: {} })
      assert.deepStrictEqual(items.map(({ event }) => event.type), ["Invited", "Offer"])
      assert.strictEqual(seq, items.at(-1)?.seq)
      const declined = yield* bobs.calls.decline({ params, headers: {}, payload: {} })
      assert.strictEqual(declined.endReason, "declined")
      const history = yield* bobs.calls.history({ query: { outcome: "declined", peer: UserId.make(ann.id) } })
      assert.deepStrictEqual(history.items.map(({ id }) => id), [placed.id])
      const renamed = yield* bobs.auth.editProfile({ payload: { displayName: DisplayName.make("Bob") } })
      assert.strictEqual(renamed.user.displayName, "Bob")
      yield* bobs.auth.logout()
      assert.strictEqual((yield* Effect.flip(bobs.auth.me()))._tag, "Unauthenticated")
    }))

  it.effect("fails with the errors of the domain and their fields", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const [anns, bobs] = [yield* clientOf(ann), yield* clientOf(bob)]
      const missing = yield* Effect.flip(anns.calls.get({ params: { id: unknown }, headers: {}, query: {} }))
      assert.deepInclude(missing, { _tag: "CallNotFound", callId: unknown })
      const payload = { type: "audio", participants: [UserId.make(bob.id)] } as const
      const { id } = yield* anns.calls.initiate({ headers: {}, payload })
      const params = { id }
      yield* bobs.calls.accept({ params, headers: {} })
      const early = yield* Effect.flip(bobs.calls.offer({ params, headers: {}, payload: { sdp } }))
      assert.deepInclude(early, { _tag: "NotOfferer", offerer: UserId.make(ann.id) })
      const nobody = yield* Effect.flip((yield* clientOf()).auth.me())
      assert.strictEqual(nobody._tag, "Unauthenticated")
    }))

  it.effect("reports how long to wait after too many offers", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const { json } = yield* ann.post("/api/webrtc/call/initiate", { type: "audio", participants: [bob.id] })
      const path = `/api/webrtc/call/${json.id}`
      yield* bob.post(`${path}/accept`)
      for (let round = 0; round < 5; round++) {
        assert.strictEqual((yield* ann.post(`${path}/offer`, { sdp: `${sdp}a=x:${round}\r\n` })).status, 202)
        assert.strictEqual((yield* bob.post(`${path}/answer`, { sdp: `${sdp}a=y:${round}\r\n` })).status, 202)
      }
      const refused = yield* ann.post(`${path}/offer`, { sdp: `${sdp}a=x:5\r\n` })
      assert.deepStrictEqual([refused.status, refused.json.code], [429, "rate_limited"])
      const seconds = Number(refused.headers["retry-after"])
      assert.isTrue(seconds >= 1 && seconds <= 60, String(refused.headers["retry-after"]))
      const client = yield* clientOf(ann)
      const failure = yield* Effect.flip(
        client.calls.offer({ params: { id: json.id }, headers: {}, payload: { sdp: `${sdp}a=x:6\r\n` } })
      )
      assert.instanceOf(failure, TooManyOffers)
    }))
})

describe("Problems", () => {
  it("have the fields of the error, with times as text, and nothing about its cause", () => {
    const retryAt = DateTime.makeUnsafe("2026-01-01T12:00:00.500Z")
    assert.deepStrictEqual(problemOf(new TooManyOffers({ retryAt }), "r1"), {
      type: "urn:dchat:problem:rate_limited",
      title: "Too many offers on this link",
      status: 429,
      code: "rate_limited",
      requestId: "r1",
      retryAt: "2026-01-01T12:00:00.500Z"
    })
    assert.deepInclude(problemOf(new CallFull({ limit: 8 }), "r2"), { code: "call_full", limit: 8 })
    assert.notProperty(problemOf(new NotOfferer({ offerer: UserId.make(unknown) }), "r3"), "stack")
  })

  it("have codes of one form, and an error status", () => {
    for (const { code, status } of Object.values(problemTable)) {
      assert.match(code, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
      assert.isTrue(status >= 400 && status < 600)
    }
  })

  it("are declared in the description of the API, each with its status and media type", () => {
    const { paths } = OpenApi.fromApi(Api)
    const offer = paths["/api/webrtc/call/{id}/offer"]?.post?.responses ?? {}
    assert.deepStrictEqual(
      Object.keys(offer).toSorted(),
      ["202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"]
    )
    for (const methods of Object.values(paths)) {
      for (const method of ["get", "post", "patch"] as const) {
        for (const [status, response] of Object.entries(methods[method]?.responses ?? {})) {
          if (Number(status) < 400) continue
          assert.deepStrictEqual(Object.keys(response.content ?? {}), ["application/problem+json"], status)
        }
      }
    }
  })
})

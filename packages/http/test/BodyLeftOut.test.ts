import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Api } from "../src/api/Api.ts"
import { apiDocument } from "../src/api/docs/ApiDocument.ts"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const bodies = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).flatMap(({ identifier, method, path, payload }) =>
    [...payload.values()].map(({ schemas }) => ({
      in: `${group.identifier}.${identifier}`,
      path: path.replaceAll(/:(\w+)/g, "{$1}"),
      method: method.toLowerCase() as "post" | "patch",
      decode: Schema.decodeUnknownExit(Schema.Union(schemas as ReadonlyArray<Schema.Codec<unknown, unknown>>))
    }))
  )
)

const withoutMembers = bodies.filter(({ decode }) => Exit.isSuccess(decode({})))

describe("Every body of the contract without required members", () => {
  it("is optional in the description of the API, and every other body is required", () => {
    assert.includeMembers(withoutMembers.map((body) => body.in), [
      "auth.editProfile",
      "calls.decline",
      "calls.end",
      "calls.media",
      "subscriptions.cancel",
      "subscriptions.renew"
    ])
    const { paths } = apiDocument()
    for (const body of bodies) {
      const required: boolean | undefined = paths[body.path]?.[body.method]?.requestBody?.required
      assert.strictEqual(required, !withoutMembers.includes(body), body.in)
    }
  })
})

/** How clients send nothing. */
const nothings = [
  {},
  { headers: { "content-length": "0" } },
  { headers: { "content-type": "application/json", "content-length": "0" } },
  { headers: { "content-type": "text/plain;charset=UTF-8", "content-length": "0" } },
  { headers: { "content-type": "application/json" } },
  { body: {} }
]

layer(memoryHost())("Over HTTP", (it) => {
  const ring = (caller: SomeBody, callee: SomeBody) =>
    Effect.map(
      caller.post("/api/webrtc/call/initiate", { type: "audio", participants: [callee.id] }),
      ({ json }) => `/api/webrtc/call/${json.id}`
    )

  it.effect("a call ends and is declined by a request without a body, whatever its content type", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      for (const nothing of nothings) {
        const [ann, bob] = [yield* signIn(), yield* signIn()]
        const ended = yield* ring(ann, bob)
        assert.strictEqual((yield* ann.post(`${ended}/end`, undefined, nothing)).status, 200, JSON.stringify(nothing))
        assert.deepStrictEqual((yield* bob.get("/api/webrtc/calls/active")).json.items, [])
        const declined = yield* ring(ann, bob)
        assert.strictEqual((yield* bob.post(`${declined}/decline`, undefined, nothing)).status, 200)
        assert.deepStrictEqual((yield* ann.get("/api/webrtc/calls/active")).json.items, [])
      }
    }))

  it.effect("every body without required members may be left out, with the same effect", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const { token } = yield* signIn()
      for (const body of withoutMembers) {
        const path = body.path.replace("{id}", "01984ab2-0000-7000-8000-000000000001")
        const empty = yield* send(body.method.toUpperCase(), path, { token, body: {} })
        assert.notInclude(["invalid_request", "not_found"], empty.json.code, empty.text)
        for (const nothing of nothings) {
          const { json, status } = yield* send(body.method.toUpperCase(), path, { token, ...nothing })
          assert.deepStrictEqual([status, json.code], [empty.status, empty.json.code], body.in)
        }
      }
    }))

  it.effect("a body with required members is still required", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      for (const nothing of nothings) {
        const refused = yield* ann.post("/api/webrtc/call/initiate", undefined, nothing)
        assert.strictEqual(refused.json.code, "invalid_request", refused.text)
      }
    }))
})

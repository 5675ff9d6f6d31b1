import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Schema, SchemaAST } from "effect"
import { Api } from "../src/api/Api.ts"
import { memoryHost, TestHost } from "./support/TestHost.ts"

const alternatives = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  SchemaAST.isUnion(ast) ? ast.types.flatMap(alternatives) : [ast]

/** The members of what is sent that may be left out, and whether each may be null. */
const leftOut = (schema: Schema.Top) =>
  alternatives(Schema.toEncoded(schema).ast).flatMap((ast) =>
    SchemaAST.isObjects(ast)
      ? ast.propertySignatures.flatMap(({ name, type }) =>
        SchemaAST.isOptional(type)
          ? [{ name: String(name), isNullable: alternatives(type).some(SchemaAST.isNull) }]
          : []
      )
      : []
  )

const bodies = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).flatMap(({ identifier, payload }) =>
    [...payload.values()].flatMap(({ schemas }) =>
      schemas.flatMap((schema: Schema.Top) =>
        leftOut(schema).map(({ isNullable, name }) => ({ name, isNullable, in: `${group.identifier}.${identifier}` }))
      )
    )
  )
)

describe("Every body of the contract", () => {
  it("accepts null for each optional member", () => {
    assert.includeDeepMembers(bodies, [
      { name: "displayName", isNullable: true, in: "auth.editProfile" },
      { name: "reason", isNullable: true, in: "calls.decline" },
      { name: "autoRenew", isNullable: true, in: "subscriptions.create" }
    ])
    assert.deepStrictEqual(bodies.filter(({ isNullable }) => !isNullable), [])
  })
})

layer(memoryHost())("Over REST", (it) => {
  it.effect("null means what a browser means: the end of candidates, or a missing value", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const placed = yield* ann.post("/api/webrtc/call/initiate", {
        type: "audio",
        participants: [bob.id],
        groupId: null
      })
      assert.strictEqual(placed.status, 201, placed.text)
      assert.notProperty(placed.json, "groupId")
      const path = `/api/webrtc/call/${placed.json.id}`
      const sdp = "v=0\r\na=fingerprint:sha-256 AB:CD\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
      const offered = yield* ann.post(`${path}/offer`, { sdp, to: null, negotiation: null })
      assert.strictEqual(offered.status, 202, offered.text)
      const candidate = { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0", usernameFragment: null }
      for (
        const body of [
          { candidate, endOfCandidates: false },
          { candidates: [{ candidate: "", sdpMid: "0" }], candidate: null },
          { candidate: null }
        ]
      ) {
        const sent = yield* ann.post(`${path}/ice-candidate`, body)
        assert.strictEqual(sent.status, 202, sent.text)
      }
      const { json } = yield* bob.get(path)
      const [, ...trickled] = json.inbox as ReadonlyArray<{ candidates: unknown; endOfCandidates?: boolean }>
      assert.deepStrictEqual(
        trickled.map(({ candidates, endOfCandidates }) => [candidates, endOfCandidates]),
        [[[candidate], undefined], [[{ candidate: "", sdpMid: "0" }], undefined], [[], true]]
      )
    }))

  it.effect("a call names at most as many users as can be looked up at once", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const ann = yield* signIn()
      const participants = Array.from({ length: 65 }, (_, index) => `01984ab2-0000-7000-8000-0000000${10_000 + index}`)
      const refusal = yield* ann.post("/api/webrtc/call/initiate", { type: "audio", participants })
      assert.strictEqual(refusal.json.code, "invalid_request")
      assert.deepStrictEqual(refusal.json.issues[0].path, ["payload", "participants"])
    }))
})

import { FinishedCalls } from "@dchat/domain/call"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { layer as database } from "../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts } from "../src/host/Layers.ts"
import { connected, online, promise } from "./support/talking.ts"
import { TestHost, testHost } from "./support/TestHost.ts"

const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB:CD\r\n" +
  "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"

const candidate = { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0" }

layer(testHost(Layer.provideMerge(DatabasePorts, database)), { excludeTestServices: true })("A finished call", (it) => {
  it.effect(
    "is told to a client that returns, and has a timeline, a history and an end for late requests",
    () =>
      Effect.gen(function*() {
        const { signIn } = yield* TestHost
        const { move } = yield* FinishedCalls
        const [ann, bob] = [yield* signIn(), yield* signIn()]
        const place = ann.post("/api/webrtc/call/initiate", { type: "audio", participants: [bob.id] }, {
          headers: { "idempotency-key": "once" }
        })
        const { id: callId } = (yield* place).json
        const path = `/api/webrtc/call/${callId}`
        const first = yield* online(bob, "b")
        yield* promise(() => first.find(({ type }) => type === "call.snapshot"))
        yield* promise(() => first.request({ type: "call.accept", callId }))
        yield* ann.post(`${path}/offer`, { sdp })
        yield* promise(() => first.event("Offer"))
        const known = Number(first.events().at(-1)?.[1])
        first.terminate()
        yield* bob.post(`${path}/answer`, { sdp }, { device: "b" })
        yield* bob.post(`${path}/ice-candidate`, { negotiation: 1, candidates: [candidate] }, { device: "b" })
        yield* ann.post(`${path}/ice-candidate`, { negotiation: 1, candidates: [candidate] })
        assert.strictEqual((yield* ann.post(`${path}/end`, {})).status, 200)
        assert.strictEqual(yield* move(DateTime.add(yield* DateTime.now, { minutes: 1 }), 10), 1)

        const again = yield* connected(bob)
        yield* promise(() => again.hello("b", { [callId]: known }))
        const snapshot = yield* promise(() => again.find(({ type }) => type === "call.snapshot"))
        assert.deepInclude(snapshot, { callId, inbox: [] })
        assert.deepInclude(snapshot["call"] as object, { state: "disconnected", endReason: "hangup" })
        const seqOfEnd = Number(snapshot["seq"])

        const { json: { items, seq } } = yield* bob.get(`${path}/events?after=${known}`)
        assert.strictEqual(seq, seqOfEnd)
        let last = known
        for (const item of items) {
          assert.isAtMost(item.after, last)
          assert.notInclude(["Offer", "Answer", "Candidates"], item.event.type)
          last = item.seq
        }
        assert.strictEqual(items.at(-1).event.type, "CallEnded")
        assert.strictEqual(last, seqOfEnd)

        const late = yield* bob.post(`${path}/ice-candidate`, { negotiation: 1, candidates: [candidate] }, {
          device: "b"
        })
        assert.deepStrictEqual([late.status, late.json.code], [409, "call_over"])
        const repeated = yield* place
        assert.deepStrictEqual([repeated.status, repeated.json.id], [200, callId])
        const history = yield* bob.get("/api/webrtc/calls/history")
        assert.deepStrictEqual(
          history.json.items.map((item: Record<string, unknown>) => [item["id"], item["outcome"]]),
          [[callId, "answered"]]
        )
        assert.deepStrictEqual((yield* bob.get("/api/webrtc/calls/active")).json.items, [])
      }),
    30_000
  )
})

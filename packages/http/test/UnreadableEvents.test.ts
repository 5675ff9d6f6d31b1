import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { layer as database } from "../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts } from "../src/host/Layers.ts"
import { RealtimeClient } from "./support/RealtimeClient.ts"
import { type SomeBody, TestHost, testHost } from "./support/TestHost.ts"

const promise = <A>(make: () => Promise<A>) => Effect.promise(make)

const online = Effect.fnUntraced(function*(person: SomeBody, device: string, resume?: Record<string, number>) {
  const { url } = yield* TestHost
  const { json } = yield* person.post("/api/realtime/ticket")
  const client = yield* Effect.acquireRelease(
    promise(() => RealtimeClient.connect(`${url}/api/realtime?ticket=${json.ticket}`)),
    (client) => Effect.sync(() => client.terminate())
  )
  yield* promise(() => client.hello(device, resume))
  return client
})

layer(testHost(Layer.provideMerge(DatabasePorts, database)), { excludeTestServices: true })("A damaged event", (it) => {
  it.effect(
    "of a call prevents no user from connecting, who gets a snapshot in its place",
    () =>
      Effect.gen(function*() {
        const { signIn } = yield* TestHost
        const sql = yield* SqlClient.SqlClient
        const [ann, bob] = [yield* signIn(), yield* signIn()]
        const placed = yield* ann.post("/api/webrtc/call/initiate", { type: "audio", participants: [bob.id] })
        assert.strictEqual(placed.status, 201, placed.text)
        const { id: callId } = placed.json
        const first = yield* online(bob, "b")
        yield* promise(() => first.find(({ type }) => type === "call.snapshot"))
        const accepted = yield* promise(() => first.request({ type: "call.accept", callId }))
        assert.isTrue(accepted["ok"])
        yield* promise(() => first.event("Accepted"))
        const [known = assert.fail("no event")] = first.events().map(([, seq]) => seq)
        yield* promise(() => first.request({ type: "call.media", callId, audio: true }))
        yield* promise(() => first.event("MediaChanged"))
        first.terminate()
        const [{ seq } = assert.fail("no event")] = yield* sql<{ readonly seq: number }>`
        UPDATE call_events SET event = '{"_tag": "OfTomorrow"}' WHERE call_id = ${callId} AND type = 'MediaChanged'
        RETURNING seq`

        for (const resume of [{ [callId]: known }, { [callId]: seq - 1 }, undefined]) {
          const again = yield* online(bob, "b", resume)
          const snapshot = yield* promise(() => again.find(({ type }) => type === "call.snapshot"))
          assert.strictEqual(snapshot["callId"], callId)
          assert.isAtLeast(Number(snapshot["seq"]), seq)
          assert.notInclude(again.events().map(([, seq]) => seq), seq)
          again.terminate()
        }
        const others = yield* bob.get(`/api/webrtc/call/${callId}/events`)
        assert.strictEqual(others.status, 200, others.text)
      }),
    30_000
  )
})

import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { MemoryPorts } from "../src/host/Layers.ts"
import { HostLoad } from "../src/limits/HostLoad.ts"
import { RealtimeClient } from "./support/RealtimeClient.ts"
import { type SomeBody, TestHost, testHost } from "./support/TestHost.ts"

/** The kinds of work that the host refuses. */
const over = new Set<string>()

const busyHost = testHost(
  Layer.merge(MemoryPorts, Layer.succeed(HostLoad, { isOver: (kind) => over.has(kind), countPlacing: () => {} }))
)

const promise = <A>(make: () => Promise<A>) => Effect.promise(make)

const online = Effect.fnUntraced(function*(person: SomeBody) {
  const { url } = yield* TestHost
  const { json } = yield* person.post("/api/realtime/ticket")
  const client = yield* Effect.acquireRelease(
    promise(() => RealtimeClient.connect(`${url}/api/realtime?ticket=${json.ticket}`)),
    (client) => Effect.sync(() => client.terminate())
  )
  yield* promise(() => client.hello("phone"))
  return client
})

const overloaded = (problem: unknown) => assert.deepInclude(problem, { status: 503, code: "overloaded" })

layer(busyHost)("An overloaded host", (it) => {
  it.effect("refuses new calls, and continues its existing calls", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const [ann, bob, cat] = [yield* signIn(), yield* signIn(), yield* signIn()]
      const [annSays, bobSays] = [yield* online(ann), yield* online(bob)]
      const ring = (id: string) => ({ type: "call.initiate", callType: "audio", participants: [id] })
      const placed = yield* promise(() => annSays.request(ring(bob.id)))
      const { id: callId } = placed["result"] as { id: string }
      yield* Effect.acquireUseRelease(
        Effect.sync(() => over.add("calls")),
        Effect.fnUntraced(function*() {
          overloaded((yield* promise(() => annSays.request(ring(cat.id))))["problem"])
          const refused = yield* cat.post("/api/webrtc/call/initiate", { type: "audio", participants: [ann.id] })
          overloaded(refused.json)
          assert.strictEqual(refused.headers["retry-after"], "1")
          for (const type of ["call.alert", "call.accept"]) {
            assert.isTrue((yield* promise(() => bobSays.request({ type, callId })))["ok"])
          }
          assert.isTrue((yield* promise(() => annSays.request({ type: "call.media", callId, hold: true })))["ok"])
          assert.isTrue((yield* promise(() => annSays.request({ type: "call.leave", callId })))["ok"])
          yield* online(cat)
          assert.strictEqual((yield* send("GET", "/readyz")).status, 200)
          assert.strictEqual((yield* send("GET", "/api/webrtc/health")).json.status, "degraded")
        }),
        () => Effect.sync(() => over.clear())
      )
      assert.isTrue((yield* promise(() => annSays.request(ring(cat.id))))["ok"])
    }))

  it.effect("refuses new connections at last, and notifies the load balancer", () =>
    Effect.gen(function*() {
      const { send, signIn, url } = yield* TestHost
      const ann = yield* signIn()
      const { json } = yield* ann.post("/api/realtime/ticket")
      const connect = () => RealtimeClient.connect(`${url}/api/realtime?ticket=${json.ticket}`)
      yield* Effect.acquireUseRelease(
        Effect.sync(() => over.add("calls").add("connections")),
        Effect.fnUntraced(function*() {
          const refused = yield* Effect.flip(Effect.tryPromise(connect))
          assert.include(String(refused.cause), "503")
          const ready = yield* send("GET", "/readyz")
          assert.deepInclude(ready.json, { status: 503, code: "not_ready", overloaded: true })
          assert.strictEqual((yield* send("GET", "/healthz")).status, 200)
        }),
        () => Effect.sync(() => over.clear())
      )
      // The ticket was not spent by the refusal.
      const client = yield* promise(connect)
      client.terminate()
    }))
})

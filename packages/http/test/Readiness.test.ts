import { type Loop, Loops } from "@dchat/domain/loop"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { memoryHost, TestHost } from "./support/TestHost.ts"

const late = (name: string, isVital: boolean) => {
  const loop: Loop = { name, every: "1 second", within: "1 second", isVital }
  return Effect.flatMap(Loops, ({ watch }) => watch({ loop, succeededAt: -(10n ** 12n) }))
}

layer(memoryHost())("A host", (it) => {
  it.effect("is not ready while a loop that calls depend on is late, and names the loop", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      yield* Effect.scoped(Effect.gen(function*() {
        yield* late("count the stars", false)
        assert.strictEqual((yield* send("GET", "/readyz")).status, 200)
        yield* late("sweep the sky", true)
        const ready = yield* send("GET", "/readyz")
        assert.deepStrictEqual([ready.status, ready.json.code, ready.json.late], [503, "not_ready", ["sweep the sky"]])
        const { json: health } = yield* send("GET", "/api/webrtc/health")
        assert.deepInclude(health, { status: "degraded", late: ["count the stars", "sweep the sky"] })
        assert.strictEqual((yield* send("GET", "/healthz")).status, 200)
      }))
      assert.strictEqual((yield* send("GET", "/readyz")).status, 200)
    }))
})

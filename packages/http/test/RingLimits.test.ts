import { RingLimit } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { ringQuotas } from "../src/api/RingQuotas.ts"
import { HostSettings } from "../src/config/HostSettings.ts"
import { RateLimits } from "../src/limits/RateLimits.ts"
import { layerRingRateLimit } from "../src/limits/RingRateLimit.ts"
import { codeOf, online, promise } from "./support/talking.ts"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const user = (number: number) => UserId.make(`01984ab2-0000-7000-8000-${String(number).padStart(12, "0")}`)

/** Separate from the layers of other tests, which have other limits. */
const ringing = (rateLimits: "on" | "off") =>
  Layer.fresh(layerRingRateLimit.pipe(
    Layer.provide(RateLimits.layer),
    Layer.provide(Layer.succeed(HostSettings, {
      environment: "development",
      publicUrl: new URL("http://localhost:3000"),
      port: 3000,
      allowedOrigins: [],
      trustedProxies: [],
      rateLimits,
      stunUrls: []
    }))
  ))

const isRefused = (caller: UserId, ...callees: ReadonlyArray<UserId>) =>
  Effect.flatMap(RingLimit, ({ admit, ring }) =>
    Effect.match(Effect.andThen(admit(caller, callees), ring(callees)), {
      onSuccess: () => false,
      onFailure: ({ retryAfterSeconds }) => retryAfterSeconds >= 1
    }))

layer(ringing("on"))("Ringing", (it) => {
  it.effect("one user again and again is refused, and another user can still be rung", () =>
    Effect.gen(function*() {
      for (let rung = 0; rung < ringQuotas.pair.limit; rung++) assert.isFalse(yield* isRefused(user(1), user(2)))
      assert.isTrue(yield* isRefused(user(1), user(2)))
      assert.isFalse(yield* isRefused(user(1), user(3)))
      assert.isFalse(yield* isRefused(user(3), user(2)))
      yield* TestClock.adjust("15 seconds")
      assert.isFalse(yield* isRefused(user(1), user(2)))
      assert.isTrue(yield* isRefused(user(1), user(2)))
    }))

  it.effect("many users is refused, and each of them counts once", () =>
    Effect.gen(function*() {
      const crowd = Array.from({ length: ringQuotas.caller.limit }, (_, index) => user(1000 + index))
      assert.isFalse(yield* isRefused(user(10), ...crowd, ...crowd))
      assert.isTrue(yield* isRefused(user(10), user(11)))
    }))

  it.effect("one user by many users is refused", () =>
    Effect.gen(function*() {
      for (let rung = 0; rung < ringQuotas.callee.limit; rung++) {
        assert.isFalse(yield* isRefused(user(2000 + rung), user(20)))
      }
      assert.isTrue(yield* isRefused(user(3000), user(20)))
      assert.isFalse(yield* isRefused(user(3000), user(21)))
    }))

  it.effect("that reaches no user leaves the limits unchanged", () =>
    Effect.gen(function*() {
      const { admit } = yield* RingLimit
      for (let asked = 0; asked < ringQuotas.callee.limit; asked++) yield* admit(user(4000 + asked), [user(30)])
      assert.isFalse(yield* isRefused(user(5000), user(30)))
    }))
})

layer(ringing("off"))("Ringing without limits", (it) => {
  it.effect("is not limited", () =>
    Effect.gen(function*() {
      for (let rung = 0; rung < 1000; rung++) assert.isFalse(yield* isRefused(user(1), user(2)))
    }))
})

layer(memoryHost({ rateLimits: "on" }), { excludeTestServices: true })("Calling one user again and again", (it) => {
  const call = (caller: SomeBody, callee: SomeBody, headers = {}) =>
    caller.post("/api/webrtc/call/initiate", { type: "audio", participants: [callee.id] }, { headers })

  it.effect("is refused by REST, by realtime and by inviting, with the time to wait", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob, cat] = [yield* signIn(), yield* signIn(), yield* signIn()]
      const key = { "idempotency-key": "first" }
      const { json: { id } } = yield* call(ann, bob, key)
      for (let rung = 1; rung < ringQuotas.pair.limit; rung++) yield* call(ann, bob)
      const refusal = yield* call(ann, bob)
      assert.strictEqual(refusal.status, 429, refusal.text)
      assert.strictEqual(refusal.json.code, "rate_limited")
      assert.strictEqual(refusal.headers["retry-after"], String(refusal.json.retryAfterSeconds))
      assert.strictEqual((yield* call(ann, bob, key)).json.id, id)

      const says = yield* online(ann, "a")
      const initiate = { type: "call.initiate", callType: "audio", participants: [bob.id] }
      assert.strictEqual(codeOf(yield* promise(() => says.request(initiate))), "rate_limited")
      const invite = { type: "call.invite", callId: id, userId: bob.id }
      assert.strictEqual(codeOf(yield* promise(() => says.request(invite))), "rate_limited")
      assert.strictEqual((yield* ann.post(`/api/webrtc/call/${id}/invite`, { userId: bob.id })).status, 429)
      assert.strictEqual((yield* call(cat, bob)).status, 201)
    }))
})

import { SessionId, UserId } from "@dchat/domain/identity"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { connectionLimits, frameRate } from "../src/api/FrameLimits.ts"
import { ratePolicies } from "../src/api/RateLimited.ts"
import { maxResumed } from "../src/api/RealtimeFrames.ts"
import { HostSettings } from "../src/config/HostSettings.ts"
import { TokenBuckets } from "../src/limits/TokenBuckets.ts"
import { FrameBudget } from "../src/realtime/FrameBudget.ts"
import { OpenConnections } from "../src/realtime/OpenConnections.ts"
import { CloseCode } from "../src/realtime/RealtimeSocket.ts"
import { RealtimeClient } from "./support/RealtimeClient.ts"
import { codeOf, connected, online, promise } from "./support/talking.ts"
import { memoryHost, TestHost } from "./support/TestHost.ts"

const callId = "01984ab2-0000-7000-8000-0000000000ff"

layer(memoryHost({ rateLimits: "on" }), { excludeTestServices: true })("Realtime limits", (it) => {
  it.effect("allow a number of connections for each session, and another one after one has closed", () =>
    Effect.gen(function*() {
      const { send, signIn, url } = yield* TestHost
      const ann = yield* signIn()
      const clients = yield* Effect.forEach(Array.from({ length: connectionLimits.session }), () => connected(ann))
      const upgrade = send("GET", "/api/realtime", {
        token: ann.token,
        headers: {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="
        }
      })
      const refusal = yield* upgrade
      assert.strictEqual(refusal.status, 429, refusal.text)
      assert.deepInclude(refusal.json, { code: "too_many_connections", of: "session", limit: connectionLimits.session })
      assert.strictEqual(refusal.headers["retry-after"], String(refusal.json.retryAfterSeconds))
      clients[0]?.close()
      yield* promise(() => clients[0]?.closed ?? Promise.resolve(0))
      const again = yield* Effect.retry(
        Effect.tryPromise(() =>
          RealtimeClient.connect(`${url}/api/realtime`, { authorization: `Bearer ${ann.token}` })
        ),
        { times: 30 }
      )
      again.terminate()
    }))

  it.effect("refuse frames beyond the rate, and close a connection that continues", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const client = yield* online(yield* signIn(), "a")
      for (let index = 0; index < 4 * frameRate.atOnce; index++) client.send({ type: "ping", id: `${index}` })
      assert.strictEqual(yield* promise(() => client.closed), CloseCode.tooManyFrames)
      const refusals = client.frames.filter((frame) => codeOf(frame) === "rate_limited")
      assert.isAtLeast(refusals.length, frameRate.refusedPerMinute)
      for (const { id, problem } of refusals) {
        assert.isString(id)
        assert.deepInclude(problem as object, { status: 429, retryAfterSeconds: 1 })
      }
    }))

  it.effect("refuse a hello that resumes more calls than a user can be in", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const client = yield* connected(yield* signIn())
      const resuming = (calls: number) =>
        Object.fromEntries(
          Array.from({ length: calls }, (_, index) => [callId.replace("00ff", String(1000 + index)), 1])
        )
      const refusal = yield* promise(() =>
        client.request({ type: "hello", device: "a", resume: resuming(maxResumed + 1) })
      )
      assert.strictEqual(codeOf(refusal), "invalid_frame")
      assert.deepStrictEqual(pathsOf(refusal), [["resume"]])
      yield* promise(() => client.hello("a", resuming(maxResumed)))
    }))

  it.effect("count refused requests of REST and realtime together, and refused signalling more", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const { perMinute, refusedAs } = ratePolicies.signal
      const offers = yield* Effect.forEach(
        Array.from({ length: perMinute.person / refusedAs + 20 }),
        () => ann.post(`/api/webrtc/call/${callId}/offer`, { sdp: "v=0" }),
        { concurrency: 10 }
      )
      const refusal = offers.find(({ status }) => status === 429)
      assert.strictEqual(offers[0]?.json.code, "invalid_sdp")
      assert.isDefined(refusal?.headers["retry-after"])
      const [annSays, bobSays] = [yield* online(ann, "a"), yield* online(bob, "b")]
      const offer = { type: "call.offer", callId, sdp: "v=0" }
      // The allowance grows meanwhile, by less than what one more refusal counts.
      const [first, second] = [
        yield* promise(() => annSays.request(offer)),
        yield* promise(() => annSays.request(offer))
      ]
      assert.include([codeOf(first), codeOf(second)], "rate_limited")
      assert.strictEqual(codeOf(yield* promise(() => bobSays.request(offer))), "invalid_sdp")
    }))
})

const pathsOf = (reply: Record<string, unknown>) =>
  (reply["problem"] as { issues: ReadonlyArray<{ path: unknown }> }).issues.map(({ path }) => path)

describe("Open connections", () => {
  const limits = { session: 2, person: 3, address: 4, host: 5 }
  const open = OpenConnections.layerWith(limits).pipe(Layer.provide(Layer.succeed(HostSettings, {
    environment: "production",
    publicUrl: new URL("https://chat.example"),
    port: 3000,
    allowedOrigins: [],
    trustedProxies: [],
    rateLimits: "on",
    stunUrls: []
  })))
  const id = (digit: number) => `01984ab2-0000-7000-8000-00000000000${digit}`
  const owner = (session: number, person: number, address: number) => ({
    session: SessionId.make(id(session)),
    person: UserId.make(id(person)),
    address: `192.0.2.${address}`
  })

  it.effect("are limited by session, user, address and host, each separately, until they close", () =>
    Effect.gen(function*() {
      const { enter } = yield* OpenConnections
      const first = yield* Scope.make()
      yield* Scope.provide(enter(owner(1, 1, 1)), first)
      yield* enter(owner(1, 1, 1))
      assert.deepInclude(yield* Effect.flip(enter(owner(1, 1, 1))), { of: "session", limit: 2 })
      yield* enter(owner(2, 1, 1))
      assert.deepInclude(yield* Effect.flip(enter(owner(3, 1, 1))), { of: "person", limit: 3 })
      yield* enter(owner(4, 2, 1))
      assert.deepInclude(yield* Effect.flip(enter(owner(5, 3, 1))), { of: "address", limit: 4 })
      yield* enter(owner(5, 3, 2))
      assert.strictEqual((yield* Effect.flip(enter(owner(6, 4, 3))))._tag, "ConnectionsExhausted")
      yield* Scope.close(first, Exit.void)
      yield* enter(owner(1, 1, 1))
      assert.strictEqual((yield* Effect.flip(enter(owner(6, 4, 3))))._tag, "ConnectionsExhausted")
    }).pipe(Effect.scoped, Effect.provide(open)))
})

const budgetOf = (shared = new TokenBuckets(), person = "ann", address = "192.0.2.1") =>
  new FrameBudget(shared, { person, address })

describe("The frames of a connection", () => {
  const taken = (budget: FrameBudget, size: number, now: number, times: number) => {
    let carriedOut = 0
    while (carriedOut < times && budget.take(size, now) === "carryOut") carriedOut += 1
    return carriedOut
  }

  it("may arrive all at once, and then at the rate", () => {
    const budget = budgetOf()
    assert.strictEqual(taken(budget, 100, 0, 1000), frameRate.atOnce)
    assert.strictEqual(taken(budget, 100, 1000, 1000), frameRate.perSecond)
    assert.deepStrictEqual(budget.take(100, 1000), { retryAfterSeconds: 1 })
  })

  it("count with those of the other connections of the user", () => {
    const shared = new TokenBuckets()
    const counts = Array.from({ length: 10 }, () => taken(budgetOf(shared), 100, 0, 1000))
    assert.strictEqual(counts.reduce((one, other) => one + other), frameRate.ofUser.atOnce)
    assert.strictEqual(taken(budgetOf(shared, "bob"), 100, 0, 1000), frameRate.atOnce)
  })

  it("count with those of the other users at the address", () => {
    const shared = new TokenBuckets()
    const counts = Array.from({ length: 50 }, (_, index) => taken(budgetOf(shared, `user ${index}`), 100, 0, 1000))
    assert.strictEqual(counts.reduce((one, other) => one + other), frameRate.ofAddress.atOnce)
    assert.strictEqual(taken(budgetOf(shared, "zoe", "192.0.2.2"), 100, 0, 1000), frameRate.atOnce)
  })

  it("count by their size", () => {
    const budget = budgetOf()
    const size = 15 * frameRate.charactersPerFrame
    assert.strictEqual(taken(budget, size, 0, 1000), Math.floor(frameRate.atOnce / 16))
  })

  it("are answered if they are too many, up to a limit of such answers", () => {
    const budget = budgetOf()
    const verdicts = Array.from({ length: frameRate.atOnce + frameRate.refusedPerMinute + 1 }, () => budget.take(1, 0))
    assert.notStrictEqual(verdicts.at(-2), "close")
    assert.strictEqual(verdicts.at(-1), "close")
  })
})

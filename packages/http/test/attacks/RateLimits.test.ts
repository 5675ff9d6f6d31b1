import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { IpNetwork } from "effect/net"
import { TestClock } from "effect/testing"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { ratePolicies } from "../../src/api/RateLimited.ts"
import { HostSettings } from "../../src/config/HostSettings.ts"
import { type Quota, RateLimits } from "../../src/limits/RateLimits.ts"
import { TokenBuckets } from "../../src/limits/TokenBuckets.ts"
import { assertProblem } from "../support/Browser.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

const begin = ratePolicies.begin.perMinute.address

/** Requests a message to sign, with the client address that a proxy adds. */
const ask = Effect.fnUntraced(function*(forwardedFor: string | undefined, address = someAddress) {
  const { send } = yield* TestHost
  return yield* send("POST", "/auth/wallet/nonce", {
    body: { address, chainId: 1 },
    headers: forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor }
  })
})

const someAddress = privateKeyToAccount(generatePrivateKey()).address

/** Uses up what this client may begin in a minute. */
const exhaust = Effect.fnUntraced(function*(forwardedFor: string | undefined) {
  const answers = yield* Effect.all(Array.from({ length: begin + 10 }, () => ask(forwardedFor)), { concurrency: 20 })
  assert.isAtLeast(answers.filter(({ status }) => status === 429).length, 1)
  const refusal = yield* Effect.repeat(ask(forwardedFor), { until: ({ status }) => status === 429 })
  assertProblem(refusal, 429, "rate_limited")
  return refusal
})

const proxied = memoryHost({
  rateLimits: "on",
  trustedProxies: [IpNetwork.fromStringUnsafe("127.0.0.0/8"), IpNetwork.fromStringUnsafe("10.0.0.0/8")]
})

layer(proxied, { excludeTestServices: true })("Limits behind a trusted proxy", (it) => {
  it.effect("refuse a client that sends too many requests, and name the time to wait", () =>
    Effect.gen(function*() {
      const { headers, json } = yield* exhaust("192.0.2.1")
      assert.isAtLeast(Number(headers["retry-after"]), 1)
      assert.strictEqual(Number(headers["retry-after"]), json.retryAfterSeconds)
      assert.strictEqual(headers["ratelimit-policy"], `"sign-in-begin:address";q=${begin};w=60`)
      assert.match(String(headers["ratelimit"]), /^"sign-in-begin:address";r=0;t=\d+$/)
    }))

  it.effect("do not affect other clients, who may ask for the same wallet", () =>
    Effect.gen(function*() {
      yield* exhaust("192.0.2.2")
      const answer = yield* ask("192.0.2.3")
      assert.strictEqual(answer.status, 200, answer.text)
      assert.match(String(answer.headers["ratelimit"]), new RegExp(`^"sign-in-begin:address";r=${begin - 1};t=\\d+$`))
    }))

  it.effect("treat all addresses of one IPv6 /64 as one client", () =>
    Effect.gen(function*() {
      yield* exhaust("2001:db8:1:2::1")
      const rotated = yield* Effect.repeat(ask("2001:db8:1:2:ffff:1:2:3"), { until: ({ status }) => status === 429 })
      assertProblem(rotated, 429, "rate_limited")
      assert.strictEqual((yield* ask("2001:db8:1:3::1")).status, 200)
    }))

  it.effect("use the last address that no trusted proxy has added", () =>
    Effect.gen(function*() {
      yield* exhaust("198.51.100.1")
      for (const spoofed of ["203.0.113.9, 198.51.100.1", "x, 198.51.100.1", "203.0.113.9, 198.51.100.1, 10.1.2.3"]) {
        const answer = yield* Effect.repeat(ask(spoofed), { until: ({ status }) => status === 429 })
        assertProblem(answer, 429, "rate_limited")
      }
    }))

  it.effect("count changes of the ways to sign in by user", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const rotate = (token: string) =>
        Effect.flatMap(TestHost, ({ send }) => send("POST", "/auth/access-token", { token, body: { audience: "x" } }))
      const answers = yield* Effect.all(
        Array.from({ length: ratePolicies.account.perMinute.person + 5 }, () => rotate(ann.token)),
        { concurrency: 10 }
      )
      assert.isAtLeast(answers.filter(({ status }) => status === 429).length, 1)
      assertProblem(yield* rotate(bob.token), 503, "access_tokens_not_configured")
    }))
})

layer(memoryHost({ rateLimits: "on" }), { excludeTestServices: true })("Limits without a trusted proxy", (it) => {
  it.effect("ignore X-Forwarded-For", () =>
    Effect.gen(function*() {
      yield* exhaust(undefined)
      for (let host = 1; host < 5; host++) {
        const answer = yield* Effect.repeat(ask(`192.0.2.${host}`), { until: ({ status }) => status === 429 })
        assertProblem(answer, 429, "rate_limited")
      }
    }))
})

const limits = RateLimits.layer.pipe(Layer.provide(Layer.succeed(HostSettings, {
  environment: "production",
  publicUrl: new URL("https://chat.example"),
  port: 3000,
  allowedOrigins: [],
  trustedProxies: [],
  rateLimits: "on",
  stunUrls: []
})))

describe("A bucket", () => {
  const quota: Quota = { name: "test", limit: 6, window: 60 }
  const isRefused = (key: string) =>
    Effect.flatMap(RateLimits, ({ count }) =>
      Effect.match(count(quota, key), {
        onSuccess: () => false,
        onFailure: ({ retryAfterSeconds }) => retryAfterSeconds === 10
      }))

  it.effect("refills with time", () =>
    Effect.gen(function*() {
      for (let taken = 0; taken < 6; taken++) assert.isFalse(yield* isRefused("ann"))
      assert.isTrue(yield* isRefused("ann"))
      yield* TestClock.adjust("10 seconds")
      assert.isFalse(yield* isRefused("ann"))
      assert.isTrue(yield* isRefused("ann"))
      yield* TestClock.adjust("1 hour")
      for (let taken = 0; taken < 6; taken++) assert.isFalse(yield* isRefused("ann"))
      assert.isTrue(yield* isRefused("ann"))
    }).pipe(Effect.provide(limits)))
})

describe("The buckets of a host", () => {
  it("are deleted once they are full, so that a crowd of clients uses no lasting memory", () => {
    const buckets = new TokenBuckets()
    let largest = 0
    for (let client = 0; client < 100_000; client++) {
      const now = Math.floor(client / 1000) * 1000
      buckets.take({ key: `${client}`, tokens: 1, limit: 60, interval: 1000, allowOverflow: false }, now)
      largest = Math.max(largest, buckets.size)
    }
    assert.isAtMost(largest, 2000)
  })

  const taking = (key: string) => ({ key, tokens: 1, limit: 60, interval: 1000, allowOverflow: false })

  it("are at most as many as the capacity, beyond which the least recently used are deleted", () => {
    const buckets = new TokenBuckets(1000)
    for (let client = 0; client < 5000; client++) buckets.take(taking(`${client}`), 0)
    assert.strictEqual(buckets.size, 1000)
    assert.deepStrictEqual(buckets.take(taking("4999"), 0), [58, 0])
    assert.deepStrictEqual(buckets.take(taking("0"), 0), [59, 0])
    assert.strictEqual(buckets.size, 1000)
  })

  it("are not displaced by a larger number of another kind", () => {
    const buckets = new TokenBuckets(1000)
    buckets.take({ ...taking("ring"), interval: 5000 }, 0)
    for (let client = 0; client < 5000; client++) buckets.take(taking(`${client}`), 0)
    assert.deepStrictEqual(buckets.take({ ...taking("ring"), interval: 5000 }, 0), [58, 0])
  })

  it("refuse no client for long when time goes back", () => {
    const buckets = new TokenBuckets()
    for (let taken = 0; taken < 60; taken++) buckets.take(taking("ann"), 3_600_000)
    assert.deepStrictEqual(buckets.take(taking("ann"), 0), [-1, 0])
    assert.deepStrictEqual(buckets.take(taking("ann"), 1000), [0, 0])
  })
})

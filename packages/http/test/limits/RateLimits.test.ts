import { assert, describe, it, layer } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger, Option } from "effect"
import { IpNetwork } from "effect/net"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { ratePolicies } from "../../src/api/RateLimited.ts"
import { HostConfig } from "../../src/config/Config.ts"
import { HostSettings } from "../../src/config/HostSettings.ts"
import { quotaOf, RateLimits } from "../../src/limits/RateLimits.ts"
import { assertProblem } from "../support/Browser.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

const friend = "https://friend.example"

const proxied = memoryHost({
  rateLimits: "on",
  allowedOrigins: [friend],
  trustedProxies: [IpNetwork.fromStringUnsafe("127.0.0.1/32")]
})

const from = (address: string) => ({ headers: { "x-forwarded-for": address } })

layer(proxied, { excludeTestServices: true })("Limits", (it) => {
  it.effect("prevent no owner of a wallet from signing in", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const owner = privateKeyToAccount(generatePrivateKey())
      const nonceFor = (client: string) =>
        send("POST", "/auth/wallet/nonce", { body: { address: owner.address, chainId: 1 }, ...from(client) })
      const verify = (nonceId: string, signature: string, client: string) =>
        send("POST", "/auth/wallet/verify", { body: { nonceId, signature }, ...from(client) })

      const stranger = "192.0.2.66"
      const { json: theirs } = yield* nonceFor(stranger)
      const guesses = yield* Effect.all(
        Array.from({ length: ratePolicies.finish.perMinute.address + 10 }, () =>
          verify(theirs.nonceId, "0x00", stranger)),
        { concurrency: 10 }
      )
      assert.include(
        guesses.map(({ status }) =>
          status
        ),
        429
      )

      const { json: own } = yield* nonceFor("192.0.2.1")
      const signature = yield* Effect.promise(() => owner.signMessage({ message: own.message }))
      const answer = yield* verify(own.nonceId, signature, "192.0.2.1")
      assert.strictEqual(answer.status, 200, answer.text)
    }))

  it.effect("count by user for signed-in users, even if they share an address", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const answers = yield* Effect.all(
        Array.from({ length: ratePolicies.account.perMinute.person + 5 }, () => ann.post("/auth/linkedin/sync")),
        { concurrency: 10 }
      )
      assert.include(answers.map(({ status }) => status), 429)
      assertProblem(yield* bob.post("/auth/linkedin/sync"), 404, "linkedin_not_linked")
    }))

  it.effect("count requests to the payment provider separately", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const answers = yield* Effect.all(
        Array.from({ length: ratePolicies.billing.perMinute.person + 5 }, () => ann.post("/api/subscriptions/portal")),
        { concurrency: 10 }
      )
      assert.include(answers.map(({ status }) => status), 429)
      assert.strictEqual((yield* ann.get("/api/subscriptions/me")).status, 200)
      assertProblem(yield* ann.post("/auth/linkedin/sync"), 404, "linkedin_not_linked")
      assertProblem(yield* bob.post("/api/subscriptions/portal"), 503, "stripe_not_configured")
    }))

  it.effect("count by address before a session is looked up", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const guess = send("POST", "/auth/wallet/primary", { token: "dcs_forged", ...from("192.0.2.77") })
      assertProblem(yield* guess, 401, "unauthenticated")
      const answers = yield* Effect.all(
        Array.from({ length: ratePolicies.profile.perMinute.address + 20 }, () => guess),
        { concurrency: 10 }
      )
      const refusal = answers.find(({ status }) => status === 429)
      assert.isDefined(refusal)
      assert.strictEqual(refusal?.headers["retry-after"], String(refusal?.json.retryAfterSeconds))
    }))

  it.effect("can be read by pages of allowed origins", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const { headers } = yield* send("POST", "/auth/wallet/nonce", {
        body: { address: privateKeyToAccount(generatePrivateKey()).address, chainId: 1 },
        headers: { origin: friend }
      })
      assert.isString(headers["ratelimit"])
      const exposed = String(headers["access-control-expose-headers"]).split(",")
      assert.includeMembers(exposed, ["ratelimit", "ratelimit-policy", "retry-after"])
    }))
})

/** The limits of a host over a store that never answers, and the lines of its log. */
const overBrokenStore = (lines: Array<string>) => {
  const broken = Effect.fail(
    new RateLimiter.RateLimiterError({ reason: new RateLimiter.RateLimitStoreError({ message: "no connection" }) })
  )
  const store = RateLimiter.RateLimiterStore.of({
    fixedWindow: () => broken,
    tokenBucket: () => broken,
    adaptiveConsume: () => broken,
    adaptiveFeedback: () => broken
  })
  return RateLimits.layerStored.pipe(
    Layer.provide(RateLimiter.layer.pipe(Layer.provide(Layer.succeed(RateLimiter.RateLimiterStore, store)))),
    Layer.provide(Layer.succeed(HostSettings, {
      environment: "production",
      publicUrl: new URL("https://chat.example"),
      port: 3000,
      allowedOrigins: [],
      trustedProxies: [],
      rateLimits: "on",
      stunUrls: []
    })),
    Layer.provideMerge(Logger.layer([Logger.map(Logger.formatLogFmt, (line) => void lines.push(line))]))
  )
}

describe("A store of limits that does not answer", () => {
  const quota = quotaOf(ratePolicies.finish, "address")
  assert.isDefined(quota)

  it.effect("refuses no request, lets the host count locally, and is logged once a second", () => {
    const lines: Array<string> = []
    return Effect.gen(function*() {
      const { count } = yield* RateLimits
      yield* Effect.repeat(count(quota, "192.0.2.1"), { times: quota.limit - 1 })
      const refusal = yield* Effect.flip(count(quota, "192.0.2.1"))
      assert.strictEqual(refusal.retryAfterSeconds, 1)
      yield* count(quota, "192.0.2.2")
      assert.lengthOf(lines, 1)
      assert.include(lines[0], "level=WARN")
      assert.include(lines[0], "no connection")
      yield* TestClock.adjust("1 second")
      yield* count(quota, "192.0.2.1")
      assert.lengthOf(lines, 2)
    }).pipe(Effect.provide(overBrokenStore(lines)))
  })
})

describe("DCHAT_RATE_LIMITS", () => {
  const read = (env: Record<string, string>) =>
    Effect.provide(HostConfig, ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
  const production = { DCHAT_ENV: "production", DCHAT_PUBLIC_URL: "https://chat.example" }

  it.effect("is on unless it is set to off", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* read({})).rateLimits, "on")
      assert.strictEqual((yield* read(production)).rateLimits, "on")
      assert.strictEqual((yield* read({ DCHAT_RATE_LIMITS: "off" })).rateLimits, "off")
      assert.isTrue(Option.isNone(yield* Effect.option(read({ DCHAT_RATE_LIMITS: "no" }))))
    }))

  it.effect("cannot be off in production", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(read({ ...production, DCHAT_RATE_LIMITS: "off" }))
      assert.strictEqual(failure._tag, "UnsafeInProduction")
      assert.match(failure.message, /^DCHAT_ENV is production.*DCHAT_RATE_LIMITS[^\n]*$/)
    }))
})

import { defaultTimeouts } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit } from "effect"
import { readFileSync } from "node:fs"
import { HostConfig } from "../../src/config/Config.ts"
import { startFailureOf } from "../../src/host/StartFailure.ts"

const read = (env: Record<string, string>) =>
  HostConfig.pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))), Effect.exit)

const production = { DCHAT_ENV: "production", DCHAT_PUBLIC_URL: "https://chat.example" }
const key = "Zm9yIHRlc3RzIG9ubHksIG5ldmVyIHVzZWQgYW55d2hlcmU"

/** A variable, what it may not be in production, and a part of the line that says so. */
const unsafe = [
  ["DCHAT_PUBLIC_URL", "http://chat.example", "https URL"],
  ["DCHAT_RATE_LIMITS", "off", "cannot be off"],
  ["DCHAT_ALLOWED_ORIGINS", "https://a.example,http://b.example", "http://b.example"],
  ["DCHAT_TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0", "0.0.0.0/0"],
  ["DCHAT_TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1", "0.0.0.0/1"],
  ["DCHAT_TRUSTED_PROXIES", "::/0", "::/0"],
  ["DCHAT_SERVICE_KEYS", "a".repeat(40), "key 1"],
  ["DCHAT_SERVICE_KEYS", `${key},change-me-change-me-change-me-change-me`, "key 2"]
] as const

/** Values that are invalid in every environment. */
const wrong = [
  ["DCHAT_NATIVE_REDIRECTS", "javascript:alert(1)"],
  ["DCHAT_NATIVE_REDIRECTS", "data:text/html,x"],
  ["DCHAT_NATIVE_REDIRECTS", "http://app.example/signed-in"],
  ["DCHAT_NATIVE_REDIRECTS", "https://user:password@app.example/"],
  ["DCHAT_NATIVE_REDIRECTS", "com.example.app:/signed-in#here"],
  ["DCHAT_NATIVE_REDIRECTS", "signed-in"],
  ["DCHAT_SERVICE_KEYS", "short"],
  ["DCHAT_DOCS", "maybe"],
  ["DCHAT_KEEP_ALIVE_SECONDS", "0"],
  ["DCHAT_KEEP_ALIVE_SECONDS", "a while"],
  ["DCHAT_MAX_CONNECTIONS", "1.5"],
  ["DCHAT_CALL_RETENTION_DAYS", "-1"],
  ["DCHAT_CALL_RETENTION_DAYS", "0.5"],
  ["DCHAT_CALL_RETENTION_DAYS", "a year"]
] as const

describe("The configuration of a host", () => {
  it.effect.each(unsafe)(
    "refuses %s=%s in production, in one line, and accepts it in development",
    ([name, value, part]) =>
      Effect.gen(function*() {
        const refused = yield* read({ ...production, [name]: value })
        if (Exit.isSuccess(refused)) return assert.fail("was taken")
        const line = startFailureOf(refused.cause)
        assert.match(line, new RegExp(`^DCHAT_ENV is production, so ${name} `))
        assert.include(line, part)
        assert.notInclude(line, "\n")
        if (name === "DCHAT_SERVICE_KEYS") assert.notInclude(line, value)
        assert.isTrue(Exit.isSuccess(yield* read({ [name]: value })))
      })
  )

  it.effect.each(wrong)("refuses %s=%s", ([name, value]) =>
    Effect.gen(function*() {
      const refused = yield* read({ [name]: value })
      if (Exit.isSuccess(refused)) return assert.fail("was taken")
      assert.match(startFailureOf(refused.cause), new RegExp(`^${name} is not valid: (?:\\[\\d+\\]: )?expected`))
    }))

  it.effect("accepts the settings that a production host needs", () =>
    Effect.gen(function*() {
      const config = yield* HostConfig.pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({
        env: {
          ...production,
          DCHAT_ALLOWED_ORIGINS: "https://a.example",
          DCHAT_TRUSTED_PROXIES: "10.0.0.0/8,fd00::/8,192.0.2.1",
          DCHAT_SERVICE_KEYS: key,
          DCHAT_NATIVE_REDIRECTS: "com.example.app:/signed-in,https://app.example/signed-in",
          DCHAT_KEEP_ALIVE_SECONDS: "620",
          DCHAT_CALL_RETENTION_DAYS: "365"
        }
      }))))
      assert.deepStrictEqual([config.keepAliveSeconds, config.maxConnections], [620, 10_000])
      assert.strictEqual(config.callRetentionDays, 365)
      assert.lengthOf(config.identity.nativeRedirects, 2)
    }))

  it("has the timers of calls that the documentation states", () => {
    const page = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8")
    for (const [timer, seconds] of Object.entries(defaultTimeouts)) {
      assert.include(page, `| \`${timer}\` | ${seconds} |`)
    }
  })

  it.effect("keeps idle connections for longer than load balancers do", () =>
    Effect.gen(function*() {
      const config = yield* HostConfig.pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: {} }))))
      assert.strictEqual(config.keepAliveSeconds, 65)
    }))
})

import { LinkedInDouble } from "@dchat/doubles/linkedin"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as TestDatabase from "../../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts } from "../../src/host/Layers.ts"
import { Browser, locationOf } from "../support/Browser.ts"
import { linkedInOptions } from "../support/LinkedInHost.ts"
import { TestHost, testHost } from "../support/TestHost.ts"

const old = "the former secret of this installation, long enough"
const next = "the coming secret of this installation, long enough"

/** A host of its own on this database and with this LinkedIn, that calls itself by this public URL. */
const startHost = Effect.fnUntraced(function*(
  ports: Context.Context<Layer.Success<typeof DatabasePorts>>,
  double: LinkedInDouble.LinkedInDouble,
  secrets: readonly [string, ...ReadonlyArray<string>],
  publicUrl?: URL
) {
  const context = yield* Layer.build(
    testHost(Layer.succeedContext(ports), {
      secrets,
      identity: { linkedIn: linkedInOptions(double) },
      ...(publicUrl === undefined ? {} : { publicUrl })
    })
  )
  return Context.get(context, TestHost)
})

/** The shared settings of the hosts of one installation. */
const installation = Effect.gen(function*() {
  const double = yield* LinkedInDouble.start()
  const ports = yield* Layer.build(DatabasePorts.pipe(Layer.provide(TestDatabase.layer)))
  return { double, ports }
})

/** A browser that goes to the other host with what it got from the one, as behind a load balancer. */
const moved = (browser: Browser, to: TestHost["Service"], publicUrl: URL) => {
  const other = new Browser({
    ...to,
    url: publicUrl.origin,
    send: (method, path, ask = {}) =>
      to.send(method, path, { ...ask, headers: { host: publicUrl.host, ...ask.headers } })
  })
  for (const [name, value] of browser.cookies) other.cookies.set(name, value)
  return other
}

describe("Several hosts of one installation", () => {
  it.live("accept the callback of a flow that another host began", () =>
    Effect.gen(function*() {
      const { double, ports } = yield* installation
      const first = yield* startHost(ports, double, [old])
      yield* double.allowRedirect(`${first.url}/auth/linkedin/callback`)
      const second = yield* startHost(ports, double, [old], new URL(first.url))
      const browser = new Browser(first)
      const path = yield* browser.visit(yield* browser.begin(), "ada")
      const other = moved(browser, second, new URL(first.url))
      assert.strictEqual(locationOf(yield* other.get(path)), "/")
      const { json } = yield* moved(other, first, new URL(first.url)).get("/auth/me")
      assert.strictEqual(json.user.linkedin.subject, "ada")
    }).pipe(Effect.scoped))

  it.live("can change a secret between the redirect and the callback, and read earlier seals", () =>
    Effect.gen(function*() {
      const { double, ports } = yield* installation
      const before = yield* startHost(ports, double, [old])
      const publicUrl = new URL(before.url)
      yield* double.allowRedirect(`${before.url}/auth/linkedin/callback`)
      const first = new Browser(before)
      yield* first.linkedIn("noe")
      const path = yield* first.visit(yield* first.begin(), "ada")
      const appended = yield* startHost(ports, double, [old, next], publicUrl)
      const swapped = yield* startHost(ports, double, [next, old], publicUrl)
      const byAppended = moved(first, appended, publicUrl)
      assert.strictEqual((yield* byAppended.post("/auth/linkedin/sync")).status, 200)
      const bySwapped = moved(first, swapped, publicUrl)
      assert.strictEqual((yield* bySwapped.post("/auth/linkedin/sync")).status, 200)
      assert.strictEqual(locationOf(yield* bySwapped.get(path)), "/")
      const dropped = yield* startHost(ports, double, [next], publicUrl)
      const byDropped = moved(bySwapped, dropped, publicUrl)
      const late = yield* first.visit(yield* first.begin(), "ada")
      for (const [name, value] of first.cookies) byDropped.cookies.set(name, value)
      assert.strictEqual(locationOf(yield* byDropped.get(late)), "/?error=state_invalid")
    }).pipe(Effect.scoped))
})

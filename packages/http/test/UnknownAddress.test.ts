import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { IpNetwork } from "effect/net"
import { AddressLimited, RateLimit, ratePolicies } from "../src/api/RateLimited.ts"
import { HostSettings } from "../src/config/HostSettings.ts"
import { RateLimitHandlers } from "../src/handlers/RateLimitHandlers.ts"
import { RateLimits } from "../src/limits/RateLimits.ts"

const host = RateLimitHandlers.pipe(
  Layer.provide(RateLimits.layer),
  Layer.provide(Layer.succeed(HostSettings, {
    environment: "production",
    publicUrl: new URL("https://chat.example"),
    port: 3000,
    allowedOrigins: [],
    trustedProxies: [IpNetwork.fromStringUnsafe("0.0.0.0/0")],
    rateLimits: "on",
    stunUrls: []
  }))
)

const api = HttpApi.make("test").add(
  HttpApiGroup.make("test")
    .add(HttpApiEndpoint.post("ask", "/ask").annotate(RateLimit, ratePolicies.begin))
    .middleware(AddressLimited)
)

const routes = HttpApiBuilder.layer(api).pipe(
  Layer.provide(HttpApiBuilder.group(api, "test", (handlers) => handlers.handle("ask", () => Effect.void))),
  Layer.provide(host),
  Layer.provide(HttpServer.layerServices)
)

/** A fetch handler, which does not know the address of a client. */
const fetchHandler = Effect.acquireRelease(
  Effect.sync(() => HttpRouter.toWebHandler(routes, { disableLogger: true })),
  ({ dispose }) => Effect.promise(dispose)
)

describe("Requests to a fetch handler", () => {
  it.effect("share one limit, whatever address they claim", () =>
    Effect.gen(function*() {
      const { handler } = yield* fetchHandler
      const ask = (forwardedFor: string) =>
        Effect.promise(() =>
          handler(
            new Request("https://chat.example/ask", { method: "POST", headers: { "x-forwarded-for": forwardedFor } })
          )
        )
      const { address } = ratePolicies.begin.perMinute
      const statuses = new Set<number>()
      for (let index = 0; index < address; index++) statuses.add((yield* ask(`192.0.2.${index}`)).status)
      assert.deepStrictEqual([...statuses], [204])
      assert.strictEqual(
        yield* Effect.repeat(statusOf(ask("198.51.100.1")), { until: (status) => status !== 204 }),
        429
      )
    }).pipe(Effect.scoped))
})

const statusOf = <E, R>(answer: Effect.Effect<Response, E, R>) => Effect.map(answer, ({ status }) => status)

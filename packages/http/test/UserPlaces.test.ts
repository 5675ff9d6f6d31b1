import type { SignedIn } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Queue } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication, CurrentSession } from "../src/api/Authentication.ts"
import { PersonLimited, requestsAtOnce } from "../src/api/RateLimited.ts"
import { HostSettings } from "../src/config/HostSettings.ts"
import { RateLimitHandlers } from "../src/handlers/RateLimitHandlers.ts"
import { RateLimits } from "../src/limits/RateLimits.ts"

const settings = Layer.succeed(HostSettings, {
  environment: "production",
  publicUrl: new URL("https://chat.example"),
  port: 3000,
  allowedOrigins: [],
  trustedProxies: [],
  rateLimits: "on",
  stunUrls: []
})

const api = HttpApi.make("test").add(
  HttpApiGroup.make("test").add(HttpApiEndpoint.get("ask", "/ask")).middleware(PersonLimited).middleware(Authentication)
)

/** The user of a request is the one whose name is the token. */
const bySaying = <A, E, R>(app: Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    HttpServerRequest.HttpServerRequest,
    ({ headers }) =>
      Effect.provideService(app, CurrentSession, { user: { id: headers["authorization"] } } as unknown as SignedIn)
  )

/** A host with delayed answers: `begun` gets one entry for each request that is worked on. */
const start = Effect.gen(function*() {
  const begun = yield* Queue.unbounded<void>()
  const released = yield* Deferred.make<void>()
  const routes = HttpApiBuilder.layer(api).pipe(
    Layer.provide(HttpApiBuilder.group(
      api,
      "test",
      (handlers) =>
        handlers.handle("ask", () => Effect.andThen(Queue.offer(begun, undefined), Deferred.await(released)))
    )),
    Layer.provide(Layer.succeed(Authentication, Authentication.of({ bearer: bySaying, session: bySaying }))),
    Layer.provide(RateLimitHandlers),
    Layer.provide(RateLimits.layer),
    Layer.provide(settings),
    Layer.provide(HttpServer.layerServices)
  )
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(routes, { disableLogger: true })),
    ({ dispose }) => Effect.promise(dispose)
  )
  const ask = (user: string) =>
    Effect.promise(() => handler(new Request("https://chat.example/ask", { headers: { authorization: user } }))).pipe(
      Effect.map(({ status }) => status)
    )
  return { ask, begun, release: Deferred.succeed(released, undefined) }
})

describe("Requests of one user", () => {
  it.effect("take at most their share of places, and leave places for other users", () =>
    Effect.gen(function*() {
      const { ask, begun, release } = yield* start
      const all = yield* Effect.forkChild(
        Effect.all(Array.from({ length: requestsAtOnce }, () => ask("ann")), { concurrency: "unbounded" })
      )
      yield* Queue.takeN(begun, requestsAtOnce)
      assert.strictEqual(yield* ask("ann"), 429)
      const bob = yield* Effect.forkChild(ask("bob"))
      yield* Queue.take(begun)
      yield* release
      assert.deepStrictEqual(new Set(yield* Fiber.join(all)), new Set([204]))
      assert.strictEqual(yield* Fiber.join(bob), 204)
      assert.strictEqual(yield* ask("ann"), 204)
    }).pipe(Effect.scoped))
})

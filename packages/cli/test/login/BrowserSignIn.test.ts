import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { BrowserSignInLive } from "../../src/Layers.ts"
import { signInByBrowser } from "../../src/login/BrowserSignIn.ts"

/** A host that is alive and answers nothing else. */
const quietHost = HttpClient.make((request) =>
  Effect.succeed(HttpClientResponse.fromWeb(request, Response.json({ status: "ok" })))
)

describe("signInByBrowser", () => {
  it.effect("gives up when no browser has come back after five minutes", () =>
    Effect.gen(function*() {
      const shown = yield* Deferred.make<string>()
      const signIn = yield* Effect.forkChild(
        signInByBrowser("https://dchat.example", (page) => Deferred.succeed(shown, page))
      )
      const { origin, searchParams } = new URL(yield* Deferred.await(shown))
      assert.strictEqual(origin, "https://dchat.example")
      assert.match(searchParams.get("redirect_uri") ?? "", /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
      assert.strictEqual(searchParams.get("code_challenge_method"), "S256")
      yield* TestClock.adjust("299 seconds")
      assert.isUndefined(signIn.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const failure = yield* Effect.flip(Fiber.join(signIn))
      assert.strictEqual(failure.message, "the sign-in was not finished within 5 minutes: run `dchat login` again")
    }).pipe(Effect.provide(BrowserSignInLive), Effect.provideService(HttpClient.HttpClient, quietHost)))
})

import { CallOver } from "@dchat/domain/call"
import { NativeCodeInvalid } from "@dchat/domain/identity"
import { DatabaseUnavailable, problemTable, TooManyRequests } from "@dchat/http/api"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { answered } from "../../src/login/HostAnswer.ts"

describe("The answer of a host", () => {
  const rows = [
    [new NativeCodeInvalid(), "the code is unknown, expired or already used"],
    [new DatabaseUnavailable({ retryAfterSeconds: 2 }), problemTable.DatabaseUnavailable.title],
    [new TooManyRequests({ retryAfterSeconds: 2 }), problemTable.TooManyRequests.title],
    [new CallOver(), problemTable.CallOver.title]
  ] as const

  it.effect("states why the host refuses, also for an error without a message", () =>
    Effect.gen(function*() {
      for (const [error, reason] of rows) {
        const refused = yield* Effect.flip(answered("https://chat.example.com")(Effect.fail(error)))
        assert.strictEqual(refused.detail, `refused the request: ${reason}`)
      }
    }))
})

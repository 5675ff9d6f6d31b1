import { CallId, CallRepository } from "@dchat/domain/call"
import { DatabaseUnavailable } from "@dchat/http/api"
import { makeClient } from "@dchat/http/client"
import { assert, describe, it, layer } from "@effect/vitest"
import { Cause, Context, Effect, Layer, Logger, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { SqlError } from "effect/sql"
import { TestClock } from "effect/testing"
import { MemoryPorts } from "../../src/host/Layers.ts"
import { troubleOf } from "../../src/middleware/DatabaseTrouble.ts"
import { withoutRepeating } from "../../src/middleware/DatabaseTroubleLog.ts"
import { RealtimeClient } from "../support/RealtimeClient.ts"
import { TestHost, testHost } from "../support/TestHost.ts"

const sqlError = (Reason: typeof SqlError.ConnectionError | typeof SqlError.UnknownError, code?: string) =>
  new SqlError.SqlError({
    reason: new Reason({ cause: Object.assign(new Error("as the database says"), code && { code }), message: "failed" })
  })

const away = sqlError(SqlError.ConnectionError)

/** Whether calls can be loaded. */
class Outage extends Context.Service<Outage, { defect: unknown }>()("test/Outage") {}

const ports = Layer.effect(
  CallRepository,
  Effect.gen(function*() {
    const repository = yield* CallRepository
    const outage = yield* Outage
    return {
      ...repository,
      load: (id) => Effect.suspend(() => outage.defect === undefined ? repository.load(id) : Effect.die(outage.defect))
    }
  })
).pipe(Layer.provideMerge(MemoryPorts), Layer.provideMerge(Layer.sync(Outage, () => ({ defect: undefined }))))

const callId = "0197a5c8-0000-7000-8000-000000000001"

layer(testHost(ports))("While the database fails", (it) => {
  it.effect.each(
    [
      [away, "database_unavailable"],
      [sqlError(SqlError.UnknownError, "57P03"), "database_unavailable"],
      [sqlError(SqlError.UnknownError, "53300"), "database_busy"],
      [sqlError(SqlError.UnknownError, "53100"), "database_full"],
      [sqlError(SqlError.UnknownError, "25006"), "database_read_only"],
      [
        new SqlError.SqlError({ reason: new SqlError.StatementTimeoutError({ cause: { code: "57014" } }) }),
        "database_timeout"
      ],
      [new SqlError.SqlError({ reason: new SqlError.LockTimeoutError({ cause: { code: "55P03" } }) }), "database_busy"],
      [new SqlError.SqlError({ reason: new SqlError.DeadlockError({ cause: { code: "40P01" } }) }), "contended"]
    ] as const
  )("a request and a frame are answered with the problem: %s", ([defect, code]) =>
    Effect.gen(function*() {
      const outage = yield* Outage
      const { signIn, url } = yield* TestHost
      const ann = yield* signIn()
      const { json } = yield* ann.post("/api/realtime/ticket")
      const client = yield* Effect.acquireRelease(
        Effect.promise(() => RealtimeClient.connect(`${url}/api/realtime?ticket=${json.ticket}`)),
        (client) => Effect.sync(() => client.terminate())
      )
      yield* Effect.promise(() => client.hello("a"))
      outage.defect = defect
      const answer = yield* ann.get(`/api/webrtc/call/${callId}`)
      const reply = yield* Effect.promise(() => client.request({ type: "call.accept", callId }))
      outage.defect = undefined
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.json.code, code)
      assert.match(String(answer.headers["retry-after"]), /^\d+$/)
      assert.deepInclude(reply["problem"] as object, { status: 503, code })
      assert.strictEqual((yield* ann.get(`/api/webrtc/call/${callId}`)).status, 404)
    }))

  it.effect("the typed client fails with the problem and the time of the next attempt", () =>
    Effect.gen(function*() {
      const outage = yield* Outage
      const { signIn, url } = yield* TestHost
      const { token } = yield* signIn()
      const client = yield* makeClient({ baseUrl: url, token: Redacted.make(token) })
      outage.defect = away
      const failure = yield* Effect.flip(
        client.calls.get({ params: { id: CallId.make(callId) }, headers: {}, query: {} })
      )
      outage.defect = undefined
      assert.instanceOf(failure, DatabaseUnavailable)
      assert.deepInclude(failure, { retryAfterSeconds: 2 })
    }).pipe(Effect.provide(FetchHttpClient.layer)))
})

describe("A failure of the database", () => {
  it("is neither an error of a wrong statement nor an error beside a defect", () => {
    const wrong = new SqlError.SqlError({ reason: new SqlError.SqlSyntaxError({ cause: { code: "42703" } }) })
    assert.isUndefined(troubleOf(Cause.die(wrong)))
    assert.isUndefined(troubleOf(Cause.combine(Cause.die(away), Cause.die(new Error("a fault")))))
    assert.isUndefined(troubleOf(Cause.empty))
  })

  it.effect("is logged once a second in a line without a stack, and hides no other error", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = withoutRepeating(Logger.make(({ cause, message }) => {
        lines.push(`${String(message)}${cause.reasons.length === 0 ? "" : " with a cause"}`)
      }))
      yield* Effect.gen(function*() {
        const fail = Effect.all([
          Effect.logError("a request failed", Cause.die(away)),
          Effect.logError("a frame failed", away)
        ])
        yield* Effect.all(Array.from({ length: 50 }, () => fail))
        yield* Effect.logError("a fault", Cause.die(new Error("of our own")))
        yield* TestClock.adjust("1 second")
        yield* fail
      }).pipe(Effect.provide(Logger.layer([logger])))
      assert.deepStrictEqual(lines, [
        "a request failed: DatabaseUnavailable: as the database says",
        "a fault with a cause",
        "a request failed: DatabaseUnavailable: as the database says (and 99 times more since the last such line)"
      ])
    }))
})

import { PgCalls } from "@dchat/adapters/postgres"
import { type Call, CallArchive, CallId, CallRepository, FinishedCalls } from "@dchat/domain/call"
import { assert, describe, it, layer } from "@effect/vitest"
import { DateTime, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { append } from "../../../domain/src/contracts/support/callAppends.ts"
import { initiate, noon, someone, step } from "../../../domain/src/contracts/support/callSteps.ts"
import { bodyFormat, pack, unpack } from "../../src/postgres/call/FinishedCallBody.ts"
import { logged } from "../support/logged.ts"
import { backends } from "../support/TestDatabase.ts"

const later = DateTime.add(noon, { days: 1 })

const moveAll = Effect.gen(function*() {
  const { move } = yield* FinishedCalls
  yield* Effect.repeat(move(later, 100), { while: (moved) => moved === 100 })
})

const ended = Effect.fnUntraced(function*(ann = someone(), bob = someone()) {
  return yield* append(step(yield* append(initiate(ann, [bob])), { _tag: "End" }))
})

const isInPlace = Effect.fnUntraced(function*({ id }: Call) {
  const sql = yield* SqlClient.SqlClient
  return (yield* sql`SELECT FROM calls WHERE id = ${id}`).length === 1
})

for (const { layer: database, name } of backends) {
  layer(Layer.provideMerge(PgCalls.layer, database), { excludeTestServices: true })(
    `An unreadable call that has ended, on ${name}`,
    (it) => {
      it.effect("is moved as it is when it is damaged, and keeps no other call in place", () =>
        Effect.gen(function*() {
          const { faultOf, history, load } = yield* CallRepository
          const sql = yield* SqlClient.SqlClient
          const ann = someone()
          const [damaged, whole] = [yield* ended(ann), yield* ended(ann)]
          yield* sql`UPDATE calls SET state = (state::jsonb - 'limits' - 'participants')::json WHERE id = ${damaged.id}`
          yield* moveAll
          assert.isFalse(yield* isInPlace(damaged))
          assert.isFalse(yield* isInPlace(whole))
          assert.lengthOf(yield* sql`SELECT FROM user_calls WHERE call_id = ${damaged.id}`, 0)
          assert.lengthOf(yield* sql`SELECT FROM call_history WHERE call_id = ${damaged.id}`, 2)
          assert.include(Option.getOrThrow(yield* faultOf(damaged.id)), "limits")
          assert.deepStrictEqual(yield* load(damaged.id), Option.none())
          assert.deepStrictEqual(yield* history([ann], {}, { limit: 9 }), [CallArchive.withoutSignalling(whole)])
        }))

      it.effect("stays in place when it cannot be moved, is told of once, and keeps no other call in place", () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* moveAll
          const [before, twice, timeless, after] = yield* Effect.all([ended(), ended(), ended(), ended()])
          yield* sql`INSERT INTO finished_calls (call_id, state_version, format, body) VALUES (${twice.id}, 1, 1, '')`
          yield* sql`UPDATE call_events SET at = 'infinity' WHERE call_id = ${timeless.id} AND seq = 1`
          const { move } = yield* FinishedCalls
          const errors = yield* logged(Effect.gen(function*() {
            assert.strictEqual(yield* move(later, 100), 2)
            assert.strictEqual(yield* move(later, 100), 0)
          }))
          for (const call of [twice, timeless]) {
            assert.isTrue(yield* isInPlace(call))
            assert.lengthOf(errors.filter((error) => error.includes(call.id)), 1)
          }
          for (const call of [before, after]) assert.isFalse(yield* isInPlace(call))
        }))

      it.effect("stays in place when a newer release has stored it, and keeps no other call in place", () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const [newer, whole] = [yield* ended(), yield* ended()]
          yield* sql`UPDATE calls SET state_version = 99, ended_at = ${DateTime.toDateUtc(noon)} WHERE id = ${newer.id}`
          yield* moveAll
          assert.isTrue(yield* isInPlace(newer))
          assert.isFalse(yield* isInPlace(whole))
          yield* sql`DELETE FROM calls WHERE id = ${newer.id}`
        }))

      it.effect("is moved without being read when it was ended without being read", () =>
        Effect.gen(function*() {
          const { discard, faultOf } = yield* CallRepository
          const sql = yield* SqlClient.SqlClient
          const call = yield* append(initiate(someone(), [someone()]))
          yield* sql`UPDATE calls SET state = (state::jsonb - 'limits')::json WHERE id = ${call.id}`
          assert.isTrue(yield* discard(call.id, noon))
          yield* moveAll
          assert.isFalse(yield* isInPlace(call))
          assert.include(Option.getOrThrow(yield* faultOf(call.id)), "ended")
          assert.isFalse(yield* discard(call.id, noon))
        }))

      it.effect("loses its unreadable events from the timeline, and tells of each once", () =>
        Effect.gen(function*() {
          const { deliveries } = yield* CallRepository
          const sql = yield* SqlClient.SqlClient
          const ann = someone()
          const call = yield* ended(ann)
          yield* sql`UPDATE call_events SET event = '{"_tag": "OfTomorrow"}' WHERE call_id = ${call.id} AND seq = 2`
          yield* moveAll
          const errors = yield* logged(Effect.gen(function*() {
            for (let time = 0; time < 2; time += 1) {
              const seen = yield* deliveries(call.id, ann, 0)
              assert.notInclude(seen.map(({ record }) => record.seq), 2)
              assert.strictEqual(seen.at(-1)?.record.seq, call.seq)
            }
          }))
          assert.lengthOf(errors, 1)
          assert.include(errors[0], `event 2 of the call ${call.id}`)
        }))

      it.effect("is left out and told of once when its body is damaged or has another format", () =>
        Effect.gen(function*() {
          const { deliveries, loadAll } = yield* CallRepository
          const sql = yield* SqlClient.SqlClient
          const ann = someone()
          const [damaged, other, whole] = [yield* ended(ann), yield* ended(ann), yield* ended(ann)]
          yield* moveAll
          yield* sql`UPDATE finished_calls SET body = substring(body FROM 3) WHERE call_id = ${damaged.id}`
          yield* sql`UPDATE finished_calls SET format = ${bodyFormat + 1} WHERE call_id = ${other.id}`
          const errors = yield* logged(Effect.gen(function*() {
            for (let time = 0; time < 2; time += 1) {
              const found = yield* loadAll([damaged.id, other.id, whole.id])
              assert.deepStrictEqual(found.map(({ id }) => id), [whole.id])
            }
            assert.deepStrictEqual(yield* deliveries(damaged.id, ann, 0), [])
          }))
          assert.lengthOf(errors, 2)
        }))
    }
  )
}

describe("The body of a finished call", () => {
  /** Stored bodies stay readable: a change of these bytes needs a new format. */
  const stored = "w2wpWRqAgC6YMAcRFjAuBCTjaUsRVy6aw71hZKZrYKhrYBhiaGRlYGBlYKBnaGRMsd8I+QDkezOQ5wE="
  const body = {
    state: { id: CallId.make("01900000-0000-7000-8000-0000000000c1"), phase: "disconnected", endReason: "hangup" },
    events: [{
      seq: 7,
      at: "2026-01-01T12:00:00.123Z",
      event: { _tag: "CallEnded", reason: "hangup" },
      audience: { "01900000-0000-7000-8000-000000000001": 6 }
    }]
  }

  it("is read as an earlier release has written it", () => {
    assert.deepStrictEqual(unpack(1, Buffer.from(stored, "base64")), body)
    assert.deepStrictEqual(unpack(bodyFormat, pack(body)), body)
  })

  it("holds few bytes for the texts that most calls share", () => {
    assert.isBelow(pack(body).length * 3, JSON.stringify(body).length)
  })
})

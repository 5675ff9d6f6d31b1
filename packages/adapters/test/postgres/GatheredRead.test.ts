import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import * as GatheredRead from "../../src/postgres/GatheredRead.ts"

interface Row {
  readonly key: string
  readonly value: number
}

/** A transaction whose connection is never used. */
const transaction: SqlClient.TransactionConnection.Service = [Effect.never as never, 0]

const sql = { transactionService: SqlClient.TransactionConnection(0) }

/** A read whose statements wait for `gate`, and the keys of each statement. */
const makeRead = Effect.gen(function*() {
  const gate = yield* Deferred.make<void, string>()
  const statements: Array<ReadonlyArray<string>> = []
  const began = yield* Deferred.make<void>()
  const read = yield* GatheredRead.make(
    sql,
    (keys: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        statements.push(keys)
        yield* Deferred.succeed(began, undefined)
        yield* Deferred.await(gate)
        return keys.map((key): Row => ({ key, value: key.length }))
      }),
    ({ key }) => key
  )
  const first = yield* Effect.forkChild(read(["a"]))
  yield* Deferred.await(began)
  return { gate, statements, read, first }
})

describe("Reads that are gathered", () => {
  it.effect("are carried out by one statement after the one that is under way, each with its own rows", () =>
    Effect.gen(function*() {
      const { first, gate, read, statements } = yield* makeRead
      const others = yield* Effect.forkChild(Effect.all([read(["bb", "a"]), read(["ccc"]), read(["bb"])], {
        concurrency: "unbounded"
      }))
      yield* Effect.yieldNow
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(yield* Fiber.join(first), [{ key: "a", value: 1 }])
      const [bb, ccc] = [{ key: "bb", value: 2 }, { key: "ccc", value: 3 }]
      assert.deepStrictEqual(yield* Fiber.join(others), [[bb, { key: "a", value: 1 }], [ccc], [bb]])
      assert.deepStrictEqual(statements, [["a"], ["bb", "a", "ccc"]])
      assert.deepStrictEqual(yield* read(["a"]), [{ key: "a", value: 1 }])
    }).pipe(Effect.scoped))

  it.effect("fail with their statement, and leave out a read that was given up", () =>
    Effect.gen(function*() {
      const { first, gate, read, statements } = yield* makeRead
      const second = yield* Effect.forkChild(read(["b"]))
      const givenUp = yield* Effect.forkChild(read(["c"]))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(givenUp)
      yield* Deferred.fail(gate, "away")
      assert.deepStrictEqual(yield* Fiber.await(first), Exit.fail("away"))
      assert.deepStrictEqual(yield* Fiber.await(second), Exit.fail("away"))
      assert.deepStrictEqual(yield* Effect.exit(read(["d"])), Exit.fail("away"))
      assert.deepStrictEqual(statements, [["a"], ["b"], ["d"]])
    }).pipe(Effect.scoped))

  it.effect("join their transaction, and are not gathered there", () =>
    Effect.gen(function*() {
      const { first, gate, read, statements } = yield* makeRead
      const within = yield* Effect.forkChild(Effect.provideService(read(["b"]), sql.transactionService, transaction))
      yield* Effect.yieldNow
      assert.deepStrictEqual(statements, [["a"], ["b"]])
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(yield* Fiber.join(within), [{ key: "b", value: 1 }])
      assert.deepStrictEqual(yield* Fiber.join(first), [{ key: "a", value: 1 }])
    }).pipe(Effect.scoped))
})

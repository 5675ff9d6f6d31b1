/**
 * Gathers reads of one kind: while one statement runs, further reads wait, and the next statement carries out all of
 * them. A read never joins a statement that has begun, so that each read sees everything that was stored before the
 * read.
 */
import { Effect, Exit, Option } from "effect"
import type { SqlClient } from "effect/sql"

/** Maximum number of keys in one statement, unless a single read has more. */
const keysTogether = 256

interface Waiting<Key, Row, E> {
  readonly keys: ReadonlyArray<Key>
  readonly resume: (rows: Effect.Effect<ReadonlyArray<Row>, E>) => void
}

/** Returns the rows of a read among the rows of a statement. */
const rowsFor = <Key, Row>(rows: ReadonlyArray<Row>, keyOf: (row: Row) => Key) => {
  const byKey = Map.groupBy(rows, keyOf)
  return ([key, ...others]: ReadonlyArray<Key>): ReadonlyArray<Row> => {
    if (key === undefined) return []
    if (others.length === 0) return byKey.get(key) ?? []
    const keys = new Set([key, ...others])
    return rows.filter((row) => keys.has(keyOf(row)))
  }
}

/**
 * Returns a read of the rows with some keys, in the order of `read`. `read` reads the rows with many keys, each row
 * once; `keyOf` is the key of a row. If `read` fails, all reads that it carries out fail. A read within a transaction of
 * `sql` is a statement of that transaction, and is not gathered.
 */
export const make = Effect.fnUntraced(function*<Key, Row, E>(
  { transactionService }: Pick<SqlClient.SqlClient, "transactionService">,
  read: (keys: ReadonlyArray<Key>) => Effect.Effect<ReadonlyArray<Row>, E>,
  keyOf: (row: Row) => Key
) {
  const scope = yield* Effect.scope
  const waiting: Array<Waiting<Key, Row, E>> = []
  let isReading = false

  const takeSome = () => {
    const taken = waiting.splice(0, 1)
    let keys = taken[0]?.keys.length ?? 0
    for (let next = waiting[0]; next !== undefined && keys + next.keys.length <= keysTogether; next = waiting[0]) {
      keys += next.keys.length
      taken.push(next)
      waiting.shift()
    }
    return taken
  }

  const readTogether = Effect.suspend(() => {
    const taken = takeSome()
    return Effect.map(Effect.exit(read([...new Set(taken.flatMap(({ keys }) => keys))])), (exit) => {
      const found = Exit.map(exit, (rows) => rowsFor(rows, keyOf))
      for (const { keys, resume } of taken) resume(Exit.map(found, (rowsWith) => rowsWith(keys)))
      isReading = waiting.length > 0
    })
  })
  // A stopping host lets its reads end. The time limit of a statement bounds them.
  const readAll = Effect.uninterruptible(
    Effect.whileLoop({ while: () => isReading, body: () => readTogether, step: () => {} })
  )
  const start = yield* Effect.map(
    Effect.context<never>(),
    (context) => () => Effect.runForkWith(context)(Effect.forkIn(readAll, scope))
  )

  const gathered = (keys: ReadonlyArray<Key>): Effect.Effect<ReadonlyArray<Row>, E> =>
    Effect.callback((resume) => {
      const asked = { keys, resume }
      waiting.push(asked)
      const giveUp = Effect.sync(() => {
        const index = waiting.indexOf(asked)
        if (index >= 0) waiting.splice(index, 1)
      })
      if (isReading) return giveUp
      isReading = true
      start()
      return giveUp
    })
  return (keys: ReadonlyArray<Key>): Effect.Effect<ReadonlyArray<Row>, E> =>
    Effect.flatMap(
      Effect.serviceOption(transactionService),
      (transaction) => Option.isNone(transaction) ? gathered(keys) : read(keys)
    )
})

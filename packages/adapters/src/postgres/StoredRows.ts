/**
 * Reads stored rows one by one. A row that this host cannot read (of a newer release, or damaged) is left as it is and
 * reported once; every other row is read.
 */
import { Array, Effect, Option, Result, Schema, SchemaIssue } from "effect"

/** A row as the database gives it. */
export const StoredRow = Schema.Record(Schema.String, Schema.Unknown)
export type StoredRow = typeof StoredRow.Type

/** A reader remembers the names of this many rows that it could not read, and forgets the oldest names first. */
const remembered = 1000

/** The formatter quotes no value, because a value may be personal. */
const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** A longer line does not help. */
const most = 300

/** The places of a row that do not fit its schema. */
const placesOf = ({ issue }: Schema.SchemaError): string =>
  format(issue).issues.map(({ message, path = [] }) => `${path.map(String).join(".")}: ${message}`).join("; ").slice(
    0,
    most
  )

export interface RowReader<A> {
  /** The rows that can be read, in their order. */
  readonly readAll: (rows: ReadonlyArray<StoredRow>) => Effect.Effect<ReadonlyArray<A>>
  /** A row, if it can be read. */
  readonly read: (row: StoredRow) => Effect.Effect<Option.Option<A>>
  /** The same, for a list of what cannot be read: nothing is reported. */
  readonly peek: (row: StoredRow) => Option.Option<A>
}

/** `nameOf` names a row in the log, as in `event 3 of the call ...`. */
export const makeReader = <S extends Schema.Decoder<unknown>>(
  schema: S,
  nameOf: (row: StoredRow) => string
): RowReader<S["Type"]> => {
  const decode = Schema.decodeUnknownResult(schema)
  const unreadable = new Set<string>()

  const report = Effect.fnUntraced(function*(row: StoredRow, error: Schema.SchemaError) {
    const name = nameOf(row)
    if (unreadable.has(name)) return
    unreadable.add(name)
    for (const first of unreadable) {
      if (unreadable.size <= remembered) break
      unreadable.delete(first)
    }
    yield* Effect.logError(`the ${name} cannot be read and stays unchanged: ${placesOf(error)}`)
  })

  const read = (row: StoredRow): Effect.Effect<Option.Option<S["Type"]>> => {
    const decoded = decode(row)
    if (Result.isFailure(decoded)) return Effect.as(report(row, decoded.failure), Option.none())
    if (unreadable.size > 0) unreadable.delete(nameOf(row))
    return Effect.succeedSome(decoded.success)
  }

  const peek = (row: StoredRow) => Result.getSuccess(decode(row))

  return { read, peek, readAll: (rows) => Effect.map(Effect.forEach(rows, read), Array.getSomes) }
}

/**
 * A page of `limit` items that can be read, or of all that are left. `select` answers the rows after a row, the first
 * ones where none is given; rows that cannot be read make the page no shorter.
 */
export const fullPage = <Row, A, E, R, E2, R2>(
  limit: number,
  select: (after: Row | undefined, limit: number) => Effect.Effect<ReadonlyArray<Row>, E, R>,
  read: (rows: ReadonlyArray<Row>) => Effect.Effect<ReadonlyArray<A>, E2, R2>
): Effect.Effect<ReadonlyArray<A>, E | E2, R | R2> => {
  const more = (
    after: Row | undefined,
    before: ReadonlyArray<A>
  ): Effect.Effect<ReadonlyArray<A>, E | E2, R | R2> =>
    Effect.gen(function*() {
      const rows = yield* select(after, limit)
      const found = [...before, ...(yield* read(rows))]
      return rows.length < limit || found.length >= limit ? found.slice(0, limit) : yield* more(rows.at(-1), found)
    })
  return more(undefined, [])
}

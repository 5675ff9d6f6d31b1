/**
 * Migrates a schema in one transaction, and detects a schema that differs from the result of the migrations.
 */
import { Effect, Predicate } from "effect"
import { Migrator, SqlClient, SqlError } from "effect/sql"
import { migrations } from "./migrations/index.ts"
import {
  MigrationFailed,
  RightsMissing,
  SchemaAltered,
  SchemaForeign,
  SchemaIncomplete,
  SchemaNewer,
  SchemaOlder,
  SchemaUnusable
} from "./SchemaUnusable.ts"

/** The migrations that were applied. */
const historyTable = "dchat_migrations"

/** The columns of each table as the last migration left them. */
const shapeTable = "dchat_schema"

/** SQLSTATEs: duplicate_table, duplicate_object, duplicate_schema, duplicate_function. */
const duplicate = new Set(["42P07", "42710", "42P06", "42723"])

/** SQLSTATEs: undefined_table, undefined_column, wrong_object_type, datatype_mismatch. */
const unlike = new Set(["42P01", "42703", "42809", "42804"])

const nameOf = (id: number, name: string) => `${String(id).padStart(4, "0")}_${name}`

const known = Object.keys(migrations).toSorted()

interface Relation {
  readonly relation: string
  /** Each with its type. */
  readonly columns: ReadonlyArray<string>
}

const unusable = (reason: SchemaUnusable["reason"]) => new SchemaUnusable({ reason })

const roleOf = (sql: SqlClient.SqlClient) =>
  Effect.map(sql<{ readonly role: string }>`SELECT current_user::text AS role`, ([row]) => row?.role ?? "unknown")

const exists = (sql: SqlClient.SqlClient, table: string) =>
  Effect.map(sql`SELECT 1 WHERE to_regclass(${table}) IS NOT NULL`, (rows) => rows.length > 0)

/** The tables of the schema. A partition is a part of its table: months come and go. */
const relations = (sql: SqlClient.SqlClient) =>
  sql<Relation>`
    SELECT c.relname::text AS relation,
      array_agg(a.attname::text || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS columns
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    GROUP BY c.relname`

/** The names of what was applied, once they are those of this release or of an older one. */
const applied = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  if (!(yield* exists(sql, historyTable))) return []
  const rows = yield* sql<{ readonly id: number; readonly name: string }>`
    SELECT migration_id AS id, name FROM ${sql(historyTable)} ORDER BY migration_id`
  const names = rows.map(({ id, name }) => nameOf(id, name))
  const newest = known.at(-1) ?? ""
  const newer = names.find((name) => name.slice(0, 4) > newest.slice(0, 4))
  if (newer !== undefined) return yield* unusable(new SchemaNewer({ migration: newer }))
  const last = names.at(-1)
  const missing = known.find((name) => last !== undefined && name <= last && !names.includes(name))
  if (missing !== undefined) return yield* unusable(new SchemaIncomplete({ migration: missing }))
  const foreign = names.find((name) => !known.includes(name))
  if (foreign !== undefined) {
    return yield* unusable(new SchemaForeign({ detail: `the migration ${foreign} is not of this release` }))
  }
  return names
})

const recorded = (sql: SqlClient.SqlClient) => sql<Relation>`SELECT relation, columns FROM ${sql(shapeTable)}`

/** Keeps the shape of the tables that are new since `before`, and of those that were kept. */
const record = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, before: ReadonlyArray<Relation>) {
  yield* sql`CREATE TABLE IF NOT EXISTS ${sql(shapeTable)} (relation text PRIMARY KEY, columns text[] NOT NULL)`
  const known = new Set((yield* recorded(sql)).map(({ relation }) => relation))
  const others = new Set(before.map(({ relation }) => relation))
  yield* sql`DELETE FROM ${sql(shapeTable)}`
  for (const { columns, relation } of yield* relations(sql)) {
    if (relation === shapeTable || (others.has(relation) && !known.has(relation))) continue
    yield* sql`INSERT INTO ${sql(shapeTable)} VALUES (${relation}, ${columns}::text[])`
  }
})

/** Fails where a table or a column is not as it was made, or may not be used. Additional columns are allowed. */
const check = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  const made = yield* recorded(sql)
  const present = new Map((yield* relations(sql)).map(({ columns, relation }) => [relation, new Set(columns)]))
  for (const { columns, relation } of made) {
    const found = present.get(relation)
    if (found === undefined) return yield* unusable(new SchemaAltered({ relation }))
    const column = columns.find((each) => !found.has(each))
    if (column !== undefined) return yield* unusable(new SchemaAltered({ relation, column }))
  }
  const [closed] = yield* sql<{ readonly relation: string }>`
    SELECT relation FROM ${sql(shapeTable)}
    WHERE NOT (has_table_privilege(quote_ident(relation), 'SELECT')
      AND has_table_privilege(quote_ident(relation), 'INSERT')
      AND has_table_privilege(quote_ident(relation), 'UPDATE')
      AND has_table_privilege(quote_ident(relation), 'DELETE'))
    ORDER BY relation LIMIT 1`
  if (closed !== undefined) {
    const detail = `it may not read and write the table ${closed.relation}`
    return yield* unusable(new RightsMissing({ role: yield* roleOf(sql), detail }))
  }
})

const codeOf = (cause: unknown) => Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
const messageOf = (cause: unknown) => Predicate.hasProperty(cause, "message") ? String(cause.message) : "unknown"

/**
 * The fault of the schema that a refused statement shows. Every other error means that the database is away or in
 * trouble.
 */
const explained = (error: SqlError.SqlError, role: string, migration?: string) => {
  const { cause } = error.reason
  const code = codeOf(cause)
  const detail = messageOf(cause)
  if (code === "42501") return unusable(new RightsMissing({ role, detail }))
  if (duplicate.has(code)) return unusable(new SchemaForeign({ detail }))
  if (migration !== undefined) return unusable(new MigrationFailed({ migration, detail }))
  return unlike.has(code) ? unusable(new SchemaForeign({ detail })) : error
}

const explain = <A, E, R>(
  sql: SqlClient.SqlClient,
  effect: Effect.Effect<A, E | SqlError.SqlError | Migrator.MigrationError, R>
) =>
  Effect.flatMap(roleOf(sql), (role) =>
    Effect.mapError(effect, (error) => {
      if (SqlError.isSqlError(error)) return explained(error, role)
      if (!(error instanceof Migrator.MigrationError)) return error
      return SqlError.isSqlError(error.cause)
        ? explained(error.cause, role, error.message.replace(/^Migration "(.*)" failed$/, "migration $1"))
        : unusable(new MigrationFailed({ migration: error.message, detail: messageOf(error.cause) }))
    }))

/**
 * Runs the migrations that this database has not seen, all in one transaction, and answers which. Hosts that start at
 * the same time wait for each other.
 */
export const update = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const run = Effect.gen(function*() {
    // A migration takes what it takes, and so does waiting for the host that is at it.
    yield* sql`SET LOCAL statement_timeout = 0`
    yield* sql`SET LOCAL lock_timeout = 0`
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended('dchat migrations', 0))`
    // A statement that waits for a table blocks all others that need the table.
    yield* sql`SET LOCAL lock_timeout = '60s'`
    const before = yield* relations(sql)
    const names = yield* applied(sql)
    const isPending = known.length > names.length
    if (isPending && names.length > 0) yield* check(sql)
    if (!(yield* exists(sql, historyTable))) {
      // As the migrator makes it, which hides in a transaction why it could not.
      yield* sql`CREATE TABLE ${sql(historyTable)} (
        migration_id integer PRIMARY KEY,
        created_at timestamptz NOT NULL DEFAULT now(),
        name text NOT NULL
      )`
    }
    const done = isPending
      ? yield* Migrator.make({})({ loader: Migrator.fromRecord(migrations), table: historyTable })
      : []
    if (isPending) yield* record(sql, before)
    yield* check(sql)
    return done
  })
  return yield* explain(sql, sql.withTransaction(run))
}).pipe(Effect.withSpan("Database.migrate"))

/** Fails unless the schema is up to date and as it was made. Changes nothing. */
export const verify = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const run = Effect.gen(function*() {
    const names = yield* applied(sql)
    if (names.length < known.length) return yield* unusable(new SchemaOlder())
    yield* check(sql)
  })
  yield* explain(sql, run)
}).pipe(Effect.withSpan("Database.verify"))

import { Database, migrations } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as TestDatabase from "../support/TestDatabase.ts"

const relations = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname`
)

/** An empty database. */
const emptied = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DROP SCHEMA public CASCADE`
  yield* sql`CREATE SCHEMA public`
  return sql
})

describe("The migrations", () => {
  it("are numbered from 1 without gaps", () => {
    const numbers = Object.keys(migrations).map((name) => Number(name.slice(0, 4)))
    assert.deepStrictEqual(numbers, numbers.map((_, index) => index + 1))
  })
})

const newest = Object.keys(migrations).toSorted().at(-1) ?? ""

for (const backend of TestDatabase.backends) {
  /** What a host and a command say of a database that has been made like this; neither may leave anything behind. */
  const refuses = (
    name: string,
    make: Effect.Effect<unknown, unknown, SqlClient.SqlClient>,
    tag: string,
    words: RegExp
  ) =>
    it.live(name, () =>
      Effect.gen(function*() {
        yield* Effect.orDie(make)
        const before = yield* relations
        const ofHost = yield* Effect.flip(Database.migrate)
        assert.strictEqual(ofHost._tag === "SchemaUnusable" ? ofHost.reason._tag : ofHost._tag, tag)
        assert.match(ofHost.message, words)
        assert.lengthOf(ofHost.message.split("\n"), 1)
        const clients = Layer.effect(SqlClient.SqlClient, SqlClient.SqlClient).pipe(
          Layer.merge(Layer.effect(PgClient.PgClient, PgClient.PgClient))
        )
        const ofCommand = yield* Effect.flip(Effect.scoped(Layer.build(Database.verified(clients))))
        assert.lengthOf(ofCommand.message.split("\n"), 1)
        assert.deepStrictEqual(yield* relations, before)
      }).pipe(Effect.provide(backend.layer)))

  const changed = (statement: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement))

  describe(`A database with another schema than this release's, on ${backend.name}`, () => {
    refuses(
      "is told from one of a newer release",
      changed("INSERT INTO dchat_migrations (migration_id, name) VALUES (9001, 'later')"),
      "SchemaNewer",
      /newer release.*9001_later.*start that release/
    )
    refuses(
      "is told from one with a renamed column",
      changed("ALTER TABLE users RENAME COLUMN created_at TO made_at"),
      "SchemaAltered",
      /changed by hand.*users\.created_at/
    )
    refuses(
      "is told from one that lacks a table",
      changed("DROP TABLE leases"),
      "SchemaAltered",
      /changed by hand.*table leases/
    )
    refuses(
      "is told from one that lacks the record of its tables",
      changed("DROP TABLE dchat_schema"),
      "SchemaForeign",
      /dchat_schema/
    )
    refuses(
      "is told from one with half of the migrations",
      changed("DELETE FROM dchat_migrations WHERE migration_id = 3"),
      "SchemaIncomplete",
      /lacks the migration 0003_subscriptions/
    )
    refuses(
      "is told from one with a table of the same name of somebody else's",
      Effect.flatMap(emptied, (sql) => sql`CREATE TABLE calls (id int)`),
      "SchemaForeign",
      /objects that dchat did not create.*"calls".*empty database/
    )
    refuses(
      "is told from one whose list of migrations is somebody else's",
      Effect.flatMap(emptied, (sql) => sql`CREATE TABLE dchat_migrations (version text)`),
      "SchemaForeign",
      /objects that dchat did not create/
    )

    it.live("is distinguished from a database that the role may not use", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { config } = yield* PgClient.PgClient
        const role = `guest_${(config.database ?? "").slice(-12)}`
        yield* sql`CREATE ROLE ${sql(role)}`
        yield* sql`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${sql(role)}`
        const asGuest = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) =>
          Effect.flip(sql.withTransaction(Effect.andThen(sql`SET LOCAL ROLE ${sql(role)}`, effect)))
        const reading = yield* asGuest(Database.migrate)
        assert.match(reading.message, new RegExp(`^the role ${role} lacks rights .*may not read and write the table`))
        yield* emptied
        yield* sql`GRANT USAGE ON SCHEMA public TO ${sql(role)}`
        const making = yield* asGuest(Database.migrate)
        assert.match(making.message, new RegExp(`^the role ${role} lacks rights .*permission denied for schema public`))
        assert.deepStrictEqual(yield* relations, [])
        yield* sql`DROP OWNED BY ${sql(role)}`
        yield* sql`DROP ROLE ${sql(role)}`
      }).pipe(Effect.provide(backend.layer)))

    it.live("is migrated when it is empty, also beside tables of others", () =>
      Effect.gen(function*() {
        const sql = yield* emptied
        yield* sql`CREATE TABLE notes (text text)`
        const applied = yield* Database.migrate
        assert.strictEqual(applied.at(-1)?.[1], newest.slice(5))
        yield* sql`ALTER TABLE users ADD COLUMN remark text`
        yield* sql`DROP TABLE notes`
        assert.deepStrictEqual(yield* Database.migrate, [])
      }).pipe(Effect.provide(backend.layer)))

    it.live("is the one of this release when months of calls were added and dropped", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const months = sql`SELECT FROM pg_class WHERE relispartition AND relkind = 'r'`
        assert.isAbove((yield* months).length, 0)
        yield* sql`SELECT drop_call_months('2100-01-01Z')`
        assert.lengthOf(yield* months, 0)
        assert.deepStrictEqual(yield* Database.migrate, [])
        yield* sql`SELECT add_call_month('2031-05-17')`
        assert.lengthOf(yield* months, 2)
        assert.deepStrictEqual(yield* Database.migrate, [])
      }).pipe(Effect.provide(backend.layer)))
  })
}

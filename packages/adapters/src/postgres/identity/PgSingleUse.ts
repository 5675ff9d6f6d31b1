/**
 * Keeps single-use records in one table of Postgres. The deletion of a row uses its record up; for a kind with outcomes,
 * a change of the row does.
 */
import { SingleUse, type SingleUseKind, type SingleUseRecord } from "@dchat/domain/identity"
import { Array, DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"

interface Row {
  readonly record: unknown
  readonly isUsed: boolean
  readonly outcome: unknown
}

const encode = <A>(schema: Schema.Codec<A, unknown>, value: A): string =>
  JSON.stringify(Schema.encodeSync(Schema.toCodecJson(schema))(value))

const decode = <A>(schema: Schema.Codec<A, unknown>) => Schema.decodeUnknownEffect(Schema.toCodecJson(schema))

/** The record of the only row, if there is one. */
const recordIn = <A extends SingleUseRecord>(
  { record }: SingleUseKind<A>,
  rows: Effect.Effect<ReadonlyArray<Pick<Row, "record">>, SqlError.SqlError>
) =>
  rows.pipe(
    Effect.flatMap(Effect.forEach((row) => decode(record)(row.record))),
    Effect.map(Array.head),
    Effect.orDie
  )

export const layer = Layer.effect(
  SingleUse,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    return SingleUse.of({
      put: (kind, record) =>
        sql`INSERT INTO single_use (kind, key, slot, users, record, expires_at)
            VALUES (${kind.name}, ${kind.keyOf(record)}, ${kind.slotOf?.(record) ?? null},
              ${kind.usersOf?.(record) ?? []}::uuid[], ${encode(kind.record, record)}::jsonb,
              ${DateTime.toDateUtc(record.expiresAt)})
            ON CONFLICT (kind, slot) WHERE slot IS NOT NULL DO UPDATE SET key = excluded.key, users = excluded.users,
              record = excluded.record, expires_at = excluded.expires_at, is_used = false, outcome = NULL`.pipe(
          Effect.orDie,
          Effect.asVoid,
          Effect.withSpan("SingleUse.put")
        ),
      find: (kind, key) =>
        recordIn(
          kind,
          sql<Row>`SELECT record FROM single_use WHERE kind = ${kind.name} AND key = ${key} AND NOT is_used`
        ).pipe(Effect.withSpan("SingleUse.find")),
      findInSlot: (kind, slot) =>
        recordIn(
          kind,
          sql<Row>`SELECT record FROM single_use WHERE kind = ${kind.name} AND slot = ${slot} AND NOT is_used`
        ).pipe(Effect.withSpan("SingleUse.findInSlot")),
      consume: (kind, key) =>
        recordIn(
          kind,
          sql<Row>`${
            kind.outcome === undefined
              ? sql`DELETE FROM single_use`
              : sql`UPDATE single_use SET is_used = true`
          } WHERE kind = ${kind.name} AND key = ${key} AND NOT is_used RETURNING record`
        ).pipe(Effect.withSpan("SingleUse.consume")),
      finish: (kind, key, outcome) =>
        sql`UPDATE single_use SET outcome = ${encode(kind.outcome, outcome)}::jsonb
            WHERE kind = ${kind.name} AND key = ${key} AND is_used AND outcome IS NULL`.pipe(
          Effect.orDie,
          Effect.asVoid,
          Effect.withSpan("SingleUse.finish")
        ),
      trace: Effect.fn("SingleUse.trace")(function*(kind, key) {
        const [row] = yield* sql<Row>`SELECT record, is_used AS "isUsed", outcome FROM single_use
          WHERE kind = ${kind.name} AND key = ${key}`
        if (row === undefined) return Option.none()
        const outcome = row.outcome === null
          ? Option.none()
          : Option.some(yield* decode(kind.outcome)(row.outcome))
        return Option.some({ record: yield* decode(kind.record)(row.record), isUsed: row.isUsed, outcome })
      }, Effect.orDie),
      voidOf: Effect.fn("SingleUse.voidOf")((users) =>
        sql`DELETE FROM single_use WHERE users && ${users}::uuid[] AND users <> '{}' AND NOT is_used`.pipe(
          Effect.orDie,
          Effect.asVoid
        )
      ),
      purge: Effect.fn("SingleUse.purge")((now, limit) =>
        // The locks keep each row at its address.
        sql`DELETE FROM single_use WHERE ctid = ANY(ARRAY(
              SELECT ctid FROM single_use WHERE expires_at <= ${DateTime.toDateUtc(now)}
              ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            )) RETURNING 1`.pipe(Effect.map((rows) => rows.length), Effect.orDie)
      )
    })
  })
)

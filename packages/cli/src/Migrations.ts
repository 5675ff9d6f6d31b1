/**
 * Port: migrates the database to the schema of this version.
 */
import type { SchemaUnusable } from "@dchat/adapters/postgres"
import { Context, type Effect } from "effect"
import type { SqlError } from "effect/sql"

export class Migrations extends Context.Service<Migrations, {
  /** Applies the missing migrations. Returns their names in order. */
  readonly run: Effect.Effect<ReadonlyArray<string>, SchemaUnusable | SqlError.SqlError>
}>()("@dchat/cli/Migrations") {}

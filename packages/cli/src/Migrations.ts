/**
 * Port: changes the database to what this version expects.
 */
import type { SchemaUnusable } from "@dchat/adapters/postgres"
import { Context, type Effect } from "effect"
import type { SqlError } from "effect/sql"

export class Migrations extends Context.Service<Migrations, {
  /** Applies what is missing; returns the names of what it applied, in order. */
  readonly run: Effect.Effect<ReadonlyArray<string>, SchemaUnusable | SqlError.SqlError>
}>()("@dchat/cli/Migrations") {}

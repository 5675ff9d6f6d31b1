/**
 * Port: changes the database to what this version expects.
 */
import { Context, type Effect } from "effect"

export class Migrations extends Context.Service<Migrations, {
  /** Applies what is missing; returns the names of what it applied, in order. */
  readonly run: Effect.Effect<ReadonlyArray<string>>
}>()("@dchat/cli/Migrations") {}

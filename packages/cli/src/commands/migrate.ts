/**
 * `dchat migrate`: applies the missing migrations, as a starting host does.
 */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { Migrations } from "../Migrations.ts"

export const migrate = Command.make(
  "migrate",
  {},
  Effect.fn(function*() {
    const { run } = yield* Migrations
    const applied = yield* run
    yield* Console.log(applied.length === 0 ? "The database is up to date." : `Applied: ${applied.join(", ")}`)
  })
).pipe(Command.withDescription("Apply the missing migrations to the database"))

#!/usr/bin/env node
/**
 * `dchat`, the operators' command line.
 */
import { Database } from "@dchat/adapters/postgres"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import { SqlClient } from "effect/sql"
import { end } from "./commands/calls/end.ts"
import { list } from "./commands/calls/list.ts"
import { show } from "./commands/calls/show.ts"
import { migrate } from "./commands/migrate.ts"
import { CallsLive, DatabaseLive } from "./Layers.ts"
import { Migrations } from "./Migrations.ts"

const MigrationsLive = Layer.effect(
  Migrations,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    run: Database.migrate.pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.map((applied) => applied.map(([, name]) => name)),
      Effect.orDie
    )
  }))
).pipe(Layer.provide(DatabaseLive))

const calls = Command.make("calls").pipe(
  Command.withDescription("Look into calls, and end them"),
  Command.withSubcommands([list, show, end]),
  Command.provide(CallsLive)
)

const dchat = Command.make("dchat").pipe(
  Command.withDescription("Operate a dchat installation"),
  Command.withSubcommands([migrate.pipe(Command.provide(MigrationsLive)), calls])
)

/** What an operator can do something about is told in one line. */
const explain = (failure: { readonly message: string }) =>
  Effect.andThen(
    Console.error(`dchat: ${failure.message.split("\n", 1)[0]}`),
    Effect.sync(() => {
      process.exitCode = 1
    })
  )

Command.run(dchat, { version: "0.1.0" }).pipe(
  Effect.catchTags({
    ConfigError: explain,
    DatabaseUnreachable: explain,
    EmbeddedPostgresError: explain,
    SqlError: explain
  }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)

/**
 * Which database the commands work on: the one of `DATABASE_URL`, else the embedded one of the data directory, which
 * a running host has started or which is started for the command.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database, PgCalls } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Option } from "effect"

const settings = Config.all({
  databaseUrl: Config.Redacted("DATABASE_URL").pipe(Config.option),
  dataDirectory: Config.String("DCHAT_DATA_DIR").pipe(Config.withDefault(".dchat"))
})

export const DatabaseLive = Layer.unwrap(Effect.gen(function*() {
  const { databaseUrl, dataDirectory } = yield* settings
  if (Option.isSome(databaseUrl)) return Layer.orDie(Database.layer({ url: databaseUrl.value }))
  const options = { directory: dataDirectory }
  const running = yield* EmbeddedPostgres.find(options)
  return Option.isSome(running)
    ? Layer.orDie(PgClient.layer(EmbeddedPostgres.clientConfig(running.value)))
    : Layer.orDie(EmbeddedPostgres.layer(options))
}))

export const CallsLive = PgCalls.layer.pipe(Layer.provide(DatabaseLive))

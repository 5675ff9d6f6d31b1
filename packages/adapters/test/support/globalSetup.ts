/**
 * Runs one embedded PostgreSQL for all tests of a run, with a migrated template to copy each test's database
 * from. On the PostgreSQL that TEST_DATABASE_URL names there is such a template, too.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { copyOf } from "./DatabaseCopies.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

declare module "vitest" {
  // An interface is what vitest lets us extend.
  export interface ProvidedContext {
    /** The server of this run; its `database` is the template. */
    readonly testServer: EmbeddedPostgres.Server
    /** The template on the PostgreSQL that TEST_DATABASE_URL names, if it does. */
    readonly postgres15Template: string | undefined
  }
}

const migrate = (config: PgClient.PgPoolConfig) => Effect.scoped(Layer.build(Database.migrated(PgClient.layer(config))))

const startServer = Effect.gen(function*() {
  const folder = yield* temporaryFolder("dchat-tests-")
  const server = yield* EmbeddedPostgres.start({
    directory: folder,
    database: "template_dchat",
    // Nothing here outlives the run, so nothing needs to reach the disk.
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" }
  })
  yield* migrate(EmbeddedPostgres.clientConfig(server))
  return server
})

const makeTemplate = Effect.fnUntraced(function*(url: string) {
  const config = { url: Redacted.make(url) }
  const database = yield* copyOf("template0", config)
  yield* migrate({ ...config, database })
  return database
})

const start = Effect.all({
  testServer: startServer,
  postgres15Template: Effect.suspend(() => {
    const url = process.env["TEST_DATABASE_URL"]
    return url ? makeTemplate(url) : Effect.undefined
  })
})

export default async function setup(project: TestProject) {
  if (process.env["DCHAT_REQUIRE"] === "all" && !process.env["TEST_DATABASE_URL"]) {
    throw new Error("DCHAT_REQUIRE=all: set TEST_DATABASE_URL to a PostgreSQL 15 on which databases may be created")
  }
  const scope = Scope.makeUnsafe()
  const close = (exit: Exit.Exit<unknown, unknown>) => Effect.runPromise(Scope.close(scope, exit))
  const started = await Effect.runPromiseExit(Scope.provide(start, scope))
  if (Exit.isFailure(started)) await close(started)
  const { postgres15Template, testServer } = await Effect.runPromise(started)
  project.provide("testServer", testServer)
  project.provide("postgres15Template", postgres15Template)
  return () => close(Exit.void)
}

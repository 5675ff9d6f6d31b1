/**
 * Runs one embedded PostgreSQL for all tests of a run, with a migrated template to copy each test's database from.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database } from "@dchat/adapters/postgres"
import { PgClient } from "@effect/sql-pg"
import { Effect, Exit, Layer, Scope } from "effect"
import type { TestProject } from "vitest/node"
import { temporaryFolder } from "./temporaryFolder.ts"

declare module "vitest" {
  // An interface is what vitest lets us extend.
  export interface ProvidedContext {
    /** The server of this run; its `database` is the template. */
    readonly testServer: EmbeddedPostgres.Server
  }
}

const start = Effect.gen(function*() {
  const folder = yield* temporaryFolder("dchat-tests-")
  const server = yield* EmbeddedPostgres.start({
    directory: folder,
    database: "template_dchat",
    // Nothing here outlives the run, so nothing needs to reach the disk.
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" }
  })
  yield* Effect.scoped(Layer.build(Database.migrated(PgClient.layer(EmbeddedPostgres.clientConfig(server)))))
  return server
})

export default async function setup(project: TestProject) {
  if (process.env["DCHAT_REQUIRE"] === "all" && !process.env["TEST_DATABASE_URL"]) {
    throw new Error("DCHAT_REQUIRE=all: set TEST_DATABASE_URL to a PostgreSQL 15 on which databases may be created")
  }
  const scope = Scope.makeUnsafe()
  const close = (exit: Exit.Exit<unknown, unknown>) => Effect.runPromise(Scope.close(scope, exit))
  const server = await Effect.runPromiseExit(Scope.provide(start, scope))
  if (Exit.isFailure(server)) await close(server)
  project.provide("testServer", await Effect.runPromise(server))
  return () => close(Exit.void)
}

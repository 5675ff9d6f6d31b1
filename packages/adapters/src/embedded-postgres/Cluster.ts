/**
 * Creates a PostgreSQL cluster: UTF-8, locale C, and no password, because only the owner of the cluster can reach its
 * socket.
 */
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import type { Binaries } from "./Binaries.ts"
import * as DataDirectory from "./DataDirectory.ts"
import { InitFailed } from "./EmbeddedPostgresError.ts"
import * as Program from "./Program.ts"

export const superuser = "postgres"

/** Creates the cluster if it does not exist. An interrupted creation leaves no cluster under the final name. */
export const ensure = Effect.fn("Cluster.ensure")(function*(
  directory: DataDirectory.DataDirectory,
  binaries: Binaries
) {
  const fs = yield* FileSystem.FileSystem
  const cluster = DataDirectory.clusterOf(directory.path)
  if (yield* fs.exists(join(cluster, "PG_VERSION"))) return cluster

  const draft = `${cluster}.draft`
  yield* fs.remove(draft, { recursive: true, force: true })
  yield* DataDirectory.makePrivate(draft, directory.user)
  yield* Effect.acquireUseRelease(
    Program.spawn(binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${superuser}`,
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions"
    ], { user: directory.user, onLine: (line) => Effect.logDebug(`initdb: ${line}`) }),
    (initdb) =>
      Effect.gen(function*() {
        const end = yield* initdb.ended
        yield* initdb.drained
        if (end !== "exit code 0") {
          return yield* new InitFailed({ directory: directory.path, output: [...yield* initdb.output, end] })
        }
      }),
    (initdb) => Effect.andThen(initdb.signal("SIGKILL"), initdb.ended)
  )
  yield* fs.rename(draft, cluster)
  return cluster
})

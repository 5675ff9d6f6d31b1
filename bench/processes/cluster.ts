/**
 * A PostgreSQL for several hosts, in the folder that is named by the argument. Tells the process that started this one
 * in which folder its socket is.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Effect } from "effect"

const directory = process.argv[2] ?? ""

const end = new AbortController()
process.once("SIGTERM", () => end.abort())

const program = Effect.gen(function*() {
  const { host } = yield* EmbeddedPostgres.start({ directory })
  process.send?.(host)
  return yield* Effect.never
})

await Effect.runPromiseExit(Effect.scoped(program), { signal: end.signal })
process.disconnect?.()

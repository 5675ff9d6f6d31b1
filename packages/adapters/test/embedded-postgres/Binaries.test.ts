import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const platformPackage = () => {
  const library = createRequire(
    createRequire(import.meta.url).resolve("embedded-postgres")
  )
  return join(dirname(library.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), "..")
}

const linksOf = (root: string): ReadonlyArray<string> =>
  JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"))
    .map(({ target }: { readonly target: string }) => join(root, target))

/** The platform's package as npm unpacks it when it runs no install scripts. */
const withoutScripts = Effect.fnUntraced(function*(parent: string) {
  const root = join(parent, "package")
  cpSync(platformPackage(), root, { recursive: true, verbatimSymlinks: true })
  for (const link of linksOf(root)) rmSync(link, { force: true })
  return root
})

const one = (options: EmbeddedPostgres.Options) =>
  Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT 1 AS one`),
    Layer.fresh(EmbeddedPostgres.layer(options))
  )

describe("The programs of EmbeddedPostgres", () => {
  it.live("are completed by several processes at once when npm ran no install scripts", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder("dchat-programs-")
      const root = yield* withoutScripts(folder)
      const native = join(root, "native")
      const answers = yield* Effect.all(
        [one({ directory: join(folder, "a"), native }), one({ directory: join(folder, "b"), native })],
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(answers, [[{ one: 1 }], [{ one: 1 }]])
      // The same links as the package's own script makes.
      assert.deepStrictEqual(
        linksOf(root).map((link) => readlinkSync(link)),
        linksOf(platformPackage()).map((link) => readlinkSync(link))
      )
      assert.isFalse(existsSync(join(folder, "a", "programs")))
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(process.getuid?.() !== 0)(
    "are copied when PostgreSQL's user cannot reach the installed ones",
    () =>
      Effect.gen(function*() {
        const folder = yield* temporaryFolder("dchat-programs-")
        const closed = join(folder, "closed")
        mkdirSync(closed)
        const root = yield* withoutScripts(closed)
        chmodSync(closed, 0o700)
        const options = { directory: join(folder, "data"), native: join(root, "native") }
        assert.deepStrictEqual(yield* one(options), [{ one: 1 }])
        assert.isTrue(existsSync(join(options.directory, "programs")))
        assert.deepStrictEqual(yield* one(options), [{ one: 1 }])
      }).pipe(Effect.scoped),
    60_000
  )
})

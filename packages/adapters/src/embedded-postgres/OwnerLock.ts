/**
 * Lets one living process at a time own a directory, through a file that names it.
 *
 * The file is put in place by `link`, which fails when it exists. The file of a dead owner is replaced by the process
 * that holds the lock named after that very file's content, taken by the same means. So of any number of processes that
 * find a dead owner at the same time, one replaces it and none removes the file of a new owner.
 */
import { Effect, FileSystem, Option, type PlatformError, Schema, type Scope } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { DirectoryInUse } from "./EmbeddedPostgresError.ts"
import * as ProcessIdentity from "./ProcessIdentity.ts"

const Owner = Schema.Struct({
  pid: Schema.Int,
  startedAt: Schema.String,
  pidSpace: Schema.String,
  token: Schema.String
})
const decodeOwner = Schema.decodeUnknownOption(Schema.fromJsonString(Owner))
const encodeOwner = Schema.encodeSync(Schema.fromJsonString(Owner))

interface Lock {
  readonly directory: string
  /** Returned for an owner whose pid this process cannot look up, for example in another container. */
  readonly isAnswering: Effect.Effect<boolean>
}

/** The pid of the living owner that a lock file's content names. */
const livingOwner = Effect.fnUntraced(function*(content: string, lock: Lock) {
  const owner = decodeOwner(content)
  if (Option.isNone(owner)) return Option.none()
  const { pid, pidSpace, startedAt } = owner.value
  const isAlive = pidSpace === ProcessIdentity.pidSpace()
    ? Option.exists(ProcessIdentity.startOf(pid), (start) => start === startedAt || start === "unknown")
    : yield* lock.isAnswering
  return isAlive ? Option.some(pid) : Option.none()
})

const read = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.option(fs.readFileString(path))
})

/** Writes a complete file beside `path` and puts it in place by `place`. */
const withDraft = Effect.fnUntraced(function*<A, E>(
  path: string,
  content: string,
  place: (draft: string) => Effect.Effect<A, E>
) {
  const fs = yield* FileSystem.FileSystem
  const draft = `${path}.${randomUUID()}`
  return yield* fs.writeFileString(draft, content, { flag: "wx" }).pipe(
    Effect.andThen(place(draft)),
    Effect.ensuring(Effect.ignore(fs.remove(draft, { force: true })))
  )
})

const take = (
  path: string,
  content: string,
  lock: Lock
): Effect.Effect<void, DirectoryInUse | PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const placed = yield* withDraft(path, content, (draft) => fs.link(draft, path)).pipe(
      Effect.as(true),
      Effect.catchReason("PlatformError", "AlreadyExists", () => Effect.succeed(false))
    )
    if (placed) return
    const found = yield* read(path)
    if (Option.isSome(found)) {
      const pid = yield* livingOwner(found.value, lock)
      if (Option.isSome(pid)) return yield* new DirectoryInUse({ directory: lock.directory, pid: pid.value })
      const successor = `${path}.${createHash("sha256").update(found.value).digest("hex").slice(0, 16)}`
      const replaced = yield* Effect.acquireUseRelease(
        take(successor, content, lock),
        () =>
          Effect.gen(function*() {
            const current = yield* read(path)
            if (!Option.contains(current, found.value)) return false
            yield* withDraft(path, content, (draft) => fs.rename(draft, path))
            return true
          }),
        () => Effect.ignore(fs.remove(successor))
      )
      if (replaced) return
    }
    return yield* take(path, content, lock)
  })

/** Owns `directory` until the scope closes. */
export const acquire = Effect.fn("OwnerLock.acquire")(function*(
  path: string,
  lock: Lock
): Effect.fn.Return<void, DirectoryInUse | PlatformError.PlatformError, FileSystem.FileSystem | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  const content = encodeOwner({
    pid: process.pid,
    startedAt: Option.getOrElse(ProcessIdentity.startOf(process.pid), () => "unknown"),
    pidSpace: ProcessIdentity.pidSpace(),
    token: randomUUID()
  })
  yield* Effect.acquireRelease(
    take(path, content, lock),
    () => Effect.ignore(fs.remove(path))
  )
})

/** The pid of the living owner of the directory whose lock file is `path`. */
export const ownerOf = Effect.fn("OwnerLock.ownerOf")(function*(path: string, lock: Lock) {
  const content = yield* read(path)
  return Option.isNone(content) ? Option.none<number>() : yield* livingOwner(content.value, lock)
})

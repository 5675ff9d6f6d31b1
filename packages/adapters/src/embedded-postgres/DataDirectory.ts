/**
 * Finds the places of the cluster, its lock and its socket, and ensures that PostgreSQL's user can access them.
 */
import { Effect, FileSystem, Option, type PlatformError } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { homedir, tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { DirectoryNotAccessible, type NoUnprivilegedUser } from "./EmbeddedPostgresError.ts"
import * as PostgresUser from "./PostgresUser.ts"

export interface Location {
  /** The data directory. */
  readonly directory: string
  /**
   * The action when PostgreSQL's user cannot use `directory`: fail, or keep the data in the platform's data folder, in
   * a place that depends on `directory` alone.
   */
  readonly whenInaccessible?: "fail" | "relocate" | undefined
}

export interface DataDirectory {
  readonly path: string
  readonly user: PostgresUser.PostgresUser
  /** The reason why the data is not in the requested directory. */
  readonly relocatedBecause: Option.Option<string>
}

export const clusterOf = (directory: string) => join(directory, "postgres")
export const lockOf = (directory: string) => join(directory, "owner.lock")

const shortHash = (path: string) => createHash("sha256").update(path).digest("hex").slice(0, 10)

const platformDataFolder = () => {
  const isMac = process.platform === "darwin"
  if (process.getuid?.() === 0) return isMac ? "/usr/local/var" : "/var/lib"
  return isMac
    ? join(homedir(), "Library", "Application Support")
    : process.env["XDG_DATA_HOME"] || join(homedir(), ".local", "share")
}

/** The places where the data of this location may be, the preferred one first. */
export const candidates = ({ directory, whenInaccessible }: Location): readonly [string, ...Array<string>] => {
  const wanted = resolve(directory)
  return whenInaccessible === "relocate"
    ? [wanted, join(platformDataFolder(), `dchat-${shortHash(wanted)}`)]
    : [wanted]
}

/** Translates an error of the file system. */
export const notAccessible =
  (directory: string, user: string) => (error: PlatformError.PlatformError): DirectoryNotAccessible =>
    new DirectoryNotAccessible({ directory, user, detail: error.message })

const hasCluster = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.exists(join(clusterOf(directory), "PG_VERSION")).pipe(Effect.orElseSucceed(() => false))
})

/** Makes the directory if need be; the user may pass through it, but not list it. */
const make = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(path))) {
    yield* fs.makeDirectory(path, { recursive: true })
    yield* fs.chmod(path, 0o711)
  }
  yield* fs.access(path, { readable: true, writable: true })
})

const closestExisting = (path: string): Effect.Effect<string, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.flatMap(fs.exists(path), (exists) => exists ? Effect.succeed(path) : closestExisting(dirname(path)))
  )

const use = Effect.fnUntraced(function*(path: string): Effect.fn.Return<
  DataDirectory,
  DirectoryNotAccessible | NoUnprivilegedUser,
  FileSystem.FileSystem
> {
  const fs = yield* FileSystem.FileSystem
  const user = yield* PostgresUser.forCluster(clusterOf(path))
  const enter = Effect.fnUntraced(function*(existing: string) {
    const obstacle = yield* PostgresUser.obstacle(user, existing)
    if (Option.isSome(obstacle)) {
      return yield* new DirectoryNotAccessible({ directory: path, user: user.name, detail: obstacle.value })
    }
  })
  return yield* Effect.gen(function*() {
    yield* enter(yield* closestExisting(path))
    yield* make(path)
    yield* enter(path)
    return { path: yield* fs.realPath(path), user, relocatedBecause: Option.none<string>() }
  }).pipe(Effect.catchTag("PlatformError", (error) => Effect.fail(notAccessible(path, user.name)(error))))
})

/** A usable data directory for this location. */
export const prepare = Effect.fn("DataDirectory.prepare")(function*(location: Location) {
  const [wanted, elsewhere] = candidates(location)
  if (elsewhere === undefined) return yield* use(wanted)
  if ((yield* hasCluster(elsewhere)) && !(yield* hasCluster(wanted))) {
    const found = yield* use(elsewhere)
    return { ...found, relocatedBecause: Option.some(`${wanted} could not be used before`) }
  }
  return yield* use(wanted).pipe(
    Effect.catchTag(
      "DirectoryNotAccessible",
      (reason) => Effect.map(use(elsewhere), (found) => ({ ...found, relocatedBecause: Option.some(reason.message) }))
    )
  )
})

/** Makes an empty directory that only this user may enter. */
export const makePrivate = Effect.fn("DataDirectory.makePrivate")(function*(
  path: string,
  user: PostgresUser.PostgresUser
) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(path, { mode: 0o700 })
  if (Option.isSome(user.switchTo)) yield* fs.chown(path, user.switchTo.value.uid, user.switchTo.value.gid)
})

/** sockaddr_un(7) holds 107 bytes and a NUL on Linux, 103 and a NUL on macOS. */
const longestSocketPath = 103
const socketName = ".s.PGSQL.5432"

/** The port, which for a unix socket is only a part of its name. */
export const port = 5432
export const socketIn = (directory: string) => join(directory, socketName)

/** A directory outside the data directory, whose name follows from it unless another user has taken that name. */
const makeShort = Effect.fnUntraced(function*({ path, user }: DataDirectory) {
  const fs = yield* FileSystem.FileSystem
  const short = join(tmpdir(), `dchat-${shortHash(path)}`)
  return yield* makePrivate(short, user).pipe(
    Effect.as(short),
    Effect.catchReason("PlatformError", "AlreadyExists", () =>
      Effect.gen(function*() {
        // Every user may write to the temporary folder. Only a folder of our own that is closed to others is reused.
        const owners = new Set([process.getuid?.(), ...Option.toArray(Option.map(user.switchTo, ({ uid }) => uid))])
        const found = yield* fs.lstat(short)
        const isOurs = found.type === "Directory" && (found.mode & 0o077) === 0 &&
          Option.exists(found.uid, (uid) => owners.has(uid))
        const free = isOurs ? short : join(tmpdir(), `dchat-${randomBytes(5).toString("hex")}`)
        if (isOurs) yield* fs.remove(short, { recursive: true })
        yield* makePrivate(free, user)
        return free
      }))
  )
})

/**
 * The private directory for the server's socket: in the data directory, or under the system's temporary folder when
 * that makes too long a path. The server records it in its postmaster.pid, where other processes find it.
 */
export const socketDirectory = Effect.fn("DataDirectory.socketDirectory")(function*(directory: DataDirectory) {
  const fs = yield* FileSystem.FileSystem
  const inside = join(directory.path, "socket")
  if (Buffer.byteLength(socketIn(inside)) > longestSocketPath) {
    return yield* Effect.acquireRelease(
      makeShort(directory),
      (made) => Effect.ignore(fs.remove(made, { recursive: true }))
    )
  }
  yield* fs.remove(inside, { recursive: true, force: true })
  yield* makePrivate(inside, directory.user)
  return inside
})

/**
 * Selects the user that runs PostgreSQL, and checks the access of that user. PostgreSQL refuses to run as root. A root
 * process therefore starts PostgreSQL as an existing account, by setuid at spawn, and never creates one: the owner of
 * an existing cluster, else `postgres`, else `nobody`.
 */
import { Effect, FileSystem, Option } from "effect"
import { execFile } from "node:child_process"
import { userInfo } from "node:os"
import { dirname, resolve } from "node:path"
import { promisify } from "node:util"
import { NoUnprivilegedUser } from "./EmbeddedPostgresError.ts"

export interface PostgresUser {
  readonly name: string
  /** The account to switch to; none when PostgreSQL runs as the user of this process. */
  readonly switchTo: Option.Option<{ readonly uid: number; readonly gid: number }>
}

const accounts = ["postgres", "nobody"]
const run = promisify(execFile)

const id = (flag: string, name: string) =>
  Effect.map(Effect.tryPromise(() => run("id", [flag, name])), ({ stdout }) => stdout.trim())

const account = Effect.fnUntraced(function*(nameOrUid: string) {
  const [name, uid, gid] = yield* Effect.all([id("-un", nameOrUid), id("-u", nameOrUid), id("-g", nameOrUid)], {
    concurrency: "unbounded"
  })
  return { name, switchTo: Option.some({ uid: Number(uid), gid: Number(gid) }) } satisfies PostgresUser
}, Effect.option)

const currentName = () => {
  try {
    return userInfo().username
  } catch {
    return `with the uid ${process.getuid?.()}`
  }
}

/** The user to run the cluster in this directory as. */
export const forCluster = Effect.fn("PostgresUser.forCluster")(function*(
  cluster: string
): Effect.fn.Return<PostgresUser, NoUnprivilegedUser, FileSystem.FileSystem> {
  if (process.getuid?.() !== 0) return { name: currentName(), switchTo: Option.none() }
  const fs = yield* FileSystem.FileSystem
  const owner = yield* Effect.option(fs.stat(cluster)).pipe(
    Effect.map(Option.flatMap((info) => info.uid)),
    Effect.map(Option.filter((uid) => uid !== 0))
  )
  for (const candidate of [...Option.toArray(Option.map(owner, String)), ...accounts]) {
    const found = yield* account(candidate)
    if (Option.isSome(found)) return found.value
  }
  return yield* new NoUnprivilegedUser({ tried: accounts })
})

const withParents = (path: string): ReadonlyArray<string> =>
  dirname(path) === path ? [path] : [...withParents(dirname(path)), path]

const octal = (mode: number) => (mode & 0o7777).toString(8).padStart(4, "0")

/**
 * The obstacle that keeps the user from entering `directory`, judged by the mode of each directory on the way (access
 * control lists are not read). Only a user that the server switches to is checked; for the current user, the file
 * system answers at use.
 */
export const obstacle = Effect.fn("PostgresUser.obstacle")(function*(user: PostgresUser, directory: string) {
  const fs = yield* FileSystem.FileSystem
  if (Option.isNone(user.switchTo)) return Option.none<string>()
  const { gid, uid } = user.switchTo.value
  const paths = new Set([...withParents(resolve(directory)), ...withParents(yield* fs.realPath(directory))])
  for (const path of paths) {
    const info = yield* fs.stat(path)
    const execute = Option.contains(info.uid, uid) ? 0o100 : Option.contains(info.gid, gid) ? 0o010 : 0o001
    if ((info.mode & execute) === 0) return Option.some(`${path} has the mode ${octal(info.mode)}`)
  }
  return Option.none<string>()
})

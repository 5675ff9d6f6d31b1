/**
 * A folder for one test or one run, which the user that PostgreSQL runs as can enter.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, FileSystem } from "effect"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const stopServer = (folder: string) => {
  try {
    process.kill(Number.parseInt(readFileSync(join(folder, "postgres", "postmaster.pid"), "utf8")), "SIGQUIT")
  } catch {
    // It had stopped before.
  }
}

/** Removes what runs that were killed left behind: their servers and their folders. */
const sweep = (prefix: string) => {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length)) ?? [] : []
    if (pid === undefined || isAlive(Number(pid))) continue
    stopServer(join(tmpdir(), name))
    rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A new folder of mode 0755 under the system's temporary folder, removed with the scope. */
export const temporaryFolder = Effect.fnUntraced(function*(prefix: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.sync(() => sweep(prefix))
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: `${prefix}${process.pid}-` })
  yield* fs.chmod(folder, 0o755)
  return yield* fs.realPath(folder)
}, Effect.provide(NodeFileSystem.layer))

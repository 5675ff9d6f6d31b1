/**
 * The servers that are compared, each started for a run on the core of servers.
 */
import { readFileSync } from "node:fs"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { Target } from "../load/Job.ts"
import { startServer } from "./PinnedProcess.ts"

export interface Started {
  readonly target: Target
  readonly stop: () => Promise<void>
}

/** A host with the folder that holds its data. */
export interface StartedHost extends Started {
  readonly folder: string
}

export interface Subject<S extends Started = Started> {
  readonly name: string
  /** Whether a message is on disk before it is passed on. */
  readonly mode: "durable" | "volatile"
  readonly start: () => Promise<S>
}

const root = resolve(import.meta.dirname, "../..")

const isReady = (port: number) => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false)

/** A host of dchat from the sources of a checkout, with an embedded PostgreSQL of its own in an empty folder. */
export const dchat = (name = "dchat", checkout = root): Subject<StartedHost> => ({
  name,
  mode: "durable",
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), "dchat-bench-"))
    // The user that PostgreSQL runs as enters the folder.
    await chmod(folder, 0o755)
    const main = join(checkout, "packages/http/src/main.ts")
    const server = await startServer(["--conditions=@dchat/source", main], {
      cwd: folder,
      env: { DCHAT_DATA_DIR: join(folder, "data"), DCHAT_RATE_LIMITS: "off" },
      isReady
    })
    return {
      folder,
      target: { kind: "dchat", origins: [`http://127.0.0.1:${server.port}`], servers: [server.pid] },
      stop: async () => {
        await server.stop()
        await rm(folder, { recursive: true, force: true, maxRetries: 10 })
      }
    }
  }
})

/** A relay of this name, from the folder of peers. */
export const relay = (name: string): Subject => ({
  name,
  mode: "volatile",
  start: async () => {
    const folder = join(import.meta.dirname, "../peers")
    const { pid, port, stop } = await startServer([`${name}-relay.mjs`], { cwd: folder, env: {} })
    return { target: { kind: name, origins: [`http://127.0.0.1:${port}`], servers: [pid] }, stop }
  }
})

/** The embedded database of a host: the environment for a client of PostgreSQL, and its server's process. */
export const databaseOf = (folder: string): { readonly env: Record<string, string>; readonly pid: number } => {
  // PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*: the pid first, the directory of the socket fifth.
  const lines = readFileSync(join(folder, "data/postgres/postmaster.pid"), "utf8").split("\n")
  return { pid: Number(lines[0]), env: { PGHOST: lines[4]?.trim() ?? "", PGUSER: "postgres", PGDATABASE: "dchat" } }
}

/**
 * Hosts of dchat: one with an embedded database of its own, or two on one database.
 */
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { freePort } from "../../test/support/freePort.ts"
import { type Server, serverCore, spawnPinned, startServer, stop } from "./PinnedProcess.ts"
import type { Started, Subject } from "./subjects.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const root = resolve(import.meta.dirname, "../..")

/** A host that can be killed. */
export interface StartedHost extends Started {
  /** The folder of the data. */
  readonly folder: string
  /** Kills the host that has the clients, as the kernel does when memory is short. */
  readonly kill: () => Promise<void>
  /** Starts the killed host again at the same port, where no other host takes over. */
  readonly restart?: () => Promise<void>
}

const isReady = (port: number) => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false)

const startHost = (checkout: string, folder: string, env: Readonly<Record<string, string>>, port?: number) =>
  startServer(["--conditions=@dchat/source", join(checkout, "packages/http/src/main.ts")], {
    cwd: folder,
    env: { DCHAT_RATE_LIMITS: "off", ...env },
    isReady,
    ...(port !== undefined && { port })
  })

const targetOf = (servers: ReadonlyArray<Server>, others: ReadonlyArray<number>): Started["target"] => ({
  kind: "dchat",
  origins: servers.map(({ port }) => `http://127.0.0.1:${port}`),
  servers: [...servers.map(({ pid }) => pid), ...others]
})

/** A host from the sources of a checkout, with an embedded PostgreSQL of its own in an empty folder. */
export const dchat = (name = "dchat", checkout = root): Subject<StartedHost> => ({
  name,
  mode: "durable",
  start: async () => {
    const folder = await temporaryFolder()
    const port = await freePort()
    const start = () => startHost(checkout, folder.path, { DCHAT_DATA_DIR: join(folder.path, "data") }, port)
    let server = await start()
    return {
      folder: folder.path,
      target: targetOf([server], []),
      kill: () => server.stop("SIGKILL"),
      restart: async () => {
        server = await start()
      },
      stop: async () => {
        await server.stop()
        await folder.remove()
      }
    }
  }
})

/** Two hosts on one database. Clients are on the first one until it is killed: no bus joins the hosts. */
export const dchatPair: Subject<StartedHost> = {
  name: "dchat, two hosts",
  mode: "durable",
  start: async () => {
    const folder = await temporaryFolder()
    const data = join(folder.path, "data")
    const args = ["--conditions=@dchat/source", join(import.meta.dirname, "cluster.ts"), data]
    const cluster = spawnPinned(serverCore, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] })
    const [socket] = await once(cluster, "message")
    const env = {
      DATABASE_URL: `postgres://postgres@localhost/dchat?host=${encodeURIComponent(String(socket))}`,
      DCHAT_SECRETS: randomBytes(32).toString("base64url")
    }
    const first = await startHost(root, folder.path, env)
    const second = await startHost(root, folder.path, env)
    return {
      folder: folder.path,
      target: targetOf([first, second], [cluster.pid ?? 0]),
      kill: () => first.stop("SIGKILL"),
      stop: async () => {
        await Promise.all([first.stop(), second.stop()])
        await stop(cluster)
        await folder.remove()
      }
    }
  }
}

/** The embedded database of a host: the environment for a client of PostgreSQL, and its server's process. */
export const databaseOf = (
  folder: string
): { readonly env: Record<string, string>; readonly pid: number; readonly port: number } => {
  // PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*: the pid first, the port fourth, the directory of the socket fifth.
  const lines = readFileSync(join(folder, "data/postgres/postmaster.pid"), "utf8").split("\n")
  return {
    pid: Number(lines[0]),
    port: Number(lines[3]),
    env: { PGHOST: lines[4]?.trim() ?? "", PGUSER: "postgres", PGDATABASE: "dchat" }
  }
}

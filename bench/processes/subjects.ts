/**
 * The servers that are compared, each started for a run on the core of servers.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { Target } from "../load/Job.ts"
import { startServer } from "./PinnedProcess.ts"

export interface Subject {
  readonly name: string
  /** Whether a message is on disk before it is passed on. */
  readonly mode: "durable" | "volatile"
  readonly start: () => Promise<{ readonly target: Target; readonly stop: () => Promise<void> }>
}

const root = resolve(import.meta.dirname, "../..")

const isReady = (port: number) => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false)

/** A host of dchat from the sources of a checkout, with an embedded PostgreSQL of its own in an empty folder. */
export const dchat = (name = "dchat", checkout = root): Subject => ({
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

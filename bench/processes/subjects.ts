/**
 * The servers that are compared, each started for a run on the core of servers.
 */
import { join } from "node:path"
import type { Target } from "../load/Job.ts"
import { startServer } from "./PinnedProcess.ts"

export interface Started {
  readonly target: Target
  readonly stop: () => Promise<void>
}

export interface Subject<S extends Started = Started> {
  readonly name: string
  /** Whether a message is on disk before it is passed on. */
  readonly mode: "durable" | "volatile"
  readonly start: () => Promise<S>
}

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

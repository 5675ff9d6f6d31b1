/**
 * A host as its users start it: `npm start` in a process of its own, with a data folder of its own.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join, resolve } from "node:path"
import { freePort } from "../../support/freePort.ts"

const root = resolve(import.meta.dirname, "../../..")

export interface Host {
  readonly url: string
  /** The output of the host so far. */
  readonly output: () => string
  /** Ends the server process without a chance to clean up, as a crash would. */
  readonly crash: () => Promise<void>
  /** Ends it as an operator would. */
  readonly stop: () => Promise<number | null>
}

/** Starts a host and waits until it is ready. Give `port` and the same folder to start it again. */
export const startHost = async (
  folder: string,
  options: { readonly port?: number; readonly environment?: Record<string, string>; readonly script?: string } = {}
): Promise<Host & { readonly port: number }> => {
  const port = options.port ?? await freePort()
  const url = `http://localhost:${port}`
  const child = spawn(process.execPath, [options.script ?? "scripts/start.mjs"], {
    cwd: root,
    env: { ...process.env, PORT: `${port}`, DCHAT_DATA_DIR: join(folder, "data"), ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true
  })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => output += chunk)
  child.stderr.on("data", (chunk: Buffer) => output += chunk)
  await untilReady(url, child, () => output)
  return {
    port,
    url,
    output: () => output,
    crash: () => end(child, "SIGKILL").then(() => undefined),
    stop: () => end(child, "SIGTERM")
  }
}

const untilReady = async (url: string, child: ChildProcess, output: () => string): Promise<void> => {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the host stopped at start:\n${output()}`)
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`the host is not ready:\n${output()}`)
}

/** Signals the whole group, because `npm start` is a launcher and the server behind it. */
const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  if (child.exitCode !== null || child.pid === undefined) return child.exitCode
  const exit = once(child, "exit")
  if (signal === "SIGKILL") process.kill(-child.pid, signal)
  else child.kill(signal)
  await exit
  return child.exitCode
}

/**
 * A process of the benchmark on one core: servers run on the first core, loads on the second.
 */
import { type ChildProcess, spawn, type SpawnOptions, spawnSync } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { freePort } from "../../test/support/freePort.ts"

/** A module that collects garbage on a signal. */
const collector = new URL("collector.mjs", import.meta.url).href

export const serverCore = 0
export const loadCore = 1

/** Processes that have not ended. They end with the benchmark, however it ends. */
const running = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of running) child.kill()
})
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))

/** Starts a program under the present Node on one core. */
export const spawnPinned = (core: number, args: ReadonlyArray<string>, options: SpawnOptions): ChildProcess => {
  const child = spawn("taskset", ["--cpu-list", `${core}`, process.execPath, ...args], options)
  running.add(child)
  child.once("exit", () => running.delete(child))
  return child
}

/** Keeps this process away from the servers. */
export const pinMyself = (): void => {
  const { error, status } = spawnSync("taskset", [
    "--pid",
    "--cpu-list",
    "--all-tasks",
    `${loadCore}`,
    `${process.pid}`
  ])
  if (error !== undefined || status !== 0) throw new Error("benchmarks need Linux, taskset and two cores")
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => done(true)).once("error", () => done(false))
    socket.once("connect", () => socket.destroy())
  })

export interface Server {
  readonly pid: number
  readonly port: number
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

/** Ends a process and waits for its end. */
export const stop = async (child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, "exit")
  child.kill(signal)
  await exit
}

export interface ServerOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Whether the server that listens on the port is ready for requests. */
  readonly isReady?: (port: number) => Promise<boolean>
  /** A free one unless given. */
  readonly port?: number
}

/** Starts a server on the core of servers, which reads its port from `PORT`, and waits until it is ready. */
export const startServer = async (args: ReadonlyArray<string>, options: ServerOptions): Promise<Server> => {
  const { cwd, env, isReady = isListening, port = await freePort() } = options
  const child = spawnPinned(serverCore, ["--expose-gc", "--import", collector, ...args], {
    cwd,
    // `BENCH_NODE_OPTIONS=--cpu-prof`, for one, profiles the servers.
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      NODE_OPTIONS: process.env["BENCH_NODE_OPTIONS"],
      ...env,
      PORT: `${port}`
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  const collect = (chunk: Buffer) => output = `${output}${chunk}`.slice(-10_000)
  child.stdout?.on("data", collect)
  child.stderr?.on("data", collect)
  const deadline = Date.now() + 60_000
  while (!await isReady(port)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child, "SIGKILL")
      throw new Error(`${args.join(" ")} does not start:\n${output}`)
    }
    await new Promise((done) => setTimeout(done, 20))
  }
  if (child.pid === undefined) throw new Error(`${args.join(" ")} has no process`)
  return { pid: child.pid, port, stop: (signal) => stop(child, signal) }
}

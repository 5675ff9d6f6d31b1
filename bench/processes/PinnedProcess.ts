/**
 * A process of the benchmark on one core: servers run on the first core, loads on the second.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect, createServer } from "node:net"

export const serverCore = 0
export const loadCore = 1

/** Arguments that run this program under the present Node on one core. */
export const pinned = (core: number, args: ReadonlyArray<string>): [string, Array<string>] => [
  "taskset",
  ["--cpu-list", `${core}`, process.execPath, ...args]
]

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
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
  readonly stop: () => Promise<void>
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
}

/** Starts a server on the core of servers, on a free port that it reads from `PORT`, and waits until it is ready. */
export const startServer = async (args: ReadonlyArray<string>, options: ServerOptions): Promise<Server> => {
  const port = await freePort()
  const [command, rest] = pinned(serverCore, args)
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_OPTIONS: process.env["BENCH_NODE_OPTIONS"] ?? "",
      ...options.env,
      PORT: `${port}`
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  const collect = (chunk: Buffer) => output = (output + chunk).slice(-10_000)
  child.stdout.on("data", collect)
  child.stderr.on("data", collect)
  const isReady = options.isReady ?? isListening
  const deadline = Date.now() + 60_000
  while (!await isReady(port)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop(child, "SIGKILL")
      throw new Error(`${args.join(" ")} does not start:\n${output}`)
    }
    await new Promise((done) => setTimeout(done, 50))
  }
  if (child.pid === undefined) throw new Error(`${args.join(" ")} has no process`)
  return { pid: child.pid, port, stop: () => stop(child) }
}

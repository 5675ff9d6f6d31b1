/**
 * A host and the command line as people run them: each a process of its own. Most tests run the command line in their own
 * process, by `CommandLine.ts`: a process takes a second of CPU time to load.
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { Database } from "@dchat/adapters/postgres"
import { afterAll, assert, beforeAll } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { freePort } from "../../../../test/support/freePort.ts"
import type { Ended, Environment } from "./CommandLine.ts"

const main = resolve(import.meta.dirname, "../../src/main.ts")
const hostMain = resolve(main, "../../../http/src/main.ts")

const environmentWith = (environment: Environment) => ({ ...process.env, DATABASE_URL: undefined, ...environment })

const runToEnd = (environment: Environment, ...words: ReadonlyArray<string>): Promise<Ended> => {
  const running = promisify(execFile)(process.execPath, ["--conditions=@dchat/source", ...words], {
    env: environmentWith(environment)
  })
  running.child.stdin?.end()
  return running.then(
    ({ stderr, stdout }) => ({ code: 0, stdout, stderr }),
    ({ code, stderr, stdout }: Ended) => ({ code, stdout, stderr })
  )
}

/** Runs the command line as a process, with Node's start and end. */
export const dchatProcess = (environment: Environment, ...words: ReadonlyArray<string>) =>
  runToEnd(environment, main, ...words)

/** Runs a host that is not expected to start. */
export const failingHost = async (environment: Environment) =>
  runToEnd({ PORT: `${await freePort()}`, ...environment }, hostMain)

/** The process of a command line that waits for something. */
export const startDchatProcess = (environment: Environment, ...words: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["--conditions=@dchat/source", main, ...words], {
    env: environmentWith(environment),
    stdio: ["ignore", "pipe", "pipe"]
  })
  let [stdout, stderr] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text)
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text)
  const ended = once(child, "close").then(([code]): Ended => ({ code: code as number, stdout, stderr }))
  /** The first match in what it has written; fails when it ends without. */
  const written = async (pattern: RegExp): Promise<string> => {
    for (let found = pattern.exec(stdout);; found = pattern.exec(stdout)) {
      if (found !== null) return found[0]
      await Promise.race([
        once(child.stdout, "data"),
        ended.then((end) => Promise.reject(new Error(`ended with ${end.code}: ${end.stdout}${end.stderr}`)))
      ])
    }
  }
  return { ended, written, interrupt: () => child.kill("SIGINT") }
}

/** What the answers of these requests hold. */
interface Answer {
  readonly id: string
  readonly message: string
  readonly nonceId: string
  readonly token: string
  readonly user: { readonly id: string }
  readonly code?: string
  readonly state?: string
  readonly endReason?: string
}

/** A host on a port of its own, with its database in this folder. */
export const startHost = async (folder: string, environment: Environment = {}) => {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const host = spawn(process.execPath, ["--conditions=@dchat/source", hostMain], {
    env: environmentWith({ DCHAT_DATA_DIR: join(folder, "data"), PORT: `${port}`, ...environment }),
    stdio: ["ignore", "pipe", "inherit"]
  })
  const exited = once(host, "exit")
  await once(host.stdout, "data")
  const send = async (path: string, body?: object, token?: string) => {
    const answer = await fetch(`${url}${path}`, {
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { method: "POST", body: JSON.stringify(body) })
    })
    return await answer.json() as Answer
  }
  const verify = async (account: ReturnType<typeof privateKeyToAccount>) => {
    const { message, nonceId } = await send("/auth/wallet/nonce", { address: account.address, chainId: 1 })
    return await send("/auth/wallet/verify", { nonceId, signature: await account.signMessage({ message }) })
  }
  const signIn = async () => {
    const account = privateKeyToAccount(generatePrivateKey())
    const { token, user } = await verify(account)
    return { id: user.id, token, address: account.address, again: () => verify(account) }
  }
  const stop = async () => {
    host.kill("SIGTERM")
    const [code] = await exited
    return code as number
  }
  return { url, send, signIn, stop }
}

/** Carries a statement out in the embedded database of a running host. */
export const inDatabase = ({ DCHAT_DATA_DIR: directory = "" }: Environment, statement: string) =>
  Effect.gen(function*() {
    const server = yield* Effect.fromOption(yield* EmbeddedPostgres.find({ directory }))
    yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)).pipe(
      Effect.provide(Database.layerOn(EmbeddedPostgres.clientConfig(server)))
    )
  }).pipe(Effect.runPromise)

/** A folder that PostgreSQL can enter, which runs as another user where the tests run as root. */
export const makeFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), "dchat-cli-"))
  await chmod(folder, 0o755)
  return folder
}

/** Works in a folder of its own, which is removed afterwards. */
export const withFolder = async (work: (folder: string) => Promise<void>) => {
  const folder = await makeFolder()
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A host for all tests of a file, and the variables by which the command line finds its database. */
export const sharedHost = (environment: () => Promise<Environment> = () => Promise.resolve({})) => {
  let [folder, host] = ["", undefined as Awaited<ReturnType<typeof startHost>> | undefined]
  beforeAll(async () => {
    folder = await makeFolder()
    host = await startHost(folder, await environment())
  }, 60_000)
  afterAll(async () => {
    assert.strictEqual(await host?.stop(), 0)
    await rm(folder, { recursive: true })
  })
  return () => {
    if (host === undefined) throw new Error("the host has not started")
    return { host, environment: { DCHAT_DATA_DIR: join(folder, "data") } }
  }
}

/**
 * Runs `chain-worker.ts` beside the host under test, and kills the process at any moment at which dying makes a
 * difference.
 */
import { Chain } from "@dchat/domain/onchain"
import { TestChain } from "@dchat/doubles/chain"
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { inject } from "vitest"
import { chainOf } from "./LocalChains.ts"
import { QuietClock } from "./QuietClock.ts"

/** The settings of the worker. */
export interface ChainWork {
  readonly database: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly username: string
    readonly ssl: false
  }
  readonly chain: unknown
  readonly rpcUrls: ReadonlyArray<string>
  /** The clock of the worker stands still. */
  readonly now: number
}

const script = fileURLToPath(new URL("chain-worker.ts", import.meta.url))

/** The first byte of what a client of PostgreSQL says at first; statements begin with the letter of their message. */
const startup = 0

const launch = (work: ChainWork) =>
  spawn(process.execPath, ["--conditions=@dchat/source", script, JSON.stringify(work)], {
    stdio: ["ignore", "ignore", "inherit"]
  })

/** Forwards connections, and lets through what `passes` allows. */
const forward = Effect.fnUntraced(function*(target: () => Socket, passes: (chunk: Buffer) => boolean) {
  const proxy = createServer((client) => {
    const server = target()
    client.on("data", (chunk: Buffer) => {
      if (passes(chunk)) server.write(chunk)
    })
    server.on("data", (chunk) => client.write(chunk))
    for (const [one, other] of [[client, server], [server, client]] as const) {
      one.on("error", () => other.destroy()).on("close", () => other.destroy())
    }
  }).listen(0, "127.0.0.1")
  yield* Effect.promise(() => once(proxy, "listening"))
  yield* Effect.addFinalizer(() => Effect.sync(() => proxy.close()))
  return (proxy.address() as AddressInfo).port
})

/**
 * A worker reads the chain, and is killed at the n-th moment: before a statement reaches the database, or before a request
 * reaches the node. Answers how the worker ended: `killed`, `read`, or `held` by another host.
 */
export const scanKilledAt = Effect.fnUntraced(function*(moment: number) {
  const chain = yield* TestChain
  const clock = yield* QuietClock
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* Effect.orDie(sql<{ readonly name: string }>`SELECT current_database() AS name`)
  const { socketPath, username } = inject("testServer")
  let worker: ReturnType<typeof launch> | undefined
  let left = moment
  const passes = (): boolean => {
    left -= 1
    if (left === 0) worker?.kill("SIGKILL")
    return left > 0
  }
  const database = yield* forward(() => connect(socketPath), (chunk) => chunk[0] === startup || passes())
  const node = yield* forward(() => connect(Number(new URL(chain.url).port), "127.0.0.1"), passes)
  worker = launch({
    database: { host: "127.0.0.1", port: database, database: row?.name ?? "", username, ssl: false },
    chain: Schema.encodeUnknownSync(Schema.toCodecJson(Chain))(chainOf(chain)),
    rpcUrls: [`http://127.0.0.1:${node}`],
    now: clock.now()
  })
  const [code, signal] = yield* Effect.promise(() => once(worker, "exit"))
  if (signal === "SIGKILL") return "killed" as const
  if (code !== 0 && code !== 3) return yield* Effect.die(new Error(`the worker failed: ${code} ${signal}`))
  return code === 0 ? "read" as const : "held" as const
}, Effect.scoped)

/** The leases of dead hosts end. */
export const leasesEnded = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Effect.orDie(sql`UPDATE chain_scans SET leased_until = '-infinity'`)
})

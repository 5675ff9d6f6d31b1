/**
 * Runs `billing-worker.ts` beside the host under test, and kills it at any moment at which dying makes a difference.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect, createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { inject } from "vitest"
import { StripeStandIn } from "./StripeHost.ts"

/** The settings of the worker. */
export interface Work {
  readonly database: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly username: string
    readonly ssl: false
  }
  readonly apiBase: string
  readonly secretKey: string
  /** Its clock stands still. */
  readonly now: number
}

const script = fileURLToPath(new URL("billing-worker.ts", import.meta.url))

/** The first byte of what a client says at first; statements begin with the letter of their message. */
const startup = 0

const launch = (work: Work) =>
  spawn(process.execPath, ["--conditions=@dchat/source", script, JSON.stringify(work)], {
    stdio: ["ignore", "ignore", "inherit"]
  })

/**
 * Has a worker do what is to be done, and kills it at the n-th moment: before a statement reaches the database, before a
 * request reaches Stripe, or after that and before its answer. Answers false when it was done before that.
 */
export const workKilledAt = Effect.fnUntraced(function*(moment: number) {
  const double = yield* StripeStandIn
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* Effect.orDie(sql<{ readonly name: string }>`SELECT current_database() AS name`)
  const { socketPath, username } = inject("testServer")
  let worker: ReturnType<typeof launch> | undefined
  let left = moment

  const isOver = (): boolean => {
    left -= 1
    if (left === 0) worker?.kill("SIGKILL")
    return left <= 0
  }

  const proxy = createServer((client) => {
    const server = connect(socketPath)
    client.on("data", (chunk) => {
      if (chunk[0] === startup || !isOver()) server.write(chunk)
    })
    server.on("data", (chunk) => client.write(chunk))
    for (const [one, other] of [[client, server], [server, client]] as const) {
      one.on("error", () => other.destroy()).on("close", () => other.destroy())
    }
  }).listen(0, "127.0.0.1")
  yield* Effect.promise(() => once(proxy, "listening"))

  yield* double.onRequest(() => {
    if (isOver()) double.faults.plan(/./, "drop", 1)
    else isOver()
  })
  worker = launch({
    database: {
      host: "127.0.0.1",
      port: (proxy.address() as AddressInfo).port,
      database: row?.name ?? "",
      username,
      ssl: false
    },
    apiBase: double.origin,
    secretKey: double.secretKey,
    now: double.clock.now()
  })
  const [code, signal] = yield* Effect.promise(() => once(worker, "exit"))
  yield* double.onRequest(() => {})
  double.faults.clear()
  proxy.close()
  if (signal !== "SIGKILL" && code !== 0) return yield* Effect.die(new Error(`the worker failed: ${code} ${signal}`))
  return signal === "SIGKILL"
})

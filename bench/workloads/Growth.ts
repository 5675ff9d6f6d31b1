/**
 * W1 and H1 on an empty database, and on the database of an installation that has many users and a year of calls.
 */
import { Database } from "@dchat/adapters/postgres"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { setTimeout as sleep } from "node:timers/promises"
import { addFinishedCalls, addUsers, hasFinishedCall } from "../growth/history.ts"
import { signIn } from "../load/phones/signIn.ts"
import { databaseOf, dchat, type StartedHost } from "../processes/hosts.ts"
import { type Load, startLoad } from "../processes/Load.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { cpuPerCall, figuresOf } from "./signalling.ts"

const scales = {
  full: { calls: 1_000_000, users: 100_000, atOnce: 64 },
  quick: { calls: 100_000, users: 10_000, atOnce: 64 },
  smoke: { calls: 100, users: 20, atOnce: 2 }
}

const empty = "empty database"
const cpuPerRequest = "CPU ms a request"

interface Subject {
  readonly name: string
  readonly host: StartedHost
  readonly load: Load
  readonly tokens: ReadonlyArray<string>
}

const inDatabase = <A, E>({ folder }: StartedHost, effect: Effect.Effect<A, E, SqlClient.SqlClient>) => {
  const { env, port } = databaseOf(folder)
  const options = { path: `${env["PGHOST"]}/.s.PGSQL.${port}`, username: "postgres", database: "dchat", ssl: false }
  return Effect.runPromise(Effect.provide(effect, Database.layerOn(options)))
}

const start = async (name: string, atOnce: number): Promise<Subject> => {
  const host = await dchat(name).start()
  const load = startLoad()
  try {
    await load.ask("connect", { target: host.target, parties: atOnce, size: 2 })
    const [origin = ""] = host.target.origins
    const tokens: Array<string> = []
    while (tokens.length < atOnce) tokens.push((await signIn(origin)).token)
    return { name, host, load, tokens }
  } catch (error) {
    await load.stop()
    await host.stop()
    throw error
  }
}

/** The host moves the calls of the warm-up after half a minute. */
const grow = async ({ host, load }: Subject, { calls, users }: typeof scales.full) => {
  await load.ask("closedLoop", { atOnce: 1, warmUpSeconds: 0.1, seconds: 0.5 })
  await inDatabase(host, addUsers(users))
  while (!await inDatabase(host, hasFinishedCall)) await sleep(500)
  await inDatabase(host, addFinishedCalls(calls, users))
}

const measure = async (
  { host: { target }, load, name, tokens }: Subject,
  { atOnce, seconds, warmUpSeconds }: {
    readonly atOnce: number
    readonly seconds: number
    readonly warmUpSeconds: number
  }
): Promise<ReadonlyArray<Measurement>> => {
  const calls = await load.ask("closedLoop", { atOnce, warmUpSeconds, seconds })
  const url = `${target.origins[0]}/api/subscriptions/me`
  const { answered, cpu, failed, p50, p99, seconds: took } = await load.ask("requests", {
    url,
    servers: target.servers,
    tokens,
    warmUpSeconds,
    seconds
  })
  return [
    { load: `W1: ${atOnce} at once`, subject: name, mode: "durable", figures: figuresOf(calls) },
    {
      load: `H1: ${atOnce} at once`,
      subject: name,
      mode: "",
      figures: {
        "requests/s": answered / took,
        [cpuPerRequest]: cpu / answered,
        "p50 ms": p50,
        "p99 ms": p99,
        failed
      }
    }
  ]
}

const run = async ({ rounds, scale, seconds }: Options): Promise<ReadonlyArray<Measurement>> => {
  const size = scales[scale]
  const measurements: Array<Measurement> = []
  const subjects: Array<Subject> = []
  try {
    for (const name of [empty, `${size.calls} calls, ${size.users} users`]) {
      subjects.push(await start(name, size.atOnce))
    }
    const [, grown] = subjects
    if (grown !== undefined) await grow(grown, size)
    for (let round = 0; round < rounds; round += 1) {
      for (const subject of subjects) {
        const warmUpSeconds = Math.min(seconds, round === 0 ? 3 : 1)
        measurements.push(...await measure(subject, { atOnce: size.atOnce, seconds, warmUpSeconds }))
      }
    }
  } finally {
    for (const { host, load } of subjects) {
      await load.stop()
      await host.stop()
    }
  }
  return measurements
}

export const Growth: Benchmark = {
  title: "Calls and requests beside a year of finished calls, compared with an empty database",
  run,
  ratios: [{ figure: cpuPerCall, to: empty }, { figure: cpuPerRequest, to: empty }]
}

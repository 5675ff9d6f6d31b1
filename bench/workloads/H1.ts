/**
 * H1: `GET /api/subscriptions/me` with real sessions.
 */
import { join } from "node:path"
import { signIn } from "../load/phones/signIn.ts"
import { databaseOf, dchat } from "../processes/hosts.ts"
import { startLoad } from "../processes/Load.ts"
import { startServer } from "../processes/PinnedProcess.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"

const path = "/api/subscriptions/me"
const throughput = "requests/s"

/** Requests at once, each of another user. */
const atOnce = { full: 64, quick: 64, smoke: 4 }

interface Asked {
  readonly name: string
  readonly url: string
  readonly servers: ReadonlyArray<number>
}

const run = async ({ checkouts, isAlone, rounds, scale, seconds }: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  const stops: Array<() => Promise<void>> = []
  const subjects: Array<Asked & { readonly tokens: ReadonlyArray<string> }> = []
  const load = startLoad()
  stops.push(load.stop)
  try {
    for (const [name, checkout] of [["dchat", undefined] as const, ...checkouts]) {
      const { folder, stop, target } = await dchat(name, checkout).start()
      stops.push(stop)
      const [origin = ""] = target.origins
      const tokens: Array<string> = []
      while (tokens.length < atOnce[scale]) tokens.push((await signIn(origin)).token)
      subjects.push({ name, url: `${origin}${path}`, servers: target.servers, tokens })
      if (isAlone || name !== "dchat") continue
      const database = databaseOf(folder)
      const answer = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${tokens[0]}` } })
      const env = { ...database.env, FREE: await answer.text(), NODE_ENV: "production" }
      for (const peer of ["fastify", "http"]) {
        const server = await startServer([`${peer}-me.mjs`], { cwd: join(import.meta.dirname, "../peers"), env })
        stops.push(server.stop)
        const url = `http://127.0.0.1:${server.port}${path}`
        subjects.push({ name: `${peer} + pg`, url, servers: [server.pid, database.pid], tokens })
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, servers, tokens, url } of subjects) {
        const warmUpSeconds = Math.min(seconds, round === 0 ? 3 : 1)
        const { answered, cpu, failed, p50, p99, seconds: took } = await load.ask("requests", {
          url,
          servers,
          tokens,
          warmUpSeconds,
          seconds
        })
        measurements.push({
          load: `${tokens.length} at once`,
          subject: name,
          mode: "",
          figures: {
            [throughput]: answered / took,
            "CPU ms a request": cpu / answered,
            "p50 ms": p50,
            "p99 ms": p99,
            failed
          }
        })
      }
    }
  } finally {
    for (const stop of stops.toReversed()) await stop()
  }
  return measurements
}

export const H1: Benchmark = {
  title: "GET /api/subscriptions/me with real sessions",
  run,
  ratios: [{ figure: throughput, to: "fastify + pg" }]
}

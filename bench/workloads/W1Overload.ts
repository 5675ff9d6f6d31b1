/**
 * W1 at twice the load that a host can carry, for long: `--seconds 300` for five minutes.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { dchat } from "../processes/hosts.ts"
import { memoryOf } from "../processes/ProcessTree.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { megabytes, withServers } from "./signalling.ts"
import { established, mostOf, offerTwice, pairsAtOnce } from "./W1Offered.ts"

/** Seconds in which a host shows what it can do. */
const mostSeconds = 8

/** Milliseconds of rest after the load. */
const rest = { full: 30_000, quick: 5000, smoke: 500 }

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const { scale, seconds } = options
  const measurements: Array<Measurement> = []
  await withServers([dchat()], { parties: established, size: 2 }, async (running) => {
    for (const one of running) {
      const [pid = 0] = one.target.servers
      await one.load.ask("hold", { calls: established })
      await one.load.ask("connect", { target: one.target, parties: pairsAtOnce[scale], size: 2 })
      const [most, figures] = await mostOf(one, { ...options, seconds: Math.min(seconds, mostSeconds) })
      const twice = await offerTwice(one, most, options)
      await sleep(rest[scale])
      measurements.push(figures, {
        ...twice,
        figures: { ...twice.figures, "MB after a rest": megabytes(memoryOf(pid)) }
      })
    }
  })
  return measurements
}

export const W1Overload: Benchmark = { title: "Twice the load that a host can carry, for long", run, ratios: [] }

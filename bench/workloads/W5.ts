/**
 * W5: a host is killed while messages go through its calls: a single host, which starts again, and one of two.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { dchat, dchatPair, type StartedHost } from "../processes/hosts.ts"
import { startLoad } from "../processes/Load.ts"
import type { Subject } from "../processes/subjects.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { interruptionOf } from "./signalling.ts"

/** Calls of two, and messages a second of all. */
const scales = {
  full: { calls: 50, rate: 100 },
  quick: { calls: 10, rate: 20 },
  smoke: { calls: 2, rate: 10 }
}

const measure = async (
  { mode, name, start }: Subject<StartedHost>,
  { scale, seconds }: Options
): Promise<Measurement> => {
  const { calls, rate } = scales[scale]
  const host = await start()
  const load = startLoad()
  try {
    await load.ask("connect", { target: host.target, parties: calls, size: 2 })
    await load.ask("hold", { calls })
    const interruption = load.ask("interrupt", { rate, seconds, isDropped: false })
    await sleep((seconds * 1000) / 3)
    await host.kill()
    await host.restart?.()
    const figures = interruptionOf(await interruption)
    return {
      load: host.restart === undefined ? "kill -9, the other takes over" : "kill -9, starts again",
      subject: name,
      mode,
      figures
    }
  } finally {
    await load.stop()
    await host.stop()
  }
}

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  for (let round = 0; round < options.rounds; round += 1) {
    for (const subject of [dchat(), dchatPair]) measurements.push(await measure(subject, options))
  }
  return measurements
}

export const W5: Benchmark = { title: "A host is killed while messages go through its calls", run, ratios: [] }

/**
 * W4: all clients lose their connections at once and come back, while messages go through their calls.
 */
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { interruptionOf, subjectsOf, withServers } from "./signalling.ts"

/** Calls of two, and messages a second of all. */
const scales = {
  full: { calls: 500, rate: 200 },
  quick: { calls: 25, rate: 50 },
  smoke: { calls: 2, rate: 10 }
}

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  const { calls, rate } = scales[options.scale]
  await withServers(subjectsOf(options), { parties: calls, size: 2 }, async (running) => {
    for (const { load } of running) await load.ask("hold", { calls })
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { load, subject: { mode, name } } of running) {
        const figures = await load.ask("interrupt", { rate, seconds: options.seconds, isDropped: true })
        measurements.push({ load: `${2 * calls} clients`, subject: name, mode, figures: interruptionOf(figures) })
      }
    }
  })
  return measurements
}

export const W4: Benchmark = { title: "All clients lose their connections at once and come back", run, ratios: [] }

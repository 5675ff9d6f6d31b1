/**
 * W2: calls of eight users, each connected to each: 28 offers, 28 answers and 112 candidates.
 */
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { baseline, cpuPerCall, figuresOf, subjectsOf, withServers } from "./signalling.ts"

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  await withServers(subjectsOf(options), { parties: 1, size: 8 }, async (running) => {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { load, subject: { mode, name } } of running) {
        const figures = await load.ask("closedLoop", {
          atOnce: 1,
          warmUpSeconds: Math.min(options.seconds, round === 0 ? 3 : 1),
          seconds: options.seconds
        })
        measurements.push({ load: "one at a time", subject: name, mode, figures: figuresOf(figures) })
      }
    }
  })
  return measurements
}

export const W2: Benchmark = {
  title: "Calls of eight users, each connected to each (28 offers, 28 answers, 112 candidates)",
  run,
  ratios: [{ figure: cpuPerCall, to: baseline }]
}

/**
 * W1: one-to-one calls, set up and hung up: 64 at once, and one at a time.
 */
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { baseline, cpuPerCall, figuresOf, subjectsOf, withServers } from "./signalling.ts"

/** Pairs of users that are in a call at once. */
const pairsAtOnce = { full: 64, quick: 64, smoke: 4 }

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  const pairs = pairsAtOnce[options.scale]
  await withServers(subjectsOf(options), { parties: pairs, size: 2 }, async (running) => {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { load, subject: { mode, name } } of running) {
        for (const [what, atOnce] of [[`${pairs} at once`, pairs], ["one at a time", 1]] as const) {
          const figures = await load.ask("closedLoop", {
            atOnce,
            warmUpSeconds: Math.min(options.seconds, round === 0 ? 3 : 1),
            seconds: options.seconds
          })
          measurements.push({ load: what, subject: name, mode, figures: figuresOf(figures) })
        }
      }
    }
  })
  return measurements
}

export const W1: Benchmark = {
  title: "One-to-one calls, set up and hung up (22 commands)",
  run,
  ratios: [{ figure: cpuPerCall, to: baseline }]
}

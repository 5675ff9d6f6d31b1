/**
 * W3: messages through calls at a steady rate, beside idle connections.
 */
import { collectedMemoryOf } from "../processes/ProcessTree.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { baseline, subjectsOf, withServers } from "./signalling.ts"

const cpuPerMessage = "CPU ms a message"

/** Calls that share the messages, messages a second of all, and connections beside them. */
const scales = {
  full: { calls: 100, rate: 2000, idle: 1000 },
  quick: { calls: 100, rate: 200, idle: 100 },
  smoke: { calls: 2, rate: 20, idle: 2 }
}

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  const { calls, idle, rate } = scales[options.scale]
  await withServers(subjectsOf(options), { parties: calls, size: 2 }, async (running) => {
    for (const { load, subject: { mode, name }, target } of running) {
      await load.ask("hold", { calls })
      // By now, the server has allocated the memory that all connections share.
      const [pid = 0] = target.servers
      const before = await collectedMemoryOf(pid)
      await load.ask("connectIdle", { target, count: idle })
      const figures = { "KiB a connection": (await collectedMemoryOf(pid) - before) / idle }
      measurements.push({ load: `${idle} idle connections`, subject: name, mode, figures })
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { load, subject: { mode, name } } of running) {
        if (round === 0) await load.ask("relay", { rate, seconds: Math.min(options.seconds, 2) })
        const { cpu, lost, outOfOrder, p50, p99, refused, repeated, sent } = await load.ask("relay", {
          rate,
          seconds: options.seconds
        })
        const figures = {
          [cpuPerMessage]: cpu / sent,
          "p50 ms": p50,
          "p99 ms": p99,
          lost,
          refused,
          repeated,
          "out of order": outOfOrder
        }
        measurements.push({ load: `${rate} messages/s`, subject: name, mode, figures })
      }
    }
  })
  return measurements
}

export const W3: Benchmark = {
  title: "Candidates of calls at a steady rate, beside idle connections",
  run,
  ratios: [{ figure: cpuPerMessage, to: baseline }]
}

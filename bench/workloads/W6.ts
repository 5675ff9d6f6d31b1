/**
 * W6: a herd of clients leaves at once and comes back at once, three times.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { dchat } from "../processes/hosts.ts"
import { collectedMemoryOf, memoryOf } from "../processes/ProcessTree.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { megabytes, withServers } from "./signalling.ts"

const scales = {
  full: { clients: 2000, rest: 10_000 },
  quick: { clients: 200, rest: 2000 },
  smoke: { clients: 4, rest: 100 }
}

/** How often the clients come back. */
const times = 3

const run = async ({ scale }: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  const { clients, rest } = scales[scale]
  await withServers([dchat()], { parties: 0, size: 2 }, async (running) => {
    for (const { load, subject: { mode, name }, target } of running) {
      const [pid = 0] = target.servers
      const before = megabytes(memoryOf(pid))
      await load.ask("connectIdle", { target, count: clients })
      const connected = megabytes(memoryOf(pid))
      const { p50, p99 } = await load.ask("herd", { times })
      const left = megabytes(memoryOf(pid))
      await sleep(rest)
      const figures = {
        "back p50 ms": p50,
        "back p99 ms": p99,
        "MB before": before,
        "MB connected once": connected,
        "MB after the herd": left,
        "MB after a rest": megabytes(memoryOf(pid)),
        "MB after a collection": megabytes(await collectedMemoryOf(pid))
      }
      measurements.push({ load: `${clients} clients`, subject: name, mode, figures })
    }
  })
  return measurements
}

export const W6: Benchmark = { title: "A herd of clients leaves and comes back three times", run, ratios: [] }

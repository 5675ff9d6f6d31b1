/**
 * W1: one-to-one calls, set up and hung up.
 */
import type { CallFigures } from "../load/callLoads.ts"
import { type Load, startLoad } from "../processes/Load.ts"
import { dchat, type Subject, wsRelay } from "../processes/subjects.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"

/** Pairs of users that are in a call at once, in the closed loop. */
const atOnce = 64

const cpu = "CPU ms a call"
const throughput = "calls/s"

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((one, other) => one + other, 0)

const figuresOf = ({ cpu: spent, faults, finished, offered, p50, p99, refused, seconds, unfinished }: CallFigures) => ({
  [cpu]: spent / finished,
  [throughput]: finished / seconds,
  "p50 ms": p50,
  "p99 ms": p99,
  "finished %": (100 * finished) / offered,
  "refused %": (100 * sum(refused)) / offered,
  unfinished,
  faults: sum(faults)
})

interface Running {
  readonly subject: Subject
  readonly load: Load
  readonly stop: () => Promise<void>
}

const begin = async (subject: Subject, pairs: number): Promise<Running> => {
  const server = await subject.start()
  const load = startLoad()
  await load.ask("connect", { target: server.target, pairs })
  return {
    subject,
    load,
    stop: async () => {
      await load.stop()
      await server.stop()
    }
  }
}

const run = async ({ checkouts, rounds, seconds }: Options): Promise<ReadonlyArray<Measurement>> => {
  const subjects = [dchat(), ...[...checkouts].map(([name, folder]) => dchat(name, folder)), wsRelay]
  const measurements: Array<Measurement> = []
  const running: Array<Running> = []
  const take = ({ subject: { mode, name } }: Running, load: string, figures: CallFigures) =>
    measurements.push({ load, subject: name, mode, figures: figuresOf(figures) })
  try {
    for (const subject of subjects) running.push(await begin(subject, atOnce))
    for (let round = 0; round < rounds; round += 1) {
      for (const one of running) {
        const warmUpSeconds = round === 0 ? 3 : 1
        take(one, `${atOnce} at once`, await one.load.ask("closedLoop", { atOnce, warmUpSeconds, seconds }))
        take(one, "one at a time", await one.load.ask("closedLoop", { atOnce: 1, warmUpSeconds: 1, seconds }))
      }
    }
  } finally {
    for (const one of running) await one.stop()
  }
  return measurements
}

export const W1: Benchmark = {
  title: "One-to-one calls, set up and hung up (22 commands)",
  run,
  ratios: [{ figure: cpu, to: wsRelay.name }]
}

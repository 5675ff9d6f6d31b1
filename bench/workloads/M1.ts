/**
 * M1: the commands of calls, decided and recorded in memory, a second.
 */
import { dchatCall } from "../machines/dchatCall.ts"
import { reducerCall } from "../machines/reducerCall.ts"
import { callOf, type Step } from "../machines/scripts.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"

const throughput = "commands/s"

const calls = [["direct call", callOf(2, 8)], ["group of 8", callOf(8, 2)]] as const

type Run = (steps: ReadonlyArray<Step>) => () => number

/** The peer is there only after it was installed. */
const xstateCall = async (): Promise<Run> => {
  const { href } = new URL("../peers/xstate-call.mjs", import.meta.url)
  return (await import(href) as { readonly xstateCall: Run }).xstateCall
}

/** Calls one after the other until the time is over; commands a second. */
const rateOf = (call: () => number, commands: number, seconds: number): number => {
  const began = performance.now()
  let done = 0
  while (performance.now() - began < seconds * 1000) {
    call()
    done += commands
  }
  return (done * 1000) / (performance.now() - began)
}

const run = async ({ isAlone, rounds, seconds }: Options): Promise<ReadonlyArray<Measurement>> => {
  const subjects: Array<readonly [string, Run]> = [["dchat", dchatCall], ["reducer", reducerCall]]
  if (!isAlone) subjects.push(["xstate", await xstateCall()])
  const measurements: Array<Measurement> = []
  for (const [load, steps] of calls) {
    const running = subjects.map(([subject, machine]) => ({ subject, call: machine(steps) }))
    for (let round = -1; round < rounds; round += 1) {
      for (const { call, subject } of running) {
        const rate = rateOf(call, steps.length, seconds / 4)
        // The first round warms up.
        if (round >= 0) measurements.push({ load, subject, mode: "memory", figures: { [throughput]: rate } })
      }
    }
  }
  return measurements
}

export const M1: Benchmark = {
  title: "The machine of calls: commands decided and recorded in memory",
  run,
  ratios: [{ figure: throughput, to: "xstate" }, { figure: throughput, to: "reducer" }]
}

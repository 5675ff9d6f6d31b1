/**
 * W1 under an offered load: 100 new calls a second, and twice as many as the host can make, while other calls go on.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { memoryOf } from "../processes/ProcessTree.ts"
import { watch } from "../processes/Watch.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { Benchmark, Options } from "./Benchmark.ts"
import { figuresOf, megabytes, type Running, subjectsOf, withServers } from "./signalling.ts"

/** Pairs in a call at once when a host shows what it can do. */
export const pairsAtOnce = { full: 64, quick: 64, smoke: 4 }

/** Calls that go on, with one message a second each. */
export const established = 10

/** Users give a call up after 8 seconds. More pairs than these never wait at once. */
const mostPairs = { full: 1100, quick: 64, smoke: 4 }

const offer = async (
  { load, subject: { mode, name }, target }: Running,
  what: string,
  rate: number,
  { scale, seconds }: Options
): Promise<Measurement> => {
  const [pid = 0] = target.servers
  const [origin = ""] = target.origins
  await load.ask("connect", { target, parties: Math.min(mostPairs[scale], Math.ceil(rate * 8)), size: 2 })
  const before = memoryOf(pid)
  const work = Promise.all([
    load.ask("offeredLoad", { rate, seconds }),
    load.ask("relay", { rate: established, seconds })
  ])
  const [[calls, stream], health] = target.kind === "dchat"
    ? await watch({ origin, pid }, work)
    : [await work, undefined]
  await sleep(scale === "full" ? 10_000 : 500)
  const figures = {
    ...figuresOf(calls),
    "refused p99 ms": calls.refusedP99,
    "lost in other calls": stream.lost + stream.refused,
    ...(health && {
      "healthz p99 ms": health.p99,
      "healthz failed": health.failed,
      "MB before": megabytes(before),
      "MB at most": megabytes(health.mostKibibytes),
      "MB after": megabytes(memoryOf(pid))
    })
  }
  return { load: what, subject: name, mode, figures }
}

/** The rate at which a host finishes calls when some pairs make one call after another. */
export const mostOf = async (
  { load, subject: { mode, name } }: Running,
  { scale, seconds }: Options
): Promise<readonly [number, Measurement]> => {
  const pairs = pairsAtOnce[scale]
  const figures = await load.ask("closedLoop", { atOnce: pairs, warmUpSeconds: Math.min(seconds, 3), seconds })
  return [
    figures.finished / figures.seconds,
    { load: `${pairs} at once`, subject: name, mode, figures: figuresOf(figures) }
  ]
}

/** Twice as many new calls as the host can make. */
export const offerTwice = async (one: Running, most: number, options: Options): Promise<Measurement> => {
  const twice = await offer(one, "twice the maximum offered", 2 * most, options)
  const part = { "% of the maximum": (100 * (twice.figures["calls/s"] ?? NaN)) / most }
  return { ...twice, figures: { ...twice.figures, ...part } }
}

const run = async (options: Options): Promise<ReadonlyArray<Measurement>> => {
  const measurements: Array<Measurement> = []
  const pairs = pairsAtOnce[options.scale]
  await withServers(subjectsOf(options), { parties: established, size: 2 }, async (running) => {
    for (const { load, target } of running) {
      await load.ask("hold", { calls: established })
      await load.ask("connect", { target, parties: pairs, size: 2 })
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const one of running) {
        const [most, figures] = await mostOf(one, options)
        measurements.push(figures)
        measurements.push(await offer(one, "100/s offered", 100, options))
        // The load itself cannot offer twice what a relay can do.
        if (one.target.kind === "dchat") measurements.push(await offerTwice(one, most, options))
      }
    }
  })
  return measurements
}

export const W1Offered: Benchmark = {
  title: "One-to-one calls that begin at a steady rate, whatever becomes of the earlier ones",
  run,
  ratios: []
}

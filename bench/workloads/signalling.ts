/**
 * The servers of a benchmark of calls, each with the process that makes load on it.
 */
import type { InterruptionFigures } from "../load/calls/dropping.ts"
import type { CallFigures } from "../load/calls/Tally.ts"
import type { Target } from "../load/Job.ts"
import { dchat } from "../processes/hosts.ts"
import { type Load, startLoad } from "../processes/Load.ts"
import { relay, type Subject } from "../processes/subjects.ts"
import type { Options } from "./Benchmark.ts"

export interface Running {
  readonly subject: Subject
  readonly load: Load
  readonly target: Target
  readonly stop: () => Promise<void>
}

export const baseline = "ws"

/** Parties of `size` users, connected to a server that was started for them. */
const begin = async (subject: Subject, parties: number, size: number): Promise<Running> => {
  const server = await subject.start()
  const load = startLoad()
  const stop = async () => {
    await load.stop()
    await server.stop()
  }
  try {
    await load.ask("connect", { target: server.target, parties, size })
    return { subject, load, target: server.target, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** dchat, the same of other checkouts, and the relays. */
export const subjectsOf = ({ checkouts, isAlone }: Options): ReadonlyArray<Subject> => [
  dchat(),
  ...[...checkouts].map(([name, folder]) => dchat(name, folder)),
  ...(isAlone ? [baseline] : [baseline, "socket.io", "peerjs"]).map(relay)
]

/** Starts all servers, runs, and stops them whatever happens. */
export const withServers = async (
  subjects: ReadonlyArray<Subject>,
  { parties, size }: { readonly parties: number; readonly size: number },
  run: (running: ReadonlyArray<Running>) => Promise<void>
): Promise<void> => {
  const running: Array<Running> = []
  try {
    for (const subject of subjects) running.push(await begin(subject, parties, size))
    await run(running)
  } finally {
    for (const one of running) await one.stop()
  }
}

export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((one, other) => one + other, 0)

/** Megabytes of a process. */
export const megabytes = (kibibytes: number): number => (kibibytes * 1024) / 1e6

export const cpuPerCall = "CPU ms a call"

export const figuresOf = (
  { cpu, faults, finished, offered, p50, p99, refused: { nobody_free: without = 0, ...refused }, seconds, unfinished }:
    CallFigures
): Readonly<Record<string, number>> => ({
  [cpuPerCall]: cpu / finished,
  "calls/s": finished / seconds,
  "p50 ms": p50,
  "p99 ms": p99,
  "finished %": (100 * finished) / offered,
  "refused %": (100 * sum(refused)) / offered,
  "without users %": (100 * without) / offered,
  unfinished,
  faults: sum(faults)
})

export const interruptionOf = (
  { ended, forgotten, lost, outOfOrder, p50, p99, refused, repeated, sent }: InterruptionFigures
): Readonly<Record<string, number>> => ({
  "connections ended": ended,
  "back p50 ms": p50,
  "back p99 ms": p99,
  messages: sent,
  lost,
  refused,
  repeated,
  "out of order": outOfOrder,
  "calls forgotten": forgotten
})

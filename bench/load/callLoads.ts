/**
 * Loads of one-to-one calls: a number of them at once, or a number of new ones a second.
 */
import { cpuOf } from "../processes/ProcessTree.ts"
import { type Faults, makeCall, type Outcome, type Pair } from "./TwoPartyCall.ts"

/** Milliseconds after which a user gives a call up: with as many calls as one waits for, and under an offered load. */
const patience = { closedLoop: 60_000, offeredLoad: 8000 }

export interface CallFigures {
  readonly offered: number
  readonly finished: number
  readonly unfinished: number
  /** Calls that were refused, by the code of the refusal. */
  readonly refused: Readonly<Record<string, number>>
  /** Seconds of the measured part. */
  readonly seconds: number
  /** Milliseconds of CPU of the servers in the measured part. */
  readonly cpu: number
  /** Milliseconds from ringing to the end of a call. */
  readonly p50: number
  readonly p99: number
  readonly faults: Readonly<Record<string, number>>
}

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

export const quantile = (values: ReadonlyArray<number>, part: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

/** Counts what becomes of calls. */
class Tally {
  readonly faults: Faults = { repeated: 0, outOfOrder: 0 }
  offered = 0
  finished = 0
  unfinished = 0
  #refused = new Map<string, number>()
  #times: Array<number> = []

  take(outcome: Outcome, milliseconds: number) {
    if (outcome === "finished") {
      this.finished += 1
      this.#times.push(milliseconds)
    } else if (outcome === "unfinished") this.unfinished += 1
    else {
      const code = outcome.slice("refused: ".length)
      this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1)
    }
  }

  figures(seconds: number, cpu: number, pairs: ReadonlyArray<Pair>): CallFigures {
    const { faults, finished, offered, unfinished } = this
    const events = pairs.flatMap(({ callee, caller }) => [callee.faults(), caller.faults()])
    return {
      offered,
      finished,
      unfinished,
      refused: Object.fromEntries(this.#refused),
      seconds,
      cpu,
      p50: quantile(this.#times, 0.5),
      p99: quantile(this.#times, 0.99),
      faults: {
        ...faults,
        repeatedEvents: events.reduce((sum, { repeated }) => sum + repeated, 0),
        missedEvents: events.reduce((sum, { missed }) => sum + missed, 0)
      }
    }
  }
}

/** Waits until a pair whose call was given up has the answers to its commands. */
const untilIdle = async ({ callee, caller }: Pair): Promise<void> => {
  while (!caller.isIdle() || !callee.isIdle()) await sleep(20)
}

const cpuOfAll = (servers: ReadonlyArray<number>): number => servers.reduce((sum, pid) => sum + cpuOf(pid), 0)

export interface ClosedLoop {
  /** Calls at once. */
  readonly atOnce: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** A slow server gets more time, so that each pair finishes some calls: up to this many times as long. */
const extension = 8

/** Waits for the time, and until that many calls have ended. */
const untilEnded = async (tally: Tally, calls: number, seconds: number): Promise<void> => {
  const began = performance.now()
  await sleep(seconds * 1000)
  while (tally.offered < calls && performance.now() - began < seconds * 1000 * extension) await sleep(20)
}

/** Each pair makes one call after the other. Calls that end in the measured part count. */
export const closedLoop = async (
  all: ReadonlyArray<Pair>,
  { atOnce, seconds, warmUpSeconds }: ClosedLoop,
  servers: ReadonlyArray<number>
): Promise<CallFigures> => {
  const pairs = all.slice(0, atOnce)
  let tally = new Tally()
  const end = new AbortController()
  const loop = async (pair: Pair) => {
    while (!end.signal.aborted) {
      const began = performance.now()
      const outcome = await makeCall(pair, patience.closedLoop, tally.faults)
      tally.offered += 1
      tally.take(outcome, performance.now() - began)
      await untilIdle(pair)
    }
  }
  const loops = pairs.map(loop)
  await untilEnded(tally, atOnce, warmUpSeconds)
  tally = new Tally()
  const measured = tally
  const began = performance.now()
  const cpuBefore = cpuOfAll(servers)
  await untilEnded(measured, 2 * atOnce, seconds)
  const cpu = cpuOfAll(servers) - cpuBefore
  const took = (performance.now() - began) / 1000
  // What ends later is of no interest.
  tally = new Tally()
  end.abort()
  await Promise.all(loops)
  return measured.figures(took, cpu, pairs)
}

export interface OfferedLoad {
  /** New calls a second. */
  readonly rate: number
  readonly seconds: number
}

/**
 * Begins calls at a steady rate, whatever becomes of the earlier ones, and waits for all of them. A call for which no
 * pair is free counts as refused with the code `no_free_pair`.
 */
export const offeredLoad = async (
  pairs: ReadonlyArray<Pair>,
  { rate, seconds }: OfferedLoad,
  servers: ReadonlyArray<number>
): Promise<CallFigures> => {
  const tally = new Tally()
  const free = [...pairs]
  const calls = new Set<Promise<void>>()
  const begin = async (pair: Pair) => {
    const began = performance.now()
    tally.take(await makeCall(pair, patience.offeredLoad, tally.faults), performance.now() - began)
    await untilIdle(pair)
    free.push(pair)
  }
  const began = performance.now()
  const cpuBefore = cpuOfAll(servers)
  while (tally.offered < rate * seconds) {
    const due = Math.min(rate * seconds, ((performance.now() - began) / 1000) * rate)
    while (tally.offered < due) {
      tally.offered += 1
      const pair = free.shift()
      if (pair === undefined) {
        tally.take("refused: no_free_pair", 0)
        continue
      }
      const call = begin(pair)
      calls.add(call)
      void call.finally(() => calls.delete(call))
    }
    await sleep(5)
  }
  await Promise.all(calls)
  return tally.figures(seconds, cpuOfAll(servers) - cpuBefore, pairs)
}

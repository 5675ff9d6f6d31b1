/**
 * Loads of calls: a number of them at once, or a number of new ones a second.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { cpuOfAll } from "../../processes/ProcessTree.ts"
import { keepConnected } from "../phones/returning.ts"
import type { Party } from "./Party.ts"
import { type CallFigures, Tally } from "./Tally.ts"

/** Milliseconds after which a user gives a call up, by the kind of load, and after which no answer is expected. */
const patience = { closedLoop: 60_000, offeredLoad: 8000, answers: 60_000 }

/** Waits until users whose call was given up have the answers to their commands. */
const untilIdle = async ({ phones }: Party): Promise<void> => {
  const began = performance.now()
  while (!phones.every((phone) => phone.isIdle()) && performance.now() - began < patience.answers) await sleep(20)
}

export interface ClosedLoop {
  /** Calls at once. */
  readonly atOnce: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** A slow server gets more time, so that each party finishes some calls: up to this many times as long. */
const extension = 8

/** Waits for the time, and until that many calls have ended. */
const untilEnded = async (tally: Tally, calls: number, seconds: number): Promise<void> => {
  const began = performance.now()
  await sleep(seconds * 1000)
  while (tally.offered < calls && performance.now() - began < seconds * 1000 * extension) await sleep(20)
}

/** Each party makes one call after the other. Calls that end in the measured part count. */
export const closedLoop = async (
  all: ReadonlyArray<Party>,
  { atOnce, seconds, warmUpSeconds }: ClosedLoop,
  servers: ReadonlyArray<number>
): Promise<CallFigures> => {
  const parties = all.slice(0, atOnce)
  let tally = new Tally()
  const end = new AbortController()
  const loop = async (party: Party) => {
    while (!end.signal.aborted) {
      const began = performance.now()
      const outcome = await party.call(patience.closedLoop, tally.faults)
      tally.offered += 1
      tally.take(outcome, performance.now() - began)
      await untilIdle(party)
    }
  }
  const loops = parties.map(loop)
  await untilEnded(tally, atOnce, warmUpSeconds)
  tally = new Tally()
  const measured = tally
  const began = performance.now()
  const cpuBefore = cpuOfAll(servers)
  await untilEnded(measured, 2 * atOnce, seconds)
  const cpu = cpuOfAll(servers) - cpuBefore
  const took = (performance.now() - began) / 1000
  // Calls that end later do not count.
  tally = new Tally()
  end.abort()
  await Promise.all(loops)
  return measured.figures(took, cpu, parties)
}

export interface OfferedLoad {
  /** New calls a second. */
  readonly rate: number
  readonly seconds: number
}

/**
 * Begins calls at a steady rate, whatever becomes of the earlier ones, and waits for all of them. A call for which no
 * users are free counts as refused with the code `nobody_free`.
 */
export const offeredLoad = async (
  parties: ReadonlyArray<Party>,
  { rate, seconds }: OfferedLoad,
  servers: ReadonlyArray<number>
): Promise<CallFigures> => {
  const tally = new Tally()
  const free = [...parties]
  keepConnected(parties.flatMap(({ phones }) => phones))
  const calls = new Set<Promise<void>>()
  const begin = async (party: Party) => {
    const began = performance.now()
    tally.take(await party.call(patience.offeredLoad, tally.faults), performance.now() - began)
    await untilIdle(party)
    free.push(party)
  }
  const began = performance.now()
  const cpuBefore = cpuOfAll(servers)
  while (tally.offered < rate * seconds) {
    const due = Math.min(rate * seconds, ((performance.now() - began) / 1000) * rate)
    while (tally.offered < due) {
      tally.offered += 1
      const party = free.shift()
      if (party === undefined) {
        tally.take("refused: nobody_free", 0)
        continue
      }
      const call = begin(party)
      calls.add(call)
      void call.finally(() => calls.delete(call))
    }
    await sleep(5)
  }
  await Promise.all(calls)
  return tally.figures(seconds, cpuOfAll(servers) - cpuBefore, parties)
}

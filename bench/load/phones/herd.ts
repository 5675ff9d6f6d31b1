/**
 * A herd: clients that all leave at once, and all come back at once.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { quantile } from "../calls/Tally.ts"
import type { Phone } from "./Phone.ts"
import { comeBack } from "./returning.ts"

export interface HerdFigures {
  /** Milliseconds until a client is back. */
  readonly p50: number
  readonly p99: number
}

/** Milliseconds that clients stay, and stay away. */
const pause = 3000

/** The clients are away in the end. */
export const herd = async (phones: ReadonlyArray<Phone>, times: number): Promise<HerdFigures> => {
  const waits: Array<number> = []
  for (let time = 0; time < times; time += 1) {
    for (const phone of phones) phone.drop()
    await sleep(pause)
    const began = performance.now()
    await Promise.all(phones.map((phone) => comeBack(phone).then(() => waits.push(performance.now() - began))))
    await sleep(pause)
  }
  for (const phone of phones) phone.drop()
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) }
}

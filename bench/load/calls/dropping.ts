/**
 * Clients that lose their connections all at once while messages go through their calls, and come back.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { comeBack } from "../phones/returning.ts"
import type { HeldCalls, Stream } from "./relaying.ts"
import { quantile } from "./Tally.ts"

export interface Interruption extends Stream {
  /** Whether the clients cut their connections themselves. Otherwise the server is killed meanwhile. */
  readonly isDropped: boolean
}

export interface InterruptionFigures {
  readonly sent: number
  readonly lost: number
  readonly refused: number
  readonly repeated: number
  readonly outOfOrder: number
  /** Calls in which messages did not come. */
  readonly forgotten: number
  /** Connections that ended. */
  readonly ended: number
  /** Milliseconds from the end of its connection until a client is back. */
  readonly p50: number
  readonly p99: number
}

/** Messages go on for the whole time. All connections end after a third of it. */
export const interrupt = async (
  held: HeldCalls,
  { isDropped, ...stream }: Interruption
): Promise<InterruptionFigures> => {
  const phones = held.calls.flatMap((call) => call.phones)
  const times: Array<number> = []
  const before = { ...held.faults, missing: held.missing, refused: held.refusals }
  const missingBefore = new Map(held.calls.map((call) => [call, call.missing]))
  const back = async (work: () => Promise<void>) => {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  let ended = 0
  const returning: Array<Promise<void>> = []
  const dropAll = async () => {
    await sleep((stream.seconds * 1000) / 3)
    for (const phone of phones) phone.drop()
    ended += phones.length
    returning.push(...phones.map((phone) => back(() => comeBack(phone))))
  }
  // A server may also close a connection.
  for (const phone of phones) {
    phone.closed = () => {
      ended += 1
      returning.push(back(() => comeBack(phone)))
    }
  }
  if (isDropped) returning.push(dropAll())
  const sent = await held.say(stream)
  // The list grows while it is awaited.
  for (const one of returning) await one
  await held.drain()
  return {
    sent,
    lost: held.missing - before.missing,
    refused: held.refusals - before.refused,
    repeated: held.faults.repeated - before.repeated,
    outOfOrder: held.faults.outOfOrder - before.outOfOrder,
    forgotten: held.calls.filter((call) => call.missing > (missingBefore.get(call) ?? 0)).length,
    ended,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99)
  }
}

/**
 * A steady stream of messages through calls that go on.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { cpuOfAll } from "../../processes/ProcessTree.ts"
import { HeldCall, type Side } from "./HeldCall.ts"
import type { Faults, Party } from "./Party.ts"
import { quantile } from "./Tally.ts"

export interface Stream {
  /** Messages a second, of all users together. */
  readonly rate: number
  readonly seconds: number
}

export interface StreamFigures {
  readonly sent: number
  /** Messages that did not come. */
  readonly lost: number
  readonly refused: number
  readonly repeated: number
  readonly outOfOrder: number
  /** Milliseconds of CPU of the servers until the last message had come. */
  readonly cpu: number
  /** Milliseconds from sending a message to receiving it. */
  readonly p50: number
  readonly p99: number
}

/** Milliseconds without a message after which no further message is expected, of those that were sent. */
const patience = 5000

/** Calls that begin at once. */
const beginning = 8

export class HeldCalls {
  readonly faults: Faults = { repeated: 0, outOfOrder: 0 }
  readonly calls: ReadonlyArray<HeldCall>

  constructor(parties: ReadonlyArray<Party>) {
    this.calls = parties.flatMap(({ phones: [caller, callee] }) =>
      caller === undefined || callee === undefined ? [] : [new HeldCall([caller, callee], this.faults)]
    )
  }

  async begin(): Promise<void> {
    const waiting = [...this.calls]
    const next = async () => {
      for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) await call.begin()
    }
    await Promise.all(Array.from({ length: beginning }, next))
  }

  get missing(): number {
    return this.calls.reduce((sum, call) => sum + call.missing, 0)
  }

  get refusals(): number {
    return this.calls.reduce(
      (sum, { refusals }) => sum + [...refusals.values()].reduce((one, other) => one + other, 0),
      0
    )
  }

  /** Sends messages at a steady rate, by all sides in turn, until the time is over. */
  async say({ rate, seconds }: Stream): Promise<number> {
    const began = performance.now()
    let sent = 0
    while (sent < rate * seconds) {
      const due = Math.min(rate * seconds, ((performance.now() - began) / 1000) * rate)
      for (; sent < due; sent += 1) {
        const side: Side = Math.floor(sent / this.calls.length) % 2 === 0 ? 0 : 1
        this.calls[sent % this.calls.length]?.say(side)
      }
      await sleep(1)
    }
    return sent
  }

  /** Waits for all messages that were sent. */
  async drain(): Promise<void> {
    let newest = performance.now()
    for (let left = this.missing; left > 0 && performance.now() - newest < patience;) {
      await sleep(10)
      if (this.missing < left) newest = performance.now()
      left = this.missing
    }
  }
}

/** Times each message. */
export const relay = async (
  held: HeldCalls,
  stream: Stream,
  servers: ReadonlyArray<number>
): Promise<StreamFigures> => {
  const times: Array<number> = []
  for (const call of held.calls) call.heard = (milliseconds) => times.push(milliseconds)
  const before = { ...held.faults, missing: held.missing, refused: held.refusals }
  const cpuBefore = cpuOfAll(servers)
  const sent = await held.say(stream)
  await held.drain()
  return {
    sent,
    lost: held.missing - before.missing,
    refused: held.refusals - before.refused,
    repeated: held.faults.repeated - before.repeated,
    outOfOrder: held.faults.outOfOrder - before.outOfOrder,
    cpu: cpuOfAll(servers) - cpuBefore,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99)
  }
}

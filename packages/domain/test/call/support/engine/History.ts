/**
 * The stored history of one call: the state after each event, and the command that each event comes from.
 */
import type { Call, CallRecord } from "@dchat/domain/call"
import { evolveCall } from "@dchat/domain/call"
import { Equal } from "effect"
import type { Turn } from "../randomCalls.ts"
import { never } from "../Turns.ts"
import type { Sent } from "./Sent.ts"

/** A command, and its newest decision. */
export type DecidedSent = readonly [Sent, Turn]

export class History {
  readonly records: ReadonlyArray<CallRecord>
  readonly states: ReadonlyArray<Call | undefined>
  readonly #causes: Array<Sent | undefined>

  constructor(records: ReadonlyArray<CallRecord>) {
    this.records = records
    let state: Call | undefined
    this.states = [undefined, ...records.map(({ at, event }) => state = evolveCall(state, event, at))]
    this.#causes = records.map(() => undefined)
  }

  /** Whether these events are stored after this state. */
  has({ before, records }: Turn): boolean {
    const from = before?.seq ?? 0
    return Equal.equals(this.states[from], before) && records.length > 0 &&
      records.every((record, index) => Equal.equals(this.records[from + index], record))
  }

  attribute({ records }: Turn, sent: Sent): void {
    for (const { seq } of records) {
      const other = this.#causes[seq - 1]
      if (other !== undefined) never("an event comes from two commands", sent, other)
      this.#causes[seq - 1] = sent
    }
  }

  /**
   * Attributes the events that come from no command yet to commands without an answer, so that as few events as possible
   * are left over. Returns the commands that are stored.
   *
   * The choice matters: two commands may have been decided on one state, and the events of one may begin as the events
   * of the other. To raise the limits is one event; to start a recording with higher limits is the same event and
   * another one. Each choice that leaves no event over is a history that the hosts may have made.
   */
  attributeRest(unanswered: ReadonlyArray<DecidedSent>): ReadonlySet<Sent> {
    const isFree = ({ seq }: CallRecord) => this.#causes[seq - 1] === undefined
    const byFirst = Map.groupBy(
      unanswered.filter(([, turn]) => this.has(turn) && turn.records.every(isFree)),
      ([, { before }]) => before?.seq ?? 0
    )
    // For each state, from the newest one back: how many of the later events are left over, and the next command.
    const rest: Array<{ readonly left: number; readonly next?: DecidedSent }> = []
    rest[this.records.length] = { left: 0 }
    const leftAfter = (seq: number): number => rest[seq]?.left ?? 0
    for (const [seq, record] of [...this.records.entries()].toReversed()) {
      const choices = (byFirst.get(seq) ?? []).map((next) => ({ left: leftAfter(seq + next[1].records.length), next }))
      const skipped = { left: leftAfter(seq + 1) + (isFree(record) ? 1 : 0) }
      rest[seq] = [...choices, skipped].reduce((best, choice) => choice.left < best.left ? choice : best)
    }
    const stored = new Set<Sent>()
    for (let seq = 0; seq < this.records.length;) {
      const next = rest[seq]?.next
      if (next !== undefined) {
        this.attribute(next[1], next[0])
        stored.add(next[0])
      }
      seq += next?.[1].records.length ?? 1
    }
    return stored
  }

  get withoutCause(): ReadonlyArray<CallRecord> {
    return this.records.filter((_, index) => this.#causes[index] === undefined)
  }
}

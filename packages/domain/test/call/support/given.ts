/**
 * Given what happened, when something is asked, then these events or this refusal.
 */
import {
  type Call,
  type CallCommand,
  type CallEvent,
  CallMachine,
  type CallRecord,
  type CallRefusalOf,
  record
} from "@dchat/domain/call"
import { assert } from "@effect/vitest"
import { DateTime, Result } from "effect"

/** When every given history begins. */
export const beginning: DateTime.Utc = DateTime.makeUnsafe("2026-01-01T00:00:00Z")

export const atSecond = (seconds: number): DateTime.Utc => DateTime.add(beginning, { seconds })

/** Time that passes between two events of a history. */
export interface Wait {
  readonly _tag: "Wait"
  readonly seconds: number
}

export const wait = (seconds: number): Wait => ({ _tag: "Wait", seconds })

/** Events happen at once unless time passes between them. */
export type History = ReadonlyArray<CallEvent | Wait | ReadonlyArray<CallEvent | Wait>>

export const given = (...history: History): Given => new Given(undefined, beginning, []).and(...history)

class Given {
  readonly state: Call | undefined
  readonly at: DateTime.Utc
  readonly records: ReadonlyArray<CallRecord>

  constructor(state: Call | undefined, at: DateTime.Utc, records: ReadonlyArray<CallRecord>) {
    this.state = state
    this.at = at
    this.records = records
  }

  get call(): Call {
    return this.state ?? assert.fail("nothing was given")
  }

  and(...history: History): Given {
    return history.flat().reduce<Given>((before, each) => before.followedBy(each), this)
  }

  when(command: CallCommand): Decided {
    return new Decided(this, CallMachine.decide(command, this.state, this.at))
  }

  private followedBy(next: CallEvent | Wait): Given {
    if (next._tag === "Wait") {
      return new Given(this.state, DateTime.add(this.at, { seconds: next.seconds }), this.records)
    }
    const { call, records } = record(this.state, [next], this.at)
    return new Given(call, this.at, [...this.records, ...records])
  }
}

type Refusal = CallRefusalOf<CallCommand["_tag"]>
type Decision = Result.Result<ReadonlyArray<CallEvent>, Refusal>

class Decided {
  readonly given: Given
  readonly decision: Decision

  constructor(given: Given, decision: Decision) {
    this.given = given
    this.decision = decision
  }

  get events(): ReadonlyArray<CallEvent> {
    return Result.isSuccess(this.decision)
      ? this.decision.success
      : assert.fail(`refused: ${JSON.stringify(this.decision.failure)}`)
  }

  get records(): ReadonlyArray<CallRecord> {
    return record(this.given.state, this.events, this.given.at).records
  }

  /** The call after the decision. */
  get call(): Call {
    return this.after.call
  }

  /** The history that the decision adds to, to decide on again. */
  get after(): Given {
    return this.given.and(this.events)
  }

  yields(...events: ReadonlyArray<CallEvent>): this {
    assert.deepStrictEqual(plain(this.events), plain(events))
    return this
  }

  changesNothing(): this {
    return this.yields()
  }

  refuses(refusal: Refusal): this {
    assert.deepStrictEqual(plain(Result.merge(this.decision)), plain(refusal))
    return this
  }
}

/** Comparable field by field, with times in ISO form. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/**
 * Given a history, when a command is decided, then the events or the refusal. Each feature has an instance of `given`
 * with its rules.
 */
import { assert } from "@effect/vitest"
import { DateTime, Result } from "effect"

/** Time that passes between two events of a history. */
export interface Wait {
  readonly _tag: "Wait"
  readonly seconds: number
}

export const wait = (seconds: number): Wait => ({ _tag: "Wait", seconds })

interface Tagged {
  readonly _tag: string
}

const isWait = (next: Tagged): next is Wait => next._tag === "Wait"

/** Events happen at once unless time passes between them. */
export type History<Event extends Tagged> = ReadonlyArray<Event | Wait | ReadonlyArray<Event | Wait>>

const isMany = <A>(each: A | ReadonlyArray<A>): each is ReadonlyArray<A> => Array.isArray(each)

/** An event at its time. */
export interface Dated<Event> {
  readonly event: Event
  readonly at: DateTime.Utc
}

/** The events of an allowed command, and the instructions to others, such as a payment provider. */
export interface Decision<Event, Instruction> {
  readonly events: ReadonlyArray<Dated<Event>>
  readonly instructions: ReadonlyArray<Instruction>
}

/** The pure functions of a feature. The state is undefined before the first event. */
export interface Rules<State, Command, Event, Refusal, Instruction = never> {
  readonly decide: (
    command: Command,
    state: State | undefined,
    at: DateTime.Utc
  ) => Result.Result<Decision<Event, Instruction>, Refusal>
  readonly evolve: (state: State | undefined, event: Event, at: DateTime.Utc) => State | undefined
}

export class Given<State, Command, Event extends Tagged, Refusal, Instruction = never> {
  readonly rules: Rules<State, Command, Event, Refusal, Instruction>
  /** The time of the next command or event. */
  readonly at: DateTime.Utc
  readonly history: ReadonlyArray<Dated<Event>>
  private readonly reached: State | undefined

  constructor(
    rules: Rules<State, Command, Event, Refusal, Instruction>,
    reached: State | undefined,
    at: DateTime.Utc,
    history: ReadonlyArray<Dated<Event>> = []
  ) {
    this.rules = rules
    this.reached = reached
    this.at = at
    this.history = history
  }

  get state(): State {
    return this.reached ?? assert.fail("nothing was given")
  }

  and(...history: History<Event>): Given<State, Command, Event, Refusal, Instruction> {
    const events: Array<Dated<Event>> = []
    let at = this.at
    for (const next of history.flatMap((each) => isMany(each) ? each : [each])) {
      if (isWait(next)) at = DateTime.add(at, { seconds: next.seconds })
      else events.push({ event: next, at })
    }
    const { history: before, reached } = this.andDated(events)
    return new Given(this.rules, reached, at, before)
  }

  /** Events with times of their own, which may be before the time of this history. */
  andDated(events: ReadonlyArray<Dated<Event>>): Given<State, Command, Event, Refusal, Instruction> {
    const reached = events.reduce(
      (state, { at, event }) => this.rules.evolve(state, event, at),
      this.reached
    )
    return new Given(this.rules, reached, this.at, [...this.history, ...events])
  }

  when(command: Command, at: DateTime.Utc = this.at): Decided<State, Command, Event, Refusal, Instruction> {
    const before = new Given(this.rules, this.reached, at, this.history)
    return new Decided(before, this.rules.decide(command, this.reached, at))
  }
}

class Decided<State, Command, Event extends Tagged, Refusal, Instruction> {
  private readonly given: Given<State, Command, Event, Refusal, Instruction>
  private readonly result: Result.Result<Decision<Event, Instruction>, Refusal>

  constructor(
    given: Given<State, Command, Event, Refusal, Instruction>,
    result: Result.Result<Decision<Event, Instruction>, Refusal>
  ) {
    this.given = given
    this.result = result
  }

  private get decision(): Decision<Event, Instruction> {
    return Result.isSuccess(this.result)
      ? this.result.success
      : assert.fail(`refused: ${JSON.stringify(this.result.failure)}`)
  }

  get events(): ReadonlyArray<Event> {
    return this.decision.events.map(({ event }) => event)
  }

  /** The times of the events. */
  get times(): ReadonlyArray<DateTime.Utc> {
    return this.decision.events.map(({ at }) => at)
  }

  /** The state after the decision. */
  get state(): State {
    return this.after.state
  }

  /** The history that the decision adds to, to decide on again. */
  get after(): Given<State, Command, Event, Refusal, Instruction> {
    return this.given.andDated(this.decision.events)
  }

  /** These events and no others, with all of their fields. */
  yields(...events: ReadonlyArray<Event>): this {
    assert.deepStrictEqual(comparable(this.events), comparable(events))
    return this
  }

  changesNothing(): this {
    return this.yields()
  }

  /** These instructions and no others. */
  tells(...instructions: ReadonlyArray<Instruction>): this {
    assert.deepStrictEqual(comparable(this.decision.instructions), comparable(instructions))
    return this
  }

  tellsNothing(): this {
    return this.tells()
  }

  refuses(refusal: Refusal): this {
    assert.deepStrictEqual(comparable(Result.merge(this.result)), comparable(refusal))
    return this
  }
}

/** Comparable field by field: times in ISO form, errors as their fields, and an undefined field as a field. */
export const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === "bigint" || each === undefined ? `${typeof each} ${each}` : each)
  )

/**
 * Random lives of calls: mostly sensible commands of nine users on two devices each, with mistakes, repetitions,
 * silence of seconds to hours, and clocks that disagree. Everything follows from a list of numbers.
 */
import {
  type Call,
  type CallCommand,
  CallMachine,
  type CallRecord,
  type CallRefusalOf,
  isOver,
  nextDueAt,
  record
} from "@dchat/domain/call"
import { Arbitrary, DateTime, Result, Schema } from "effect"
import { Dice } from "./Dice.ts"
import { beginning } from "./given.ts"
import { nextCommand, randomInitiate } from "./randomCommands.ts"

/** One command, what came of it, and the call before and after. */
export interface Turn {
  readonly command: CallCommand
  readonly at: DateTime.Utc
  readonly before: Call | undefined
  readonly after: Call | undefined
  /** The outcome of the command; undefined with a refusal. */
  readonly records: ReadonlyArray<CallRecord>
  readonly refusal: CallRefusalOf<CallCommand["_tag"]> | undefined
}

export interface RandomCall {
  readonly turns: ReadonlyArray<Turn>
  readonly records: ReadonlyArray<CallRecord>
  /** Undefined if no user could place a call. */
  readonly call: Call | undefined
}

/** The character of a random call: how long users hesitate, and which commands they prefer. */
export const moods = ["ordinary", "hasty", "negotiating", "forgetful", "crowded"] as const
export type Mood = typeof moods[number]

/** How many commands are still tried on a call that is over. */
const turnsAfterEnd = 4

/** Plays the call that the numbers stand for; each but the first is one command. Leaving some out leaves a call. */
export const play = (numbers: ReadonlyArray<number>): RandomCall => {
  const [first = 0, ...rest] = numbers
  const dice = new Dice(first)
  const mood = dice.pick(moods)
  const turns: Array<Turn> = []
  let call: Call | undefined
  let at = beginning
  let turnsLeft = turnsAfterEnd

  const take = (command: CallCommand) => {
    const turn = decided(command, call, at)
    turns.push(turn)
    call = turn.after
  }

  take(randomInitiate(dice, mood))
  for (const number of rest) {
    if (call !== undefined && isOver(call) && turnsLeft-- === 0) break
    const dice = new Dice(number)
    at = DateTime.addDuration(at, { milliseconds: hesitation(dice, mood, call, at) })
    take(nextCommand(dice, mood, call, at, turns))
  }
  return { turns, records: turns.flatMap(({ records }) => records), call }
}

export const decided = (command: CallCommand, before: Call | undefined, at: DateTime.Utc): Turn => {
  const decision = CallMachine.decide(command, before, at)
  const { call: after, records } = record(before, Result.getOrElse(decision, () => []), at)
  return { command, at, before, after, records, refusal: Result.getOrUndefined(Result.flip(decision)) }
}

/** Milliseconds; below zero it is another host's clock. */
export const hesitation = (dice: Dice, mood: Mood, call: Call | undefined, at: DateTime.Utc): number => {
  const due = call && nextDueAt(call)
  const untilDue = due === undefined ? 0 : Math.max(0, DateTime.toEpochMillis(due) - DateTime.toEpochMillis(at))
  const slow = mood === "forgetful" ? 3 : 1
  return dice.weighted([
    [30, 0],
    [mood === "hasty" || mood === "negotiating" ? 160 : 80, dice.below(2000)],
    [15, dice.below(20_000)],
    [3 * slow, 20_000 + dice.below(60_000)],
    [3 * slow, untilDue],
    [slow, Math.max(0, untilDue - 1)],
    [1, untilDue + dice.below(600_000)],
    [slow, dice.below(360_000)],
    [slow - 1, dice.below(8 * 3_600_000)],
    [4, -dice.below(10_000)]
  ]) ?? 0
}

/** For a property: random calls of up to 80 commands, made smaller by leaving commands out. */
export const randomCalls: Arbitrary.Arbitrary<ReadonlyArray<number>> = Arbitrary.array(
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 }))),
  { minLength: 2, maxLength: 80 }
)

/** The numbers of one of many calls, by a seed for all. */
export const numbersFor = (seed: number, index: number): ReadonlyArray<number> => {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ index)
  return Array.from({ length: 10 + dice.below(70) }, () => dice.roll())
}

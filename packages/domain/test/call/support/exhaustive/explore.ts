/**
 * Explores every call of a space breadth first: each state is reached once, by one of its shortest lists of commands.
 */
import { type Call, type CallCommand, isOver } from "@dchat/domain/call"
import { DateTime } from "effect"
import assert from "node:assert"
import { stateInvariants, turnInvariants } from "../callInvariants.ts"
import { beginning } from "../given.ts"
import { decided, type Turn } from "../randomCalls.ts"
import type { Invariants, Turns } from "../Turns.ts"
import { Watchers } from "../Watchers.ts"
import { callKey } from "./callKey.ts"
import type { Move, Space } from "./moves.ts"

/** The way to a state: its last move, and the way to the state before. */
interface Way {
  readonly move: Move
  readonly before: Way | undefined
}

/** A state at a time, and how it was reached. */
interface Place {
  readonly call: Call
  readonly now: DateTime.Utc
  readonly watchers: Watchers
  readonly way: Way
}

/** The result of a search. */
export interface Census {
  /** New states by number of commands: first the calls of one command. */
  readonly states: Array<number>
  /** How many of the states are calls that are over. */
  over: number
  /** Commands that were tried. */
  commands: number
  readonly events: Map<string, number>
  readonly refusals: Map<string, number>
  readonly reasons: Map<string, number>
}

/** An invariant that does not hold after a list of commands. */
export class Violation extends Error {
  readonly commands: ReadonlyArray<CallCommand | undefined>

  constructor(sentence: string, way: Way, cause: unknown) {
    const moves = movesOf(way)
    const lines = moves.map(({ at, command }) =>
      `  ${secondsIn(at)} s  ${command === undefined ? "(time passes)" : JSON.stringify(command)}`
    )
    const found = cause instanceof Error ? cause.message : String(cause)
    super(`Not true after ${moves.length} commands: a call ${sentence}.\n${lines.join("\n")}\n${found}`, { cause })
    this.commands = moves.map(({ command }) => command)
  }
}

const secondsIn = (at: DateTime.Utc): number => (DateTime.toEpochMillis(at) - DateTime.toEpochMillis(beginning)) / 1000

const movesOf = (way: Way | undefined): ReadonlyArray<Move> => {
  const moves: Array<Move> = []
  for (let each = way; each !== undefined; each = each.before) moves.unshift(each.move)
  return moves
}

export interface Exploring {
  /** The invariants to check on every turn. The default is those of calls. */
  readonly invariants?: Invariants
  /** Whether two calls with the same key are also compared by their next steps, which takes several times as long. */
  readonly comparesKeys?: boolean
}

/** Explores every call of up to so many commands. Throws a violation with a shortest list of commands. */
export const explore = (space: Space, depth: number, exploring: Exploring = {}): Census => {
  const { stackTraceLimit } = Error
  // Most commands are refused, and no reader needs the stack of a refusal.
  Error.stackTraceLimit = 0
  try {
    return search(space, depth, exploring)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

const search = (
  space: Space,
  depth: number,
  { comparesKeys = false, invariants = turnInvariants }: Exploring
): Census => {
  const census: Census = {
    states: [],
    over: 0,
    commands: 0,
    events: new Map(),
    refusals: new Map(),
    reasons: new Map()
  }
  const known = new Map<string, Place | undefined>()
  let next: Array<Place> = []

  /** Checks a move from a place, or the first move, and keeps the state if it is new. */
  const go = (move: Move, from: Place | undefined): void => {
    const way: Way = { move, before: from?.way }
    const { at, command } = move
    const turn = command && holding("decides every command", way, () => decided(command, from?.call, at))
    const call = turn === undefined ? from?.call : turn.after
    if (turn !== undefined) count(census, turn)
    if (call === undefined || (turn?.records.length === 0 && call === from?.call)) return

    const turns: Turns = {
      turns: turn === undefined ? [] : [turn],
      records: turn?.records ?? [],
      call,
      ...(from && { earlier: from })
    }
    holdingAll(invariants, turns, way)
    const key = callKey(call, at)
    if (known.has(key)) {
      const first = known.get(key)
      if (first) holding("does next what another call with its key does", way, () => sameNext(space, first, call, at))
      return
    }
    holdingAll(stateInvariants, turns, way)
    const watchers = new Watchers(from?.watchers)
    turns.records.forEach((record) => watchers.see(record))
    if (isOver(call)) census.over++
    const place = { call: frozen(call), now: at, watchers, way }
    known.set(key, comparesKeys ? place : undefined)
    next.push(place)
  }

  for (const command of space.starts) go({ command, at: beginning }, undefined)
  census.states.push(next.length)
  while (census.states.length < depth) {
    const places = next
    next = []
    for (const place of places) {
      for (const move of space.movesOn(place.call, place.now)) go(move, place)
    }
    census.states.push(next.length)
  }
  return census
}

/** Throws unless the same moves on both calls have the same outcomes and lead to the same keys. */
const sameNext = (space: Space, first: Place, call: Call, now: DateTime.Utc): void => {
  const outcomes = (call: Call, now: DateTime.Utc) =>
    space.movesOn(call, now).map(({ at, command }) => {
      const turn = command && decided(command, call, at)
      const after = turn?.after ?? call
      return [turn?.refusal?._tag, turn?.records.map(({ event }) => event._tag), callKey(after, at)]
    })
  assert.deepStrictEqual(outcomes(call, now), outcomes(first.call, first.now))
}

const holding = <A>(sentence: string, way: Way, check: () => A): A => {
  try {
    return check()
  } catch (cause) {
    throw new Violation(sentence, way, cause)
  }
}

const holdingAll = (invariants: Invariants, turns: Turns, way: Way): void => {
  for (const [sentence, holds] of Object.entries(invariants)) holding(sentence, way, () => holds(turns))
}

const count = (census: Census, { records, refusal }: Turn): void => {
  census.commands++
  if (refusal !== undefined) add(census.refusals, refusal._tag)
  for (const { event } of records) {
    add(census.events, event._tag)
    if (event._tag === "CallEnded") add(census.reasons, event.reason)
  }
}

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The same value, which nothing can change: a rule that tries throws. */
const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

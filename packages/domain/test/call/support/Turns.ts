/**
 * The turns of a call that an invariant is checked on, and how a check fails.
 */
import type { Call, CallRecord } from "@dchat/domain/call"
import { Equal } from "effect"
import type { Turn } from "./randomCalls.ts"
import type { Watchers } from "./Watchers.ts"

/** The turns of a call: all of them, or those after an earlier state. */
export interface Turns {
  readonly turns: ReadonlyArray<Turn>
  /** The records of the turns. */
  readonly records: ReadonlyArray<CallRecord>
  /** The state after the turns. */
  readonly call: Call | undefined
  /** The state before the turns. Missing if the turns begin with the call. */
  readonly earlier?: { readonly call: Call; readonly watchers: Watchers }
}

/** Throws where it does not hold; `never` describes what was found. */
export const never = (found: string, ...evidence: ReadonlyArray<unknown>): never => {
  throw new Error([found, ...evidence.map((value) => JSON.stringify(value))].join("\n"))
}

export const sameOrNever = (found: string, actual: unknown, expected: unknown): void => {
  if (!Equal.equals(actual, expected)) never(found, actual, expected)
}

/** Each by the sentence that it makes true. It throws where it does not hold. */
export type Invariants = Readonly<Record<string, (turns: Turns) => void>>

/**
 * Stored calls, for the contract of the call repository.
 */
import { DateTime } from "effect"
import { type Call, type CallId } from "../../call/index.ts"
import { noon } from "./callSteps.ts"

export const ids = <const Calls extends ReadonlyArray<Call>>(calls: Calls) =>
  calls.map(({ id }) => id) as { -readonly [Index in keyof Calls]: CallId }

/** A time before which no call is due: each test that reads due calls takes an earlier time. */
let earliest = noon
export const someTime = () => earliest = DateTime.subtract(earliest, { days: 7 })

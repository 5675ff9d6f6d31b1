/**
 * Calls in `given(events).when(command).yields(events)`.
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
import { DateTime, Result } from "effect"
import { Given, type History as HistoryOf, type Rules } from "../../support/given.ts"

export { type Wait, wait } from "../../support/given.ts"

/** When every given history begins. */
export const beginning: DateTime.Utc = DateTime.makeUnsafe("2026-01-01T00:00:00Z")

export const atSecond = (seconds: number): DateTime.Utc => DateTime.add(beginning, { seconds })

export type History = HistoryOf<CallEvent>

type Refusal = CallRefusalOf<CallCommand["_tag"]>

const rules: Rules<Call, CallCommand, CallEvent, Refusal> = {
  decide: (command, call, at) =>
    Result.map(CallMachine.decide(command, call, at), (events) => ({
      events: events.map((event) => ({ event, at })),
      instructions: []
    })),
  evolve: (call, event, at) => record(call, [event], at).call
}

export const given = (...history: History) => new Given(rules, undefined, beginning).and(...history)

/** The records of a history, each with its number, time and audience. */
export const recordsOf = ({ history }: ReturnType<typeof given>): ReadonlyArray<CallRecord> => {
  const records: Array<CallRecord> = []
  let call: Call | undefined
  for (const { at, event } of history) {
    const next = record(call, [event], at)
    call = next.call
    records.push(...next.records)
  }
  return records
}

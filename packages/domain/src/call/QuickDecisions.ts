/**
 * Decides commands that wait for the same call, one after another on the evolving state.
 */
import { type DateTime, Result } from "effect"
import type { Prepared } from "./CallFacts.ts"
import type { QuickCommand, QuickOutcome } from "./CallMailboxes.ts"
import type { Call } from "./model/Call.ts"
import type { Signal } from "./model/Signal.ts"
import type { CallAppend } from "./ports/CallRepository.ts"
import * as CallMachine from "./rules/CallMachine.ts"
import { type CallRecord, record } from "./rules/CallRecord.ts"

/** Commands of one call and their outcomes, once `records` are stored. Without records, nothing needs to be stored. */
export interface DecidedTogether {
  readonly before: Call
  readonly after: Call
  readonly records: ReadonlyArray<CallRecord>
  /** The signalling of each command, with the records of the command. */
  readonly prepared: ReadonlyArray<readonly [Prepared, ReadonlyArray<CallRecord>]>
  readonly answers: ReadonlyArray<{ readonly command: QuickCommand; readonly outcome: QuickOutcome }>
}

/** A command that turns out to need more than the state is told so at once, and leaves no trace. */
export const decideTogether = (
  before: Call,
  commands: ReadonlyArray<QuickCommand>,
  at: DateTime.Utc
): DecidedTogether => {
  const records: Array<CallRecord> = []
  const prepared: Array<readonly [Prepared, ReadonlyArray<CallRecord>]> = []
  const answers: Array<{ readonly command: QuickCommand; readonly outcome: QuickOutcome }> = []
  let after = before
  for (const command of commands) {
    const each = command.prepare(after)
    const decided = each && CallMachine.decide(each.command, after, at)
    if (each === undefined || decided === undefined) {
      command.done({ _tag: "Unsuited" })
    } else if (Result.isFailure(decided)) {
      answers.push({ command, outcome: { _tag: "Refused", refusal: decided.failure } })
    } else {
      const taken = record(after, decided.success, at)
      records.push(...taken.records)
      if (taken.records.length > 0) prepared.push([each, taken.records])
      after = taken.call ?? after
      answers.push({ command, outcome: { _tag: "Taken", call: after } })
    }
  }
  return { before, after, records, prepared, answers }
}

/** The numbers of the stored events whose payloads were kept until these records. */
export const keptSeqs = (records: ReadonlyArray<CallRecord>): ReadonlyArray<number> => {
  const [first] = records
  return records.flatMap(({ event }) =>
    event._tag === "Candidates" && event.keptAt !== undefined && event.keptAt < (first?.seq ?? 0) ? [event.keptAt] : []
  )
}

/** A payload, and the number of its event. */
type NumberedSignal = CallAppend["signals"][number]

/**
 * The payloads of the signalling of commands that are stored together. `stored`: the payloads of `keptSeqs`. Candidates
 * may have waited for a description that one of the later commands carries.
 */
export const signalsOfAll = (
  prepared: DecidedTogether["prepared"],
  stored: ReadonlyMap<number, Signal>
): ReadonlyArray<NumberedSignal> => {
  const kept = new Map(stored)
  return prepared.flatMap(([each, records]) => {
    const signals = signalsOf(records, each, kept)
    for (const { seq, signal } of signals) kept.set(seq, signal)
    return signals
  })
}

const signalsOf = (
  records: ReadonlyArray<CallRecord>,
  { candidates, sdp }: Prepared,
  kept: ReadonlyMap<number, Signal>
): ReadonlyArray<NumberedSignal> =>
  records.flatMap(({ event, seq }): ReadonlyArray<NumberedSignal> => {
    switch (event._tag) {
      case "Offer":
      case "Answer":
        return sdp === undefined ? [] : [{ seq, signal: { sdp } }]
      case "Candidates":
      case "CandidatesKept": {
        const known = event._tag === "Candidates" && event.keptAt !== undefined ? kept.get(event.keptAt) : undefined
        if (known !== undefined) return [{ seq, signal: known }]
        const sent = event.digests.flatMap((digest) => candidates?.get(digest) ?? [])
        return [{ seq, signal: { candidates: sent, ...(event.endOfCandidates ? { endOfCandidates: true } : {}) } }]
      }
      default:
        return []
    }
  })

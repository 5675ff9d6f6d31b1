/**
 * A stored event: its number in the call, its time and its audience.
 */
import { type DateTime, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { type Call, participation } from "../model/Call.ts"
import { CallEvent } from "../model/CallEvent.ts"
import { audienceOf } from "./CallAudience.ts"
import { notBefore, step } from "./CallEvolution.ts"

export const CallRecord = Schema.Struct({
  /** From 1, gapless per call. */
  seq: Schema.Int,
  at: Schema.DateTimeUtc,
  event: CallEvent,
  /** For each user in the audience: the number of the previous event that the user saw in this call, or 0. */
  audience: Schema.Record(UserId, Schema.Int)
})
export type CallRecord = typeof CallRecord.Type

/** Numbers events and determines their audience for storage and delivery. */
export const record = (
  call: Call | undefined,
  events: ReadonlyArray<CallEvent>,
  at: DateTime.Utc
): { readonly call: Call | undefined; readonly records: ReadonlyArray<CallRecord> } => {
  const records: Array<CallRecord> = []
  let before = call
  for (const event of events) {
    const time = before === undefined ? at : notBefore(before, at)
    const after = step(before, event, time)
    if (after === undefined) continue
    const audience: Record<UserId, number> = {}
    for (const user of audienceOf(before, event, after)) {
      audience[user] = before && participation(before, user)?.lastSeq || 0
    }
    records.push({ seq: after.seq, at: time, event, audience })
    before = after
  }
  return { call: before, records }
}

/** The state that a history results in; undefined for an empty history. */
export const replay = (records: ReadonlyArray<Pick<CallRecord, "event" | "at">>): Call | undefined =>
  records.reduce<Call | undefined>((call, { at, event }) => step(call, event, at), undefined)

/**
 * Calls that have ended, for the contract of finished calls.
 */
import { DateTime, Effect } from "effect"
import { CallId, type CallRecord, FinishedCalls } from "../../call/index.ts"
import type { UserId } from "../../identity/index.ts"
import { after, append } from "./callAppends.ts"
import { initiate, type NewCall, someCallId, step } from "./callSteps.ts"

/** An id of a call that was placed at this time. */
export const callIdAt = (at: DateTime.Utc): CallId => {
  const hex = DateTime.toEpochMillis(at).toString(16).padStart(12, "0")
  return CallId.make(`${hex.slice(0, 8)}-${hex.slice(8)}${someCallId().slice(13)}`)
}

/** A direct call with signalling, which has ended, and all of its records. */
export const ended = Effect.fnUntraced(function*(ann: UserId, bob: UserId, options: NewCall = {}) {
  const records: Array<CallRecord> = []
  const take = Effect.fnUntraced(function*(next: ReturnType<typeof step>) {
    records.push(...next.records)
    return yield* append(next)
  })
  let call = yield* take(initiate(ann, [bob], options))
  const commands: ReadonlyArray<Parameters<typeof step>[1]> = [
    { _tag: "Alert", by: bob },
    { _tag: "Candidates", by: ann, digests: ["early"] },
    { _tag: "Offer", by: ann, digest: "offer" },
    { _tag: "Accept", by: bob, reportsMedia: true },
    { _tag: "Answer", by: bob, digest: "answer" },
    { _tag: "Candidates", by: bob, digests: ["one", "two"] },
    { _tag: "ReportLink", by: bob, with: ann, state: "up" },
    { _tag: "ChangeMedia", by: ann, changes: { hold: true } },
    { _tag: "Candidates", by: ann, digests: ["three"] },
    { _tag: "Leave", by: ann }
  ]
  for (const command of commands) call = yield* take(step(call, command))
  return { call, records }
})

/** Moves every call of the contract that has ended. */
export const moveAll = Effect.gen(function*() {
  const { move } = yield* FinishedCalls
  yield* Effect.repeat(move(after("1 day"), 100), { while: (moved) => moved === 100 })
})

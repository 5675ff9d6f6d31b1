/**
 * The form in which a call is kept once it has ended: what its history and its timeline show, without the signalling.
 */
import type { CallEvent } from "../model/CallEvent.ts"
import type { CallRecord } from "./CallRecord.ts"

/** The events that matter only while the call goes on: no user asks for them later. */
export const passingEvents = [
  "Offer",
  "Answer",
  "Candidates",
  "CandidatesKept",
  "DeadlinesPostponed"
] as const satisfies ReadonlyArray<CallEvent["_tag"]>

const passing: ReadonlySet<string> = new Set(passingEvents)

/** Whether the timeline of an ended call shows the event. */
export const isLasting = ({ event }: Pick<CallRecord, "event">): boolean => !passing.has(event._tag)

/**
 * Links each event to the previous one of these that the same user saw, so that a reader finds no gap where an event
 * was left out. Expects the events of one call, oldest first.
 */
export const relinked = <A extends Pick<CallRecord, "seq" | "audience">>(records: ReadonlyArray<A>): Array<A> => {
  const last = new Map<string, number>()
  return records.map((record) => ({
    ...record,
    audience: Object.fromEntries(
      Object.keys(record.audience).map((user) => {
        const before = last.get(user) ?? 0
        last.set(user, record.seq)
        return [user, before]
      })
    )
  }))
}

/** The members of a link that hold signalling, in the state or in its stored form. */
interface Signalled {
  readonly offer?: unknown
  readonly answer?: unknown
  readonly early?: unknown
  readonly offeredAt: ReadonlyArray<unknown>
  readonly candidates: ReadonlyArray<unknown>
  readonly previousCandidates: ReadonlyArray<unknown>
}

/** The state of an ended call, or its stored form, without the digests and times of its signalling. */
export const withoutSignalling = <A extends { readonly links: ReadonlyArray<Signalled> }>(call: A): A => ({
  ...call,
  links: call.links.map(bare)
})

const bare = ({ answer: _1, early: _2, offer: _3, ...link }: Signalled): Signalled => ({
  ...link,
  offeredAt: [],
  candidates: [],
  previousCandidates: []
})

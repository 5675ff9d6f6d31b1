/**
 * Every step that the states of a call, a presence and a link may take, as the rules list them.
 */
import type { Call, CallEvent, CallRecord } from "@dchat/domain/call"
import { evolveCall, participation } from "@dchat/domain/call"

/** One event, and the call around it. */
export interface Step {
  readonly event: CallEvent
  readonly before: Call | undefined
  readonly after: Call
}

/** The steps of records that follow an earlier state, or of all records of a call. */
export const stepsOf = (records: ReadonlyArray<CallRecord>, earlier?: Call): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  let before = earlier
  for (const { at, event } of records) {
    const after = evolveCall(before, event, at)
    if (after === undefined) continue
    steps.push({ event, before, after })
    before = after
  }
  return steps
}

/** A change of one state machine: from one state to another by an event. "-" is not being there yet. */
export type Change = readonly [from: string, event: CallEvent["_tag"], to: string]

export const phaseChanges = ({ after, before, event }: Step): ReadonlyArray<Change> =>
  changed([[before?.phase ?? "-", event._tag, after.phase]])

export const participationChanges = ({ after, before, event }: Step): ReadonlyArray<Change> =>
  changed(after.participants.map(({ state, userId }) => [
    (before && participation(before, userId)?.state) ?? "-",
    event._tag,
    state
  ]))

export const signallingChanges = ({ after, before, event }: Step): ReadonlyArray<Change> =>
  changed(after.links.map(({ signalling }, index) => [before?.links[index]?.signalling ?? "-", event._tag, signalling]))

export const transportChanges = ({ after, before, event }: Step): ReadonlyArray<Change> =>
  changed(after.links.map(({ transport }, index) => [before?.links[index]?.transport ?? "-", event._tag, transport]))

const changed = (changes: ReadonlyArray<Change>): ReadonlyArray<Change> => changes.filter(([from, , to]) => from !== to)

const each = (
  from: ReadonlyArray<string>,
  events: ReadonlyArray<CallEvent["_tag"]>,
  to: string
): ReadonlyArray<Change> => from.flatMap((state) => events.map((event): Change => [state, event, to]))

export const legalPhaseChanges: ReadonlyArray<Change> = [
  ["-", "CallInitiated", "initiated"],
  ["initiated", "Ringing", "ringing"],
  ...each(["initiated", "ringing"], ["Accepted"], "connected"),
  ...each(["initiated", "ringing", "connected"], ["CallEnded"], "disconnected")
]

export const legalParticipationChanges: ReadonlyArray<Change> = [
  ["-", "CallInitiated", "joining"],
  ...each(["-", "left"], ["Invited"], "invited"),
  ["invited", "Ringing", "ringing"],
  ...each(["-", "left", "invited", "ringing"], ["Accepted"], "joining"),
  ["joining", "LinkUp", "joined"],
  ...each(["joining", "joined"], ["Reconnecting"], "reconnecting"),
  ["reconnecting", "Resumed", "joining"],
  ["reconnecting", "Resumed", "joined"],
  ["-", "Left", "left"],
  ...each(["invited", "ringing", "joining", "joined", "reconnecting"], ["Left", "CallEnded"], "left")
]

export const legalSignallingChanges: ReadonlyArray<Change> = [
  ...each(["-"], ["Invited", "Accepted"], "stable"),
  ["stable", "Offer", "offering"],
  ...each(["offering"], ["Answer", "NegotiationExpired", "Resumed", "Left", "CallEnded"], "stable")
]

export const legalTransportChanges: ReadonlyArray<Change> = [
  ...each(["-"], ["Invited", "Accepted"], "new"),
  ["closed", "Accepted", "new"],
  ...each(["checking", "up", "down", "failed"], ["Resumed"], "new"),
  ...each(["new", "down", "failed"], ["Answer"], "checking"),
  ["new", "NegotiationExpired", "failed"],
  ...each(["new", "checking", "down", "failed"], ["LinkUp"], "up"),
  ["up", "LinkDown", "down"],
  ...each(["checking", "down"], ["LinkFailed"], "failed"),
  ...each(["new", "checking", "up", "down", "failed"], ["Left", "CallEnded"], "closed")
]

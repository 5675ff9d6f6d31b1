/**
 * The invariants of calls, whatever commands come: tests check each on random calls, and on every short call.
 */
import {
  active,
  Call,
  CallProjection,
  CallRecord,
  evolveCall,
  isOver,
  isPending,
  nextDueAt,
  pending
} from "@dchat/domain/call"
import { DateTime, Schema } from "effect"
import * as Legal from "./legalSteps.ts"
import { linkInvariants } from "./linkInvariants.ts"
import { decided, type Turn } from "./randomCalls.ts"
import { type Invariants, never, sameOrNever, type Turns } from "./Turns.ts"
import { Watchers } from "./Watchers.ts"

const endsOnce = ({ call, earlier, records, turns }: Turns): void => {
  const ends = records.filter(({ event }) => event._tag === "CallEnded")
  if (ends.length > 1) never("a call ended twice", ends)
  if (ends.length === 1 && ends[0] !== records.at(-1)) never("something happened after the end", records.at(-1))
  const hasEnded = ends.length === 1 || (earlier !== undefined && isOver(earlier.call))
  if (call !== undefined && hasEnded !== isOver(call)) never("the end and the phase disagree", call)
  for (const { after, before } of turns) {
    if (before !== undefined && isOver(before) && after !== before) never("a call that is over changed", before, after)
  }
}

const staysWithinLimit = ({ turns }: Turns): void => {
  for (const { after } of turns) {
    if (after && active(after).length + pending(after).length > after.limits.people) never("too many people", after)
  }
}

const claimsArePlain = ({ turns }: Turns): void => {
  for (const { after, before } of turns) {
    if (after === undefined) continue
    const entries = CallProjection.userCalls(after)
    const users = new Set(after.participants.map(({ userId }) => userId))
    if (users.size !== after.participants.length) never("a person is in a call twice", after)
    sameOrNever(
      "the active claims are not the active people",
      entries.filter(({ state }) => state === "active").map(({ userId }) => userId),
      active(after).map(({ userId }) => userId)
    )
    const pair = CallProjection.openPair(after)
    if ((pair !== undefined) !== (after.kind === "direct" && !isOver(after))) never("no pair for a direct call", after)
    if (after.kind === "direct" && after.participants.length > 2) never("a direct call of more than two", after)
    if (before?.kind === "group" && after.kind === "direct") never("a group became direct", before, after)
  }
}

const numbersWithoutGap = ({ call, earlier, records }: Turns): void => {
  const numbered = earlier?.call.seq ?? 0
  records.forEach(({ seq }, index) => {
    if (seq !== numbered + index + 1) never("a gap in the numbers", records)
  })
  if ((call?.seq ?? 0) !== numbered + records.length) never("the call counts differently", call)
}

const showsToTheRight = ({ earlier, records }: Turns): void => {
  const watchers = new Watchers(earlier?.watchers)
  for (const record of records) sameOrNever("another audience", record.audience, watchers.see(record))
}

/**
 * Not repeatable by themselves: placing or merging a call (its request key makes it so), kicking oneself (one is not
 * in the call any more), and a kick that ends the call (only a command that removes users succeeds on a call that is
 * over).
 */
const isRepeatable = ({ after, command, refusal }: Turn): boolean =>
  refusal !== undefined || after === undefined ||
  (command._tag !== "Initiate" && !(command._tag === "Kick" && (command.userId === command.by || isOver(after))))

const repeatsChangeNothing = ({ turns }: Turns): void => {
  for (const turn of turns) {
    if (!isRepeatable(turn)) continue
    const again = decided(turn.command, turn.after, turn.at)
    if (again.records.length > 0) never("a repetition changed something", turn.command, again.records)
    sameOrNever("a repetition was answered differently", again.refusal, turn.refusal)
  }
}

const endsByItsTimers = ({ call }: Turns): void => {
  if (call === undefined) return
  let bound = 3 * call.participants.length + 2 * call.links.length + 4
  let now = call
  for (let due = nextDueAt(now); due !== undefined; due = nextDueAt(now)) {
    if (bound-- === 0) never("timers fire on and on", call)
    const { after, records } = decided({ _tag: "Tick" }, now, due)
    if (records.length === 0 || after === undefined) return never("a timer was due and nothing happened", now)
    now = after
  }
  if (!isOver(now)) never("an open call waits for nothing", now)
}

const ticksLeaveNothingDue = ({ turns }: Turns): void => {
  for (const { after, at, command } of turns) {
    const due = after && nextDueAt(after)
    if (command._tag === "Tick" && due && DateTime.isLessThanOrEqualTo(due, at)) never("still due after a tick", after)
  }
}

/** No text is as long as a session description or candidate, which ids, digests and times are not. */
const longestText = 48

const keepsDigestsOnly = ({ call, records }: Turns): void => {
  const visit = (value: unknown): void => {
    if (typeof value === "string" && value.length > longestText) never("a text that is no id, digest or time", value)
    if (typeof value === "object" && value !== null) Object.values(value).forEach(visit)
  }
  visit(JSON.parse(JSON.stringify({ call, records })))
}

const timesAreInOrder = ({ call, earlier, records, turns }: Turns): void => {
  records.forEach(({ at }, index) => {
    const before = index === 0 ? earlier?.call.updatedAt : records[index - 1]?.at
    if (before !== undefined && DateTime.isLessThan(at, before)) never("an event before the one before it", records)
  })
  for (const { after, before } of turns) {
    if (after && before && DateTime.isLessThan(after.updatedAt, before.updatedAt)) never("back in time", before, after)
  }
  const times = [call?.initiatedAt, call?.answeredAt, call?.mediaConnectedAt, call?.endedAt]
    .filter((time) => time !== undefined)
  times.forEach((time, index) => {
    if (DateTime.isLessThan(time, times[index - 1] ?? time)) never("times out of order", call)
  })
}

/** The copies of the events make the rules evolve them once more: the rules keep the last state after an event. */
const replaysToItself = ({ call, earlier, records }: Turns): void => {
  const replayed = records.reduce<Call | undefined>(
    (before, { at, event }) => evolveCall(before, { ...event }, at),
    earlier?.call
  )
  sameOrNever("the history adds up to something else", replayed, call)
}

const callCodec = Schema.toCodecJson(Call)
const recordsCodec = Schema.toCodecJson(Schema.Array(CallRecord))

const survivesStorage = ({ call, records }: Turns): void => {
  if (call === undefined) return
  const stored = JSON.parse(
    JSON.stringify([Schema.encodeSync(callCodec)(call), Schema.encodeSync(recordsCodec)(records)])
  )
  sameOrNever("the call came back different", Schema.decodeUnknownSync(callCodec)(stored[0]), call)
  sameOrNever("the history came back different", Schema.decodeUnknownSync(recordsCodec)(stored[1]), records)
}

const takesLegalSteps = ({ earlier, records }: Turns): void => {
  for (const step of Legal.stepsOf(records, earlier?.call)) {
    for (const [changes, legal] of regions) {
      for (const change of changes(step)) {
        if (!legal.has(change.join())) never("a step that the rules do not know", change, step.before)
      }
    }
  }
}

const known = (changes: ReadonlyArray<Legal.Change>) => new Set(changes.map((change) => change.join()))

const regions = [
  [Legal.phaseChanges, known(Legal.legalPhaseChanges)],
  [Legal.participationChanges, known(Legal.legalParticipationChanges)],
  [Legal.signallingChanges, known(Legal.legalSignallingChanges)],
  [Legal.transportChanges, known(Legal.legalTransportChanges)]
] as const

const bindsDevices = ({ turns }: Turns): void => {
  for (const { after, before } of turns) {
    for (const person of after?.participants ?? []) {
      const earlier = before?.participants.find(({ userId }) => userId === person.userId)
      const isSame = earlier?.ordinal === person.ordinal && earlier.device !== undefined
      if (isSame && earlier.device !== person.device) never("a presence changed its device", before, after)
      if (isPending(person) && person.device !== undefined) never("a device was bound before answering", after)
    }
  }
}

const takesNothingBack = ({ turns }: Turns): void => {
  for (const { after, before } of turns) {
    if (after === undefined || before?.answeredAt === undefined) continue
    const [now, then] = [after.limits, before.limits]
    const isLess = now.people < then.people || now.callSeconds < then.callSeconds || (then.recording && !now.recording)
    if (isLess) never("a limit was lowered after the answer", then, now)
  }
}

const recordsByRight = ({ turns }: Turns): void => {
  for (const { after } of turns) {
    if (after?.recorders === undefined) continue
    if (!after.limits.recording) never("a recording without the right", after)
    const users = new Set(active(after).map(({ userId }) => userId))
    if (after.recorders.some(({ by }) => !users.has(by))) never("a recording of a user who is not in the call", after)
  }
}

const hasItsUsers = ({ turns }: Turns): void => {
  for (const { after } of turns) {
    if (after === undefined || isOver(after)) continue
    const least = after.kind === "direct" && after.answeredAt !== undefined ? 2 : 1
    if (active(after).length < least) never("an open call without its users", after)
  }
}

const waitsForTheEarliest = ({ turns }: Turns): void => {
  for (const { after } of turns) {
    if (after === undefined || isOver(after)) continue
    const due = nextDueAt(after)
    const deadlines = [
      after.aloneUntil,
      ...after.participants.flatMap(({ mediaUntil, resumeUntil, ringUntil }) => [mediaUntil, resumeUntil, ringUntil]),
      ...after.links.flatMap(({ negotiationUntil, transportUntil }) => [negotiationUntil, transportUntil])
    ]
    const isMissed = (deadline: DateTime.Utc | undefined) =>
      deadline !== undefined && (due === undefined || DateTime.isLessThan(deadline, due))
    if (deadlines.some(isMissed)) never("a deadline before the next timer", due, after)
  }
}

/** The invariants of a state, whatever led to the state. */
export const stateInvariants: Invariants = {
  "ends by its timers, each of which does something when due": endsByItsTimers,
  "is what its history adds up to": replaysToItself,
  "keeps no session description or candidate": keepsDigestsOnly,
  "comes back the same from its stored form": survivesStorage
}

/** The invariants of each turn. */
export const turnInvariants: Invariants = {
  "ends at most once, for one reason, and nothing happens afterwards": endsOnce,
  "never has more active and pending people than its limit": staysWithinLimit,
  "has each person once, and a pair exactly while it is open and direct": claimsArePlain,
  "numbers its events without a gap": numbersWithoutGap,
  "shows each event to the right people, after what they saw before": showsToTheRight,
  "answers a repeated command alike and changes nothing": repeatsChangeNothing,
  "has nothing due after a tick": ticksLeaveNothingDue,
  "has its times in order, and never goes back": timesAreInOrder,
  "takes the steps that the rules list, and no others": takesLegalSteps,
  "keeps a presence on the device that it was bound to": bindsDevices,
  "gives no less than it gave when it was answered": takesNothingBack,
  "is recorded only where the plan gave the right, by active users": recordsByRight,
  "has an active user while it is open, and both once a direct call is answered": hasItsUsers,
  "waits for the earliest of its deadlines": waitsForTheEarliest,
  ...linkInvariants
}

export const callInvariants: Invariants = { ...turnInvariants, ...stateInvariants }

/**
 * The rows that steps of calls add, change and remove, table by table, as JSON for one statement. A call, an event and
 * a signal are JSON as they are: `JSON.stringify` writes what their Schemas encode.
 */
import { type Call, type CallAppend, CallProjection, callStateVersion, type Lease, nextDueAt } from "@dchat/domain/call"
import { DateTime } from "effect"

const time = (at: DateTime.Utc | undefined) => at === undefined ? null : DateTime.formatIso(at)

/** The rows of every step: the state, the events and the signals of its call. */
const plainRowsOf = ({ before, call, records, signals }: CallAppend) => {
  const call_id = call.id
  return {
    calls: [{
      id: call_id,
      expected: before?.seq ?? 0,
      version: call.seq,
      phase: call.phase,
      state: call,
      state_version: callStateVersion,
      next_due_at: time(nextDueAt(call)),
      initiated_at: time(call.initiatedAt),
      ended_at: time(call.endedAt)
    }],
    events: records.map(({ at, audience, event, seq }) => ({
      call_id,
      seq,
      at: time(at),
      type: event._tag,
      event,
      audience
    })),
    signals: call.phase === "disconnected"
      ? []
      : signals.map(({ seq, signal }) => ({ call_id, seq, payload: JSON.stringify(signal) }))
  }
}

/** The rows that a step claims or gives up for its call and its users. */
const claimedRowsOf = ({ before, call, lease, request }: CallAppend) => {
  const call_id = call.id
  const { changed, gone } = entries(before, call)
  const pairBefore = before && CallProjection.openPair(before)
  const pair = CallProjection.openPair(call)
  const placed = before === undefined && pair === undefined ? CallProjection.pairOf(call) : undefined
  return {
    requests: request === undefined ? [] : [request],
    pairOpened: pair && !pairBefore ? [{ user_low: pair[0], user_high: pair[1], call_id }] : [],
    pairPlaced: placed ? [{ user_low: placed[0], user_high: placed[1] }] : [],
    pairClosed: pairBefore && !pair ? [{ user_low: pairBefore[0], user_high: pairBefore[1], call_id }] : [],
    entries: changed.map(({ initiatedAt, kind, outcome, peers, state, type, userId }) => ({
      user_id: userId,
      call_id,
      state,
      initiated_at: time(initiatedAt),
      type,
      kind,
      outcome,
      peers
    })),
    entriesGone: gone.map(({ userId }) => ({ user_id: userId, call_id })),
    signalsGone: before === undefined ? [] : call.phase === "disconnected"
      ? [{ call_id, user_id: null }]
      : CallProjection.departed(before, call).map((user_id) => ({ call_id, user_id })),
    ...leases(before, call, lease)
  }
}

type Tables = Readonly<Record<string, ReadonlyArray<unknown>>>

/** The rows of several steps, by table. */
type Together<Rows extends Tables> = { readonly [Table in keyof Rows]: Array<Rows[Table][number]> }

/** The rows of steps, in the order in which every append locks calls, so that no two appends wait for each other. */
const together = <Rows extends Tables>(steps: ReadonlyArray<CallAppend>, rowsOf: (step: CallAppend) => Rows) => {
  const rows: Record<string, Array<unknown>> = {}
  for (const step of steps) {
    for (const [table, some] of Object.entries(rowsOf(step))) (rows[table] ??= []).push(...some)
  }
  return rows as Together<Rows>
}

export const plainRows = (steps: ReadonlyArray<CallAppend>) => together(steps, plainRowsOf)

export const claimingRows = (steps: ReadonlyArray<CallAppend>) =>
  together(steps, (step) => ({ ...plainRowsOf(step), ...claimedRowsOf(step) }))

export type PlainRows = ReturnType<typeof plainRows>
export type ClaimingRows = ReturnType<typeof claimingRows>

/** Whether a step touches its call, its events and its signals only. */
export const isPlain = (step: CallAppend): boolean => {
  const { before, call, lease, request } = step
  if (before === undefined || lease !== undefined || request !== undefined || call.phase === "disconnected") {
    return false
  }
  if (hasSamePeople(before, call)) return true
  return Object.values(claimedRowsOf(step)).every((rows) => rows.length === 0)
}

/** Whether the step leaves everything as it is from which the entries and the leases of a call follow. */
const hasSamePeople = (before: Call, call: Call): boolean =>
  before.kind === call.kind && before.answeredAt === call.answeredAt &&
  before.participants.length === call.participants.length &&
  before.participants.every((person, index) => {
    const now = call.participants[index]
    return person === now || (now !== undefined && person.state === now.state && person.answered === now.answered &&
      person.suppressed === now.suppressed && person.leftReason === now.leftReason)
  })

/** The entries that differ from those stored, in the order in which every step locks users, so that none deadlock. */
const entries = (before: Call | undefined, call: Call) => {
  const stored = new Map((before ? CallProjection.userCalls(before) : []).map((entry) => [entry.userId, entry]))
  const now = CallProjection.userCalls(call)
  return {
    changed: now
      .filter((entry) => JSON.stringify(entry) !== JSON.stringify(stored.get(entry.userId)))
      .toSorted((one, other) => one.userId < other.userId ? -1 : 1),
    gone: [...stored.values()].filter(({ userId }) => !now.some((entry) => entry.userId === userId))
  }
}

/** A lease that is released must be unmoved and the last one; those of users who left with this step go in any case. */
const leases = (before: Call | undefined, call: Call, lease: CallAppend["lease"]) => {
  const holders = CallProjection.leaseholders(call)
  const departed = before === undefined
    ? []
    : CallProjection.leaseholders(before).filter((user) => !holders.includes(user))
  const released = lease && "release" in lease
    ? [{ ...leaseRow(lease.release), device: lease.device ?? null, unmoved: true }]
    : []
  const bound = lease && "bind" in lease && holders.includes(lease.bind.userId) ? [leaseRow(lease.bind)] : []
  return {
    leasesBound: bound,
    leasesGone: [
      ...released,
      ...departed
        .filter((user) => !released.some(({ user_id }) => user_id === user))
        .map((user) => ({ call_id: call.id, user_id: user, unmoved: false }))
    ]
  }
}

const leaseRow = ({ callId, connection, device, seenAt, userId }: Lease) => ({
  call_id: callId,
  user_id: userId,
  device: device ?? null,
  connection_id: connection?.id ?? null,
  host_id: connection?.hostId ?? null,
  seen_at: time(seenAt)
})

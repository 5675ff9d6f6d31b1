/**
 * The rows that a step of a call adds, changes and removes, table by table, as JSON for one statement.
 */
import {
  Call,
  type CallAppend,
  CallEvent,
  CallProjection,
  callStateVersion,
  type Lease,
  nextDueAt,
  Signal
} from "@dchat/domain/call"
import { DateTime, Schema } from "effect"

const encodeCall = Schema.encodeSync(Schema.toCodecJson(Call))
const encodeEvent = Schema.encodeSync(Schema.toCodecJson(CallEvent))
const encodeSignal = Schema.encodeSync(Schema.toCodecJson(Signal))

const time = (at: DateTime.Utc | undefined) => at === undefined ? null : DateTime.formatIso(at)

export const appendRows = ({ before, call, lease, records, request, signals }: CallAppend) => {
  const call_id = call.id
  const isOver = call.phase === "disconnected"
  const { changed, gone } = entries(before, call)
  const pairBefore = before && CallProjection.openPair(before)
  const pair = CallProjection.openPair(call)
  const placed = before === undefined && pair === undefined ? CallProjection.pairOf(call) : undefined
  return {
    call: {
      id: call_id,
      expected: before?.seq ?? 0,
      version: call.seq,
      phase: call.phase,
      state: encodeCall(call),
      state_version: callStateVersion,
      next_due_at: time(nextDueAt(call)),
      initiated_at: time(call.initiatedAt),
      ended_at: time(call.endedAt)
    },
    request: request === undefined ? [] : [{
      user_id: request.userId,
      operation: request.operation,
      key: request.key,
      fingerprint: request.fingerprint,
      call_id,
      at: time(request.at)
    }],
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
    events: records.map(({ at, audience, event, seq }) => ({
      call_id,
      seq,
      at: time(at),
      type: event._tag,
      event: encodeEvent(event),
      audience
    })),
    signals: isOver
      ? []
      : signals.map(({ seq, signal }) => ({ call_id, seq, payload: JSON.stringify(encodeSignal(signal)) })),
    signalsGone: before === undefined ? [] : isOver
      ? [{ call_id, user_id: null }]
      : CallProjection.departed(before, call).map((user_id) => ({ call_id, user_id })),
    ...leases(before, call, lease)
  }
}
export type AppendRows = ReturnType<typeof appendRows>

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

/**
 * Stores one step of a call in memory: first searches for all obstacles, and then writes the step.
 */
import {
  AppendConflict,
  type CallAppend,
  CallProjection,
  LeaseMoved,
  PairTaken,
  UserActive,
  VersionConflict
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { Exit } from "effect"
import type { MemoryRecordedRequests } from "../idempotency/MemoryIdempotencyKeys.ts"
import { bind } from "./MemoryCallLeases.ts"
import {
  hasOther,
  isUnmoved,
  type KeptCall,
  leaseKey,
  leasesOf,
  type MemoryCallStore,
  pairKey
} from "./MemoryCallStore.ts"

type Store = MemoryCallStore["Service"]

export const append = (
  store: Store,
  { obstacleTo }: MemoryRecordedRequests["Service"],
  step: CallAppend
): Exit.Exit<void, AppendConflict> => {
  const reason = obstacleTo(step.request, () => conflictOf(store, step))
  return reason === undefined ? Exit.succeed(keep(store, step)) : Exit.fail(new AppendConflict({ reason }))
}

const conflictOf = (store: Store, { before, call, lease }: CallAppend): AppendConflict["reason"] | undefined => {
  if (store.calls.get(call.id)?.call.seq !== before?.seq) return new VersionConflict()

  const pair = before === undefined ? CallProjection.pairOf(call) : CallProjection.openPair(call)
  const open = pair && store.pairs.get(pairKey(pair))
  if (open !== undefined && open !== call.id) return new PairTaken({ callId: open })

  const active = CallProjection.userCalls(call).filter(({ state }) => state === "active")
  for (const { userId } of active.toSorted((one, other) => one.userId < other.userId ? -1 : 1)) {
    const elsewhere = [...store.callsOf.get(userId) ?? []].find((id) =>
      id !== call.id && store.calls.get(id)?.entries.some((entry) => isActiveEntry(entry) && entry.userId === userId)
    )
    if (elsewhere !== undefined) return new UserActive({ userId, callId: elsewhere })
  }

  const stored = lease && "release" in lease ? store.leases.get(leaseKey(lease.release)) : undefined
  if (!lease || !("release" in lease)) return undefined
  const isMoved = stored !== undefined && !isUnmoved(lease.release, stored)
  return isMoved || hasOther(store, lease.release, lease.device) ? new LeaseMoved() : undefined
}

const isActiveEntry = ({ state }: CallProjection.UserCall): boolean => state === "active"

/** The signals that none of these users sent or was to receive. */
const signalsLeft = ({ records, signals }: KeptCall, departed: ReadonlyArray<UserId>) => {
  const gone = new Set(
    records.flatMap(({ event, seq }) =>
      departed.some((user) => ("from" in event && event.from === user) || ("to" in event && event.to === user))
        ? [seq]
        : []
    )
  )
  return [...signals].filter(([seq]) => !gone.has(seq))
}

const keep = (store: Store, { before, call, lease, records, signals }: CallAppend): void => {
  const earlier = store.calls.get(call.id)
  const entries = CallProjection.userCalls(call)
  store.calls.set(call.id, {
    call,
    entries,
    records: [...earlier?.records ?? [], ...records],
    signals: call.phase === "disconnected"
      ? new Map()
      : new Map([
        ...before && earlier ? signalsLeft(earlier, CallProjection.departed(before, call)) : [],
        ...signals.map(({ seq, signal }) => [seq, signal] as const)
      ])
  })
  for (const { userId } of earlier?.entries ?? []) store.callsOf.get(userId)?.delete(call.id)
  for (const { userId } of entries) {
    store.callsOf.set(userId, (store.callsOf.get(userId) ?? new Set()).add(call.id))
  }

  const [closed, opened] = [before && CallProjection.openPair(before), CallProjection.openPair(call)]
  if (closed) store.pairs.delete(pairKey(closed))
  if (opened) store.pairs.set(pairKey(opened), call.id)

  const holders = CallProjection.leaseholders(call)
  if (lease && "release" in lease) store.leases.delete(leaseKey(lease.release))
  if (lease && "bind" in lease && holders.includes(lease.bind.userId)) {
    bind(store, lease.bind)
  }
  for (const userId of before ? CallProjection.leaseholders(before) : []) {
    if (holders.includes(userId)) continue
    for (const gone of leasesOf(store, { callId: call.id, userId })) store.leases.delete(leaseKey(gone))
  }
}

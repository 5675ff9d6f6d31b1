/**
 * All data that an implementation stores of calls that are not finished, in domain terms and in a fixed order, for
 * comparison.
 */
import { assert } from "@effect/vitest"
import { Context, type Effect, Order } from "effect"
import {
  type Call,
  type CallId,
  CallProjection,
  type CallRecord,
  type Lease,
  nextDueAt,
  replay,
  type Signal
} from "../call/index.ts"

export interface Stored {
  readonly calls: ReadonlyArray<Call>
  readonly dueAt: ReadonlyArray<unknown>
  readonly records: ReadonlyArray<{ readonly callId: CallId; readonly record: CallRecord }>
  readonly signals: ReadonlyArray<{ readonly callId: CallId; readonly seq: number; readonly signal: Signal }>
  readonly entries: ReadonlyArray<CallProjection.UserCall>
  readonly pairs: ReadonlyArray<{ readonly pair: string; readonly callId: CallId }>
  readonly leases: ReadonlyArray<Lease>
  readonly requests: ReadonlyArray<unknown>
}

export class StoredCalls extends Context.Service<StoredCalls, { readonly everything: Effect.Effect<Stored> }>()(
  "@dchat/domain/contracts/StoredCalls"
) {}

const by = <A>(key: (value: A) => string) => Order.mapInput(Order.String, key)
const ofCall = ({ callId, seq }: { readonly callId: CallId; readonly seq: number }) => `${callId} ${10_000 + seq}`

/** Sorts the stored data for comparison. */
export const inOrder = (stored: Omit<Stored, "dueAt"> & { readonly dueAt: ReadonlyMap<CallId, unknown> }): Stored => ({
  calls: stored.calls.toSorted(by(({ id }) => id)),
  dueAt: [...stored.dueAt].toSorted(by(([id]) => id)),
  records: stored.records.toSorted(by(({ callId, record: { seq } }) => ofCall({ callId, seq }))),
  signals: stored.signals.toSorted(by(ofCall)),
  entries: stored.entries.toSorted(by(({ callId, userId }) => `${userId} ${callId}`)),
  pairs: stored.pairs.toSorted(by(({ pair }) => pair)),
  leases: stored.leases.toSorted(by(({ callId, userId }) => `${callId} ${userId}`)),
  requests: stored.requests.toSorted(by((request) => JSON.stringify(request)))
})

/** Checks that all data stored beside the events follows from the events. */
export const assertConsistent = (stored: Stored): void => {
  const calls = stored.calls.map(({ id }) => {
    const records = stored.records.filter(({ callId }) => callId === id).map(({ record }) => record)
    assert.deepStrictEqual(records.map(({ seq }) => seq), records.map((_, index) => index + 1))
    return replay(records) ?? assert.fail("a call without a beginning")
  })
  const open = new Set(calls.filter(({ phase }) => phase !== "disconnected").map(({ id }) => id))
  const expected = inOrder({
    ...stored,
    calls,
    dueAt: new Map(calls.map((call) => [call.id, nextDueAt(call)])),
    signals: stored.signals.filter(({ callId }) => open.has(callId)),
    entries: calls.flatMap(CallProjection.userCalls),
    pairs: calls.flatMap((call) => {
      const pair = CallProjection.openPair(call)
      return pair === undefined ? [] : [{ pair: pair.join(" "), callId: call.id }]
    }),
    leases: stored.leases.filter(({ callId, userId }) =>
      calls.some((call) => call.id === callId && CallProjection.leaseholders(call).includes(userId))
    )
  })
  assert.deepStrictEqual(stored, expected)

  const active = stored.entries.filter(({ state }) => state === "active").map(({ userId }) => userId)
  assert.lengthOf(active, new Set(active).size)
}

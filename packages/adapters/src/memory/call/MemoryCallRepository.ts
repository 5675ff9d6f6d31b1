/**
 * Keeps calls in maps: for tests and examples.
 */
import { type Asked, type Call, type CallId, CallProjection, CallRepository, nextDueAt } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Order } from "effect"
import { MemoryRecordedRequests } from "../idempotency/MemoryIdempotencyKeys.ts"
import { append } from "./MemoryCallAppend.ts"
import { MemoryCallStore } from "./MemoryCallStore.ts"

type UserCall = CallProjection.UserCall

const byAge = Order.combine(
  Order.mapInput(DateTime.Order, (entry: UserCall) => entry.initiatedAt),
  Order.mapInput(Order.String, (entry: UserCall) => entry.callId)
)

const byPersonAndCall = Order.combine(
  Order.mapInput(Order.String, ({ userId }: Asked) => userId),
  Order.mapInput(Order.String, ({ callId }: Asked) => callId)
)

/** Whether an entry comes after the cursor, that is, before it in time. */
const isAfter = (entry: UserCall, cursor: CallProjection.HistoryCursor | undefined): boolean =>
  cursor === undefined || byAge(entry, { ...entry, ...cursor }) < 0

const isDue = (call: Call, isTime: (dueAt: DateTime.Utc) => boolean): boolean => {
  const dueAt = nextDueAt(call)
  return dueAt !== undefined && isTime(dueAt)
}

export const layer = Layer.effect(
  CallRepository,
  Effect.gen(function*() {
    const store = yield* MemoryCallStore
    const requests = yield* MemoryRecordedRequests
    const { calls, callsOf, finished } = store

    const find = (id: CallId) => calls.get(id) ?? finished.get(id)
    const loadAll = (ids: Iterable<CallId>) => Array.from(ids).flatMap((id) => find(id)?.call ?? [])
    const entriesOf = (user: UserId): ReadonlyArray<UserCall> =>
      [...callsOf.get(user) ?? []]
        .flatMap((id) => find(id)?.entries.filter(({ userId }) => userId === user) ?? [])
        .toSorted(byAge)
    const callsIn = (entries: ReadonlyArray<UserCall>) => loadAll(entries.map(({ callId }) => callId))

    return CallRepository.of({
      load: (id) => Effect.sync(() => Option.fromUndefinedOr(find(id)?.call)),
      loadAll: (ids) => Effect.sync(() => loadAll(new Set(ids))),
      append: (steps) => Effect.sync(() => steps.map((step) => append(store, requests, step))),
      deliveries: (id, user, after) =>
        Effect.sync(() => {
          const { records = [] } = find(id) ?? {}
          const { signals } = calls.get(id) ?? {}
          return records
            .filter(({ audience, seq }) => seq > after && audience[user] !== undefined)
            .map((record) => ({
              record,
              signal: "to" in record.event && record.event.to === user
                ? Option.fromUndefinedOr(signals?.get(record.seq))
                : Option.none()
            }))
        }),
      signals: (id, seqs) =>
        Effect.sync(() => new Map([...calls.get(id)?.signals ?? []].filter(([seq]) => seqs.includes(seq)))),
      openEntries: (users) =>
        Effect.sync(() =>
          users.flatMap(entriesOf).flatMap(({ callId, state, userId }) =>
            state === "left" ? [] : [{ userId, callId, state }]
          )
        ),
      openCallsOf: (user) => Effect.sync(() => callsIn(entriesOf(user).filter(({ state }) => state !== "left"))),
      history: (ids, filter, { after, limit }) =>
        Effect.sync(() => {
          const page = ids.flatMap(entriesOf)
            .toSorted(byAge)
            .toReversed()
            .filter((entry, index, all) =>
              entry.callId !== all[index - 1]?.callId && isAfter(entry, after) && CallProjection.matches(filter, entry)
            )
            .slice(0, limit)
          return callsIn(page)
        }),
      claimDue: (now, claimedUntil, limit) =>
        Effect.sync(() => {
          const due = [...calls.values()]
            .filter(({ call, claimedUntil }) =>
              isDue(call, DateTime.isLessThanOrEqualTo(now)) &&
              (claimedUntil === undefined || DateTime.isLessThanOrEqualTo(claimedUntil, now))
            )
            .toSorted(Order.combine(
              Order.mapInput(DateTime.Order, ({ call }) => nextDueAt(call) ?? now),
              Order.mapInput(Order.String, ({ call }) => call.id)
            ))
            .slice(0, limit)
          for (const kept of due) calls.set(kept.call.id, { ...kept, claimedUntil })
          return due.map(({ call }) => call.id)
        }),
      dueBefore: (until, { after = "", limit }) =>
        Effect.sync(() =>
          [...calls.values()]
            .filter(({ call }) => call.id > after && isDue(call, DateTime.isLessThan(until)))
            .map(({ call }) => call.id)
            .toSorted()
            .slice(0, limit)
        ),
      askedWhileActive: ({ after, limit }) =>
        Effect.sync(() => {
          const open = [...calls.values()].flatMap(({ entries }) => entries)
          const busy = new Set(open.flatMap(({ state, userId }) => state === "active" ? [userId] : []))
          return open
            .filter((entry) => entry.state === "pending" && busy.has(entry.userId))
            .map(({ callId, userId }) => ({ userId, callId }))
            .filter((asked) => after === undefined || byPersonAndCall(asked, after) > 0)
            .toSorted(byPersonAndCall)
            .slice(0, limit)
        }),
      faultOf: () => Effect.succeedNone,
      discard: () => Effect.succeed(false),
      countOpen: Effect.sync(() => [...calls.values()].filter(({ call }) => call.phase !== "disconnected").length)
    })
  })
)

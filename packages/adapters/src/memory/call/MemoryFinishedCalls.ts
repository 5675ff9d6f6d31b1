/**
 * Moves ended calls to the storage of finished calls, in memory: for tests and examples.
 */
import { type Call, CallArchive, FinishedCalls, timeOf } from "@dchat/domain/call"
import { DateTime, Effect, Layer, Order } from "effect"
import { MemoryCallStore } from "./MemoryCallStore.ts"

const endOf = ({ endedAt, updatedAt }: Call): DateTime.Utc => endedAt ?? updatedAt

const monthOf = ({ id }: Call): DateTime.Utc => DateTime.startOf(timeOf(id), "month")

export const layer = Layer.effect(
  FinishedCalls,
  Effect.map(MemoryCallStore, ({ calls, callsOf, finished }) =>
    FinishedCalls.of({
      move: (endedBy, limit) =>
        Effect.sync(() => {
          const ended = [...calls.values()]
            .filter(({ call }) => call.phase === "disconnected" && DateTime.isLessThanOrEqualTo(endOf(call), endedBy))
            .toSorted(Order.mapInput(DateTime.Order, ({ call }) => endOf(call)))
            .slice(0, limit)
          for (const { call, entries, records } of ended) {
            calls.delete(call.id)
            finished.set(call.id, {
              call: CallArchive.withoutSignalling(call),
              records: CallArchive.relinked(records.filter(CallArchive.isLasting)),
              entries
            })
          }
          return ended.length
        }),
      prepare: () => Effect.void,
      forget: (time) =>
        Effect.sync(() => {
          const old = [...finished.values()].filter(({ call }) =>
            DateTime.isLessThanOrEqualTo(DateTime.add(monthOf(call), { months: 1 }), time)
          )
          for (const { call, entries } of old) {
            finished.delete(call.id)
            for (const { userId } of entries) callsOf.get(userId)?.delete(call.id)
          }
          return new Set(old.map(({ call }) => DateTime.toEpochMillis(monthOf(call)))).size
        })
    }))
)

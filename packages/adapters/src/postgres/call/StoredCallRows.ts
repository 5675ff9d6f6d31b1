/**
 * Finds the stored states of calls: of open calls first, then of finished ones. A call moves in this direction only, so
 * none is missed.
 */
import { CallId } from "@dchat/domain/call"
import { Array, Effect, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { type FinishedCallBody, unpack } from "./FinishedCallBody.ts"
import { StoredState } from "./StoredCallStates.ts"

const FinishedRow = Schema.Struct({
  id: CallId,
  stateVersion: Schema.Int,
  format: Schema.Int,
  body: Schema.Uint8Array
})

const stateOf = ({ body, format, id, stateVersion }: typeof FinishedRow.Type): StoredState => ({
  id,
  stateVersion,
  state: unpack(format, body).state
})

export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const selectStates = SqlSchema.findAll({
    Request: Schema.Array(CallId),
    Result: StoredState,
    execute: (ids) => sql`SELECT id, state_version AS "stateVersion", state FROM calls WHERE id = ANY(${ids}::uuid[])`
  })
  // The bounds leave the partitions of few months, also in a plan for any ids.
  const selectFinished = SqlSchema.findAll({
    Request: Schema.NonEmptyArray(CallId),
    Result: FinishedRow,
    execute: (ids) => {
      const inOrder = ids.toSorted()
      return sql`SELECT call_id AS id, state_version AS "stateVersion", format, body FROM finished_calls
        WHERE call_id = ANY(${ids}::uuid[]) AND call_id >= ${inOrder[0]} AND call_id <= ${inOrder.at(-1)}`
    }
  })

  const findAll = Effect.fnUntraced(function*(ids: ReadonlyArray<CallId>) {
    if (ids.length === 0) return []
    const states = yield* selectStates(ids)
    const found = new Set(states.map(({ id }) => id))
    const missing = ids.filter((id) => !found.has(id))
    return Array.isReadonlyArrayNonEmpty(missing)
      ? [...states, ...(yield* selectFinished(missing)).map(stateOf)]
      : states
  })

  return {
    findAll,
    find: (id: CallId) => Effect.map(findAll([id]), Array.head),
    /** A finished call as stored. */
    findFinished: (
      id: CallId
    ): Effect.Effect<Option.Option<FinishedCallBody>, Effect.Error<ReturnType<typeof findAll>>> =>
      Effect.map(
        selectFinished([id]),
        ([row]) => row === undefined ? Option.none() : Option.some(unpack(row.format, row.body))
      )
  }
})

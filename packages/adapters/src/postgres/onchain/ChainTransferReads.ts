/**
 * Reads stored transfers. A transfer that cannot be read is reported and left out.
 */
import { ChainId } from "@dchat/domain/identity"
import { type InboxQuery, StoredTransfer, TransferMoved, Verdict } from "@dchat/domain/onchain"
import { ExternalId, TransferMisfit } from "@dchat/domain/subscription"
import { DateTime, Effect, Schema } from "effect"
import { type SqlClient, SqlSchema } from "effect/sql"
import { fullPage, makeReader, StoredRow } from "../StoredRows.ts"

const TransferRow = Schema.Struct({
  moved: Schema.toCodecJson(TransferMoved),
  stage: StoredTransfer.fields.stage,
  verdict: Schema.toCodecJson(Verdict),
  revision: Schema.Int,
  seenAt: Schema.DateTimeUtcFromDate
})

const ofChain = { chainId: ChainId, to: Schema.Int }

/** Where a page begins that comes after this row. */
const placeOf = (last: StoredRow | undefined) =>
  last === undefined
    ? { block: -1, externalId: "" }
    : { block: Number(last["blockNumber"]), externalId: String(last["externalId"]) }

/** Where a page of untold transfers begins: after a row, or else after the last transfer of the page before. */
const untoldPlace = (last: StoredRow | undefined, before: StoredTransfer | undefined) => {
  if (last !== undefined) return { isThere: last["stage"] !== "dropped", ...placeOf(last) }
  if (before === undefined) return { isThere: false, ...placeOf(undefined) }
  const { moved: { block, transfer }, stage } = before
  return { isThere: stage !== "dropped", block: block.number, externalId: transfer.externalId }
}

export const makeTransferReads = (sql: SqlClient.SqlClient) => {
  const readable = makeReader(TransferRow, ({ externalId }) => `transfer ${String(externalId)}`)
  const columns = sql.literal(
    `external_id AS "externalId", block_number::float8 AS "blockNumber", moved, stage, verdict,
    revision, seen_at AS "seenAt"`
  )

  const select = SqlSchema.findAll({
    Request: ExternalId,
    Result: StoredRow,
    execute: (id) => sql`SELECT ${columns} FROM chain_transfers WHERE external_id = ${id}`
  })
  const selectIn = SqlSchema.findAll({
    Request: Schema.Struct({ ...ofChain, from: Schema.Int }),
    Result: StoredRow,
    execute: ({ chainId, from, to }) =>
      sql`SELECT ${columns} FROM chain_transfers
          WHERE chain_id = ${chainId} AND block_number BETWEEN ${from} AND ${to}
          ORDER BY block_number, external_id`
  })
  const selectUnsettled = SqlSchema.findAll({
    Request: Schema.Struct({ ...ofChain, block: Schema.Int, externalId: Schema.String, limit: Schema.Int }),
    Result: StoredRow,
    execute: ({ block, chainId, externalId, limit, to }) =>
      sql`SELECT ${columns} FROM chain_transfers
          WHERE chain_id = ${chainId} AND stage = 'settled' AND block_number <= ${to}
            AND (block_number, external_id) > (${block}, ${externalId})
          ORDER BY block_number, external_id LIMIT ${limit}`
  })
  const selectUntold = SqlSchema.findAll({
    Request: Schema.Struct({
      chainId: ChainId,
      isThere: Schema.Boolean,
      block: Schema.Int,
      externalId: Schema.String,
      limit: Schema.Int
    }),
    Result: StoredRow,
    execute: ({ block, chainId, externalId, isThere, limit }) =>
      sql`SELECT ${columns} FROM chain_transfers
          WHERE chain_id = ${chainId} AND NOT is_told
            AND (stage <> 'dropped', block_number, external_id) > (${isThere}, ${block}, ${externalId})
          ORDER BY (stage <> 'dropped'), block_number, external_id LIMIT ${limit}`
  })
  const selectInbox = SqlSchema.findAll({
    Request: Schema.Struct({
      chainId: Schema.NullOr(ChainId),
      reason: Schema.NullOr(TransferMisfit),
      seenAt: Schema.NullOr(Schema.DateTimeUtcFromDate),
      externalId: Schema.String,
      limit: Schema.Int
    }),
    Result: StoredRow,
    execute: ({ chainId, externalId, limit, reason, seenAt }) =>
      sql`SELECT ${columns} FROM chain_transfers
          WHERE verdict ->> '_tag' = 'Unmatched' AND stage <> 'dropped'
            AND (${chainId}::bigint IS NULL OR chain_id = ${chainId})
            AND (${reason}::text IS NULL OR verdict ->> 'reason' = ${reason})
            AND (seen_at, external_id) < (coalesce(${seenAt}::timestamptz, 'infinity'), ${externalId})
          ORDER BY seen_at DESC, external_id DESC LIMIT ${limit}`
  })

  return {
    transfer: (id: ExternalId) =>
      select(id).pipe(
        Effect.flatMap(readable.readAll),
        Effect.map(([found]) => found)
      ),
    transfersIn: (chainId: ChainId, range: { readonly from: number; readonly to: number }) =>
      selectIn({ chainId, ...range }).pipe(Effect.flatMap(readable.readAll)),
    unsettledBelow: (chainId: ChainId, to: number, limit: number) =>
      fullPage(
        limit,
        (last: StoredRow | undefined, count) =>
          selectUnsettled({
            chainId,
            to,
            ...placeOf(last),
            limit: count
          }),
        readable.readAll
      ),
    untold: (chainId: ChainId, after: StoredTransfer | undefined, limit: number) =>
      fullPage(
        limit,
        (last: StoredRow | undefined, count) => selectUntold({ chainId, ...untoldPlace(last, after), limit: count }),
        readable.readAll
      ),
    inbox: ({ before, chainId, limit, reason }: InboxQuery) =>
      fullPage(
        limit,
        (last: StoredRow | undefined, count) =>
          selectInbox({
            chainId: chainId ?? null,
            reason: reason ?? null,
            seenAt: last === undefined ? before?.seenAt ?? null : DateTime.fromDateUnsafe(last["seenAt"] as Date),
            externalId: last === undefined ? before?.externalId ?? "" : String(last["externalId"]),
            limit: count
          }),
        readable.readAll
      )
  }
}

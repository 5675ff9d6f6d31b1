/**
 * Stores in Postgres what was read from the chains. One statement stores a page; the row of the lease decides whether.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import { ChainLedger, type ChainStatus, mostTokens, type TokenOwner, Track } from "@dchat/domain/onchain"
import { BaseUnits } from "@dchat/domain/subscription"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { tokenRows, trackJson, transferRows, verdictJson } from "./ChainPageRows.ts"
import { makeTransferReads } from "./ChainTransferReads.ts"

const StatusRow = Schema.Struct({
  chainId: ChainId,
  settledTo: Schema.NullOr(Schema.Int),
  tipTo: Schema.NullOr(Schema.Int),
  readAt: Schema.NullOr(Schema.DateTimeUtcFromDate),
  halted: Schema.NullOr(Schema.String),
  ignored: Schema.Int
})

const statusOf = ({ halted, readAt, settledTo, tipTo, ...rest }: typeof StatusRow.Type): ChainStatus => ({
  ...rest,
  settledTo: settledTo ?? undefined,
  tipTo: tipTo ?? undefined,
  readAt: readAt ?? undefined,
  halted: halted ?? undefined
})

const tokenId = { tokenId: Schema.toCodecJson(BaseUnits) }

const TokenRow = Schema.Struct({
  contract: WalletAddress,
  ...tokenId,
  owner: Schema.NullOr(WalletAddress)
})

const ownedOf = ({ owner, ...token }: typeof TokenRow.Type): TokenOwner => ({ ...token, owner: owner ?? undefined })

const unjudged = verdictJson({ _tag: "Unjudged" })

export const layer = Layer.effect(
  ChainLedger,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const reads = makeTransferReads(sql)
    const tokenColumns = sql.literal("contract, token_id::text AS \"tokenId\", owner")

    const takeLease = SqlSchema.findOneOption({
      Request: Schema.Struct({ chainId: ChainId, host: Schema.String, seconds: Schema.Number }),
      Result: Schema.Struct({ token: Schema.Int }),
      // A lease that is further ahead than two of them was given by a clock that was set back since.
      execute: ({ chainId, host, seconds }) =>
        sql`INSERT INTO chain_scans AS scan (chain_id, holder, token, leased_until)
            VALUES (${chainId}, ${host}, 1, clock_timestamp() + make_interval(secs => ${seconds}))
            ON CONFLICT (chain_id) DO UPDATE SET holder = excluded.holder, token = scan.token + 1,
              leased_until = clock_timestamp() + make_interval(secs => ${seconds})
            WHERE scan.holder = excluded.holder OR scan.leased_until <= clock_timestamp()
              OR scan.leased_until > clock_timestamp() + make_interval(secs => 2 * ${seconds}::float8)
            RETURNING token::float8 AS token`
    })
    const selectTrack = SqlSchema.findOneOption({
      Request: Schema.Struct({ chainId: ChainId, name: Schema.Literals(["tip", "settled"]) }),
      Result: Schema.Struct({ track: Schema.toCodecJson(Track) }),
      execute: ({ chainId, name }) => sql`SELECT track FROM chain_tracks WHERE chain_id = ${chainId} AND name = ${name}`
    })
    const selectStatus = SqlSchema.findAll({
      Request: Schema.Void,
      Result: StatusRow,
      execute: () =>
        sql`SELECT chain_id::float8 AS "chainId", settled.read_to::float8 AS "settledTo", tip.read_to::float8 AS "tipTo",
              read_at AS "readAt", halted, ignored::float8 AS ignored
            FROM chain_scans
            LEFT JOIN (SELECT chain_id, read_to FROM chain_tracks WHERE name = 'settled') AS settled USING (chain_id)
            LEFT JOIN (SELECT chain_id, read_to FROM chain_tracks WHERE name = 'tip') AS tip USING (chain_id)
            ORDER BY chain_id`
    })
    const selectTokens = SqlSchema.findAll({
      Request: Schema.Struct({ chainId: ChainId, owner: WalletAddress }),
      Result: TokenRow,
      execute: ({ chainId, owner }) =>
        sql`SELECT ${tokenColumns} FROM chain_tokens
            WHERE chain_id = ${chainId} AND owner = ${owner} ORDER BY contract, token_id LIMIT ${mostTokens}`
    })
    const selectTokensAfter = SqlSchema.findAll({
      Request: Schema.Struct({ chainId: ChainId, contract: Schema.String, ...tokenId, limit: Schema.Int }),
      Result: TokenRow,
      execute: ({ chainId, contract, limit, tokenId }) =>
        sql`SELECT ${tokenColumns} FROM chain_tokens
            WHERE chain_id = ${chainId} AND (contract, token_id) > (${contract}, ${tokenId}::numeric)
            ORDER BY contract, token_id LIMIT ${limit}`
    })
    const selectToken = SqlSchema.findOneOption({
      Request: Schema.Struct({ chainId: ChainId, contract: WalletAddress, ...tokenId }),
      Result: TokenRow,
      execute: ({ chainId, contract, tokenId }) =>
        sql`SELECT ${tokenColumns} FROM chain_tokens
            WHERE chain_id = ${chainId} AND contract = ${contract} AND token_id = ${tokenId}::numeric`
    })

    const commit = Effect.fn("ChainLedger.commit")(
      function*(...[{ chainId, token }, page]: Parameters<ChainLedger["Service"]["commit"]>) {
        const { at, ignored, state, track } = page
        const seenAt = new Date(at.epochMilliseconds)
        const held = yield* sql`WITH held AS (
            UPDATE chain_scans SET read_at = ${seenAt}, ignored = ignored + ${track === "settled" ? ignored : 0}
            WHERE chain_id = ${chainId} AND token = ${token} RETURNING chain_id
          ), read_on AS (
            INSERT INTO chain_tracks (chain_id, name, track, read_to)
            SELECT chain_id, ${track}::text, ${trackJson(state)}::jsonb, ${
          state.anchors.at(-1)?.number ?? null
        }::bigint FROM held
            ON CONFLICT (chain_id, name) DO UPDATE SET track = excluded.track, read_to = excluded.read_to
          ), kept AS (
            INSERT INTO chain_transfers AS stored
              (external_id, chain_id, block_number, stage, moved, verdict, revision, is_told, seen_at)
            SELECT external_id, held.chain_id, block_number, stage, moved, ${unjudged}::jsonb, 1, false,
              ${seenAt}::timestamptz
            FROM held CROSS JOIN json_to_recordset(${transferRows(page)}::json)
              AS row(external_id text, block_number bigint, stage text, moved jsonb)
            ON CONFLICT (external_id) DO UPDATE SET block_number = excluded.block_number, stage = excluded.stage,
              moved = excluded.moved, revision = stored.revision + 1, is_told = false
          ), owned AS (
            INSERT INTO chain_tokens (chain_id, contract, token_id, owner)
            SELECT held.chain_id, row.* FROM held CROSS JOIN json_to_recordset(${tokenRows(page)}::json)
              AS row(contract text, token_id numeric, owner text)
            ON CONFLICT (chain_id, contract, token_id) DO UPDATE SET owner = excluded.owner
          )
          SELECT 1 AS one FROM held`
        return held.length > 0
      },
      Effect.orDie
    )

    /** The lock orders the reservations of all hosts, so that each one sees the sums of those before. */
    const expose = Effect.fn("ChainLedger.expose")(
      function*(
        ...[{ externalId, userId, value }, { installation, user }]: Parameters<ChainLedger["Service"]["expose"]>
      ) {
        const isComparable = [installation, user].every(({ currency }) => currency === value.currency)
        const most = { all: String(installation.minorUnits), own: String(user.minorUnits) }
        yield* sql`SELECT pg_advisory_xact_lock(hashtextextended('dchat chain_exposures', 0))`
        const reserved = yield* sql`WITH sums AS (
            SELECT coalesce(sum(minor_units), 0) AS of_all,
              coalesce(sum(minor_units) FILTER (WHERE user_id = ${userId}), 0) AS own
            FROM chain_exposures
          ), added AS (
            INSERT INTO chain_exposures (external_id, user_id, currency, minor_units)
            SELECT ${externalId}::text, ${userId}::uuid, ${value.currency}::text, added.units
            FROM sums, (SELECT ${String(value.minorUnits)}::numeric AS units) AS added
            WHERE ${isComparable}::boolean AND of_all + added.units <= ${most.all}::numeric
              AND own + added.units <= ${most.own}::numeric
            ON CONFLICT (external_id) DO NOTHING
            RETURNING 1
          )
          SELECT 1 AS one FROM added UNION ALL
          SELECT 1 FROM chain_exposures WHERE external_id = ${externalId}`
        return reserved.length > 0
      },
      sql.withTransaction,
      Effect.orDie
    )

    return ChainLedger.of({
      lease: Effect.fn("ChainLedger.lease")((chainId, host, seconds) =>
        takeLease({ chainId, host, seconds }).pipe(
          Effect.map(Option.match({ onNone: () => undefined, onSome: ({ token }) => ({ chainId, token }) })),
          Effect.orDie
        )
      ),
      track: Effect.fn("ChainLedger.track")((chainId, name) =>
        selectTrack({ chainId, name }).pipe(
          Effect.map(Option.match({ onNone: () => ({ anchors: [] }), onSome: ({ track }) => track })),
          Effect.orDie
        )
      ),
      transfersIn: Effect.fn("ChainLedger.transfersIn")((chainId, range) =>
        Effect.orDie(reads.transfersIn(chainId, range))
      ),
      unsettledBelow: Effect.fn("ChainLedger.unsettledBelow")((chainId, to, limit) =>
        Effect.orDie(reads.unsettledBelow(chainId, to, limit))
      ),
      transfer: Effect.fn("ChainLedger.transfer")((id) => Effect.orDie(reads.transfer(id))),
      commit,
      untold: Effect.fn("ChainLedger.untold")((chainId, after, limit) =>
        Effect.orDie(reads.untold(chainId, after, limit))
      ),
      judge: Effect.fn("ChainLedger.judge")((id, revision, verdict) =>
        sql`UPDATE chain_transfers SET verdict = ${verdictJson(verdict)}::jsonb, revision = revision + 1, is_told = true
            WHERE external_id = ${id} AND revision = ${revision} RETURNING 1 AS one`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie
        )
      ),
      halt: Effect.fn("ChainLedger.halt")(({ chainId, token }, reason) =>
        Effect.orDie(
          sql`UPDATE chain_scans SET halted = ${reason ?? null}
              WHERE chain_id = ${chainId} AND token = ${token} AND halted IS DISTINCT FROM ${reason ?? null}::text`
        )
      ),
      status: selectStatus().pipe(
        Effect.map((rows) => rows.map(statusOf)),
        Effect.orDie,
        Effect.withSpan("ChainLedger.status")
      ),
      expose,
      release: Effect.fn("ChainLedger.release")((id) =>
        Effect.orDie(sql`DELETE FROM chain_exposures WHERE external_id = ${id}`)
      ),
      inbox: Effect.fn("ChainLedger.inbox")((query) => Effect.orDie(reads.inbox(query))),
      setOwner: Effect.fn("ChainLedger.setOwner")((chainId, { contract, owner, tokenId }) =>
        Effect.orDie(
          sql`INSERT INTO chain_tokens (chain_id, contract, token_id, owner)
              VALUES (${chainId}, ${contract}, ${String(tokenId)}::numeric, ${owner ?? null})
              ON CONFLICT (chain_id, contract, token_id) DO UPDATE SET owner = excluded.owner`
        )
      ),
      tokensAfter: Effect.fn("ChainLedger.tokensAfter")((chainId, after, limit) =>
        selectTokensAfter({ chainId, contract: after?.contract ?? "", tokenId: after?.tokenId ?? 0n, limit }).pipe(
          Effect.map((rows) => rows.map(ownedOf)),
          Effect.orDie
        )
      ),
      tokensOf: Effect.fn("ChainLedger.tokensOf")((chainId, owner) =>
        selectTokens({ chainId, owner }).pipe(Effect.map((rows) => rows.map(ownedOf)), Effect.orDie)
      ),
      token: Effect.fn("ChainLedger.token")((chainId, contract, tokenId) =>
        selectToken({ chainId, contract, tokenId }).pipe(
          Effect.map((row) => Option.getOrUndefined(Option.map(row, ownedOf))),
          Effect.orDie
        )
      )
    })
  })
)

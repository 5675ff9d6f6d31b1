/**
 * Stores in Postgres the transactions of the charging account, and the subscriptions whose renewals are charged.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import {
  ChargeJournal,
  type ChargeLane,
  type LaneLease,
  OperatorAction,
  OperatorTransaction,
  type Recorded,
  SignedTransaction
} from "@dchat/domain/onchain"
import { PurchaseId } from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"

/** Values are checked when they come in. */
const unchecked = { disableChecks: true }

const encodeAction = Schema.encodeSync(Schema.toCodecJson(OperatorAction), unchecked)
const encodeSigned = Schema.encodeSync(Schema.toCodecJson(SignedTransaction), unchecked)

const Row = Schema.Struct({
  ...OperatorTransaction.fields,
  action: Schema.toCodecJson(OperatorAction),
  signed: Schema.toCodecJson(Schema.NonEmptyArray(SignedTransaction)),
  recordedAt: Schema.DateTimeUtcFromDate,
  closedAt: Schema.NullOr(Schema.DateTimeUtcFromDate)
})

const transactionOf = ({ closedAt, ...rest }: typeof Row.Type): OperatorTransaction => ({
  ...rest,
  ...(closedAt !== null && { closedAt })
})

const dateOf = (at: DateTime.Utc): Date => DateTime.toDateUtc(at)

export const layer = Layer.effect(
  ChargeJournal,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `chain_id::float8 AS "chainId", account, nonce::float8 AS nonce, key, purchase_id AS "purchaseId", action, signed,
       state, recorded_at AS "recordedAt", closed_at AS "closedAt"`
    )

    const takeLease = SqlSchema.findOneOption({
      Request: Schema.Struct({
        chainId: ChainId,
        account: WalletAddress,
        host: Schema.String,
        seconds: Schema.Number
      }),
      Result: Schema.Struct({ token: Schema.Int }),
      // A lease that is further ahead than two of them was given by a clock that was set back since.
      execute: ({ account, chainId, host, seconds }) =>
        sql`INSERT INTO charge_lanes AS lane (chain_id, account, holder, token, leased_until)
            VALUES (${chainId}, ${account}, ${host}, 1, clock_timestamp() + make_interval(secs => ${seconds}))
            ON CONFLICT (chain_id, account) DO UPDATE SET holder = excluded.holder, token = lane.token + 1,
              leased_until = clock_timestamp() + make_interval(secs => ${seconds})
            WHERE lane.holder = excluded.holder OR lane.leased_until <= clock_timestamp()
              OR lane.leased_until > clock_timestamp() + make_interval(secs => 2 * ${seconds}::float8)
            RETURNING token::float8 AS token`
    })
    const selectNext = SqlSchema.findOneOption({
      Request: Schema.Struct({ chainId: ChainId, account: WalletAddress }),
      Result: Schema.Struct({ nonce: Schema.Int }),
      execute: ({ account, chainId }) =>
        sql`SELECT next_nonce::float8 AS nonce FROM charge_lanes WHERE chain_id = ${chainId} AND account = ${account}`
    })
    const selectOpen = SqlSchema.findAll({
      Request: Schema.Struct({ chainId: ChainId, account: WalletAddress, limit: Schema.Int }),
      Result: Row,
      execute: ({ account, chainId, limit }) =>
        sql`SELECT ${columns} FROM charge_transactions
            WHERE chain_id = ${chainId} AND account = ${account} AND state = 'open' ORDER BY nonce LIMIT ${limit}`
    })
    const selectOfPurchase = SqlSchema.findAll({
      Request: Schema.Struct({ purchaseId: PurchaseId, limit: Schema.Int }),
      Result: Row,
      execute: ({ limit, purchaseId }) =>
        sql`SELECT ${columns} FROM charge_transactions WHERE purchase_id = ${purchaseId}
            ORDER BY recorded_at DESC, nonce DESC LIMIT ${limit}`
    })
    const claimDue = SqlSchema.findAll({
      Request: Schema.Struct({ now: Schema.DateTimeUtcFromDate, until: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
      Result: Schema.Struct({ purchaseId: PurchaseId }),
      execute: ({ limit, now, until }) =>
        sql`WITH due AS (
              SELECT purchase_id, due_at FROM charge_watches WHERE due_at <= ${now}
              ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            ), claimed AS (
              UPDATE charge_watches AS watch SET due_at = ${until} FROM due WHERE watch.purchase_id = due.purchase_id
            )
            SELECT purchase_id AS "purchaseId" FROM due ORDER BY due_at`
    })

    /** The lane, locked, if the lease is still worth something. */
    const heldLane = ({ account, chainId, token }: LaneLease) =>
      sql`SELECT chain_id, account, next_nonce FROM charge_lanes
          WHERE chain_id = ${chainId} AND account = ${account} AND token = ${token} FOR UPDATE`

    const record = Effect.fn("ChargeJournal.record")(
      function*(lease: LaneLease, { action, key, nonce, purchaseId, recordedAt, signed }: OperatorTransaction) {
        const [row] = yield* sql<{ isHeld: boolean; isAdded: boolean }>`WITH lane AS (${heldLane(lease)}), added AS (
            INSERT INTO charge_transactions
              (chain_id, account, nonce, key, purchase_id, action, signed, state, recorded_at)
            SELECT chain_id, account, ${nonce}::bigint, ${key}::text, ${purchaseId}::uuid,
              ${JSON.stringify(encodeAction(action))}::jsonb, ${
          JSON.stringify(signed.map((it) => encodeSigned(it)))
        }::jsonb,
              'open', ${dateOf(recordedAt)}::timestamptz
            FROM lane WHERE next_nonce <= ${nonce}
            ON CONFLICT (key) WHERE state IN ('open', 'succeeded') DO NOTHING
            RETURNING chain_id, account, nonce
          ), moved AS (
            UPDATE charge_lanes AS moving SET next_nonce = added.nonce + 1 FROM added
            WHERE moving.chain_id = added.chain_id AND moving.account = added.account
          )
          SELECT EXISTS (SELECT FROM lane WHERE next_nonce <= ${nonce}) AS "isHeld",
            EXISTS (SELECT FROM added) AS "isAdded"`
        const recorded: Recorded = row?.isAdded === true ? "recorded" : row?.isHeld === true ? "exists" : "lost"
        return recorded
      },
      Effect.orDie
    )

    const replace = Effect.fn("ChargeJournal.replace")(
      function*(lease: LaneLease, nonce: number, signed: SignedTransaction) {
        const changed = yield* sql`WITH lane AS (${heldLane(lease)})
          UPDATE charge_transactions AS it SET signed = it.signed || ${JSON.stringify(encodeSigned(signed))}::jsonb
          FROM lane WHERE it.chain_id = lane.chain_id AND it.account = lane.account AND it.nonce = ${nonce}
            AND it.state = 'open' RETURNING it.nonce`
        return changed.length > 0
      },
      Effect.orDie
    )

    const close = Effect.fn("ChargeJournal.close")(
      function*(...[lease, nonce, state, at]: Parameters<ChargeJournal["Service"]["close"]>) {
        const changed = yield* sql`WITH lane AS (${heldLane(lease)})
          UPDATE charge_transactions AS it SET state = ${state}, closed_at = ${dateOf(at)}
          FROM lane WHERE it.chain_id = lane.chain_id AND it.account = lane.account AND it.nonce = ${nonce}
            AND it.state = 'open' RETURNING it.nonce`
        return changed.length > 0
      },
      Effect.orDie
    )

    return ChargeJournal.of({
      watch: (purchaseId, dueAt) =>
        Effect.asVoid(Effect.orDie(
          sql`INSERT INTO charge_watches AS watch (purchase_id, due_at) VALUES (${purchaseId}, ${dateOf(dueAt)})
              ON CONFLICT (purchase_id) DO UPDATE SET due_at = least(watch.due_at, excluded.due_at)`
        )),
      claim: (due) => Effect.orDie(Effect.map(claimDue(due), (rows) => rows.map(({ purchaseId }) => purchaseId))),
      schedule: (purchaseId, dueAt) =>
        Effect.asVoid(Effect.orDie(
          sql`UPDATE charge_watches SET due_at = ${dateOf(dueAt)} WHERE purchase_id = ${purchaseId}`
        )),
      forget: (purchaseId) =>
        Effect.asVoid(Effect.orDie(sql`DELETE FROM charge_watches WHERE purchase_id = ${purchaseId}`)),
      lease: ({ account, chainId }: ChargeLane, host, seconds) =>
        Effect.orDie(Effect.map(
          takeLease({ account, chainId, host, seconds }),
          Option.match({ onNone: () => undefined, onSome: ({ token }) => ({ account, chainId, token }) })
        )),
      release: ({ account, chainId, token }) =>
        Effect.asVoid(Effect.orDie(
          sql`UPDATE charge_lanes SET leased_until = clock_timestamp()
              WHERE chain_id = ${chainId} AND account = ${account} AND token = ${token}`
        )),
      nextNonce: ({ account, chainId }) =>
        Effect.orDie(Effect.map(
          selectNext({ account, chainId }),
          Option.match({ onNone: () => 0, onSome: ({ nonce }) => nonce })
        )),
      record,
      replace,
      close,
      open: ({ account, chainId }, limit) =>
        Effect.orDie(Effect.map(selectOpen({ account, chainId, limit }), (rows) => rows.map(transactionOf))),
      ofPurchase: (purchaseId, limit) =>
        Effect.orDie(Effect.map(selectOfPurchase({ purchaseId, limit }), (rows) => rows.map(transactionOf)))
    })
  })
)

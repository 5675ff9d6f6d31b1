/**
 * Stores accounts in Postgres. The version of the account decides races. One statement for each table writes any number
 * of accounts.
 */
import { KeyInUse } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import {
  type AccountAppend,
  AccountMoved,
  BillingAccount,
  BillingAccountConflict,
  emptyBillingAccount,
  ExternalId,
  PaymentUsed,
  PurchaseId,
  SubscriptionRecord,
  SubscriptionRepository,
  Tier
} from "@dchat/domain/subscription"
import { type DateTime, Effect, Layer, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import * as GatheredRead from "../GatheredRead.ts"
import { recordRequests } from "../idempotency/PgIdempotencyKeys.ts"
import { quotedWalletRows } from "../onchain/QuotedWalletRows.ts"
import { fullPage, makeReader, StoredRow } from "../StoredRows.ts"
import { accountRows, eventRows, outboxRows, paymentRows, purchaseRows, syncRows } from "./SubscriptionRows.ts"

const AccountRow = Schema.Struct({ state: Schema.toCodecJson(BillingAccount) })
const decodeAccount = Schema.decodeUnknownEffect(AccountRow)
const KeptAccount = Schema.Struct({ userId: UserId, ...AccountRow.fields })
const TierRow = Schema.Struct({ tier: Tier })
const Owner = Schema.Struct({ userId: UserId })
const OwnedPurchase = Schema.Struct({ userId: UserId, purchaseId: PurchaseId })
const RecordRow = Schema.Struct({
  seq: SubscriptionRecord.fields.seq,
  at: Schema.DateTimeUtcFromDate,
  event: Schema.toCodecJson(SubscriptionRecord.fields.event),
  cause: Schema.toCodecJson(SubscriptionRecord.fields.cause)
})

export const layer = Layer.effect(
  SubscriptionRepository,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const kept = makeReader(KeptAccount, ({ userId }) => `account of the user ${String(userId)}`)
    const tiers = makeReader(TierRow, ({ tier }) => `tier ${String(tier)} of a purchase`)
    const records = makeReader(RecordRow, ({ seq, userId }) => `event ${String(seq)} of the account ${String(userId)}`)

    const select = SqlSchema.findAll({
      Request: Schema.Array(UserId),
      Result: StoredRow,
      execute: (ids) =>
        sql`SELECT user_id AS "userId", state FROM subscription_accounts WHERE user_id = ANY(${ids}::uuid[])`
    })
    const gather = yield* GatheredRead.make(sql, select, ({ userId }) => userId as UserId)
    const lockDue = SqlSchema.findAll({
      Request: Schema.Struct({ now: Schema.DateTimeUtcFromDate, limit: Schema.Int }),
      Result: StoredRow,
      execute: ({ limit, now }) =>
        sql`SELECT user_id AS "userId", state FROM subscription_accounts
            WHERE next_due_at <= ${now} AND (resting_until IS NULL OR resting_until <= ${now})
            ORDER BY next_due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`
    })
    const selectAccounts = SqlSchema.findAll({
      Request: Schema.Struct({ after: Schema.NullOr(UserId), limit: Schema.Int }),
      Result: StoredRow,
      execute: ({ after, limit }) =>
        sql`SELECT user_id AS "userId", state FROM subscription_accounts
            WHERE ${after}::uuid IS NULL OR user_id > ${after}::uuid ORDER BY user_id LIMIT ${limit}`
    })
    const selectOwner = SqlSchema.findOneOption({
      Request: PurchaseId,
      Result: Owner,
      execute: (id) => sql`SELECT user_id AS "userId" FROM purchases WHERE id = ${id}`
    })
    const selectPurchaseOfMoney = SqlSchema.findOneOption({
      Request: ExternalId,
      Result: OwnedPurchase,
      execute: (id) =>
        sql`SELECT user_id AS "userId", purchase_id AS "purchaseId" FROM payments
            WHERE external_id = ${id} AND method IN ('stripe', 'web3')
            UNION ALL
            SELECT user_id, purchase_id FROM payments WHERE payment_intent = ${id}
            UNION ALL
            SELECT user_id, id FROM purchases WHERE external_id = ${id}
            LIMIT 1`
    })
    const selectTiers = SqlSchema.findAll({
      Request: Schema.Void,
      Result: StoredRow,
      execute: () =>
        sql`SELECT DISTINCT tier FROM purchases
            WHERE state IN ('pending', 'active', 'past_due', 'suspended')`
    })
    const selectEvents = SqlSchema.findAll({
      Request: Schema.Struct({ id: UserId, before: Schema.Int, limit: Schema.Int }),
      Result: StoredRow,
      execute: ({ before, id, limit }) =>
        sql`SELECT user_id AS "userId", seq, at, event, cause FROM subscription_events
            WHERE user_id = ${id} AND seq < ${before} ORDER BY seq DESC LIMIT ${limit}`
    })

    /** Those whose account was of the expected version, and is of the next one now. */
    const moveOn = SqlSchema.findAll({
      Request: Schema.String,
      Result: Owner,
      execute: (rows) =>
        sql`WITH step AS (
              SELECT row.* FROM string_to_table(${rows}, chr(10)) AS line, jsonb_to_record(line::jsonb) AS row(
                user_id uuid, expected integer, version integer, state jsonb, next_due_at timestamptz)
            ), begun AS (
              INSERT INTO subscription_accounts (user_id, version, state, next_due_at)
              SELECT user_id, version, state, next_due_at FROM step WHERE expected = 0
              ON CONFLICT (user_id) DO NOTHING
              RETURNING user_id
            ), moved AS (
              UPDATE subscription_accounts AS account
              SET version = step.version, state = step.state, next_due_at = step.next_due_at, resting_until = NULL
              FROM step
              WHERE account.user_id = step.user_id AND account.version = step.expected AND step.expected > 0
              RETURNING account.user_id
            )
            SELECT user_id AS "userId" FROM begun UNION ALL SELECT user_id FROM moved`
    })

    const insertProjections = Effect.fnUntraced(function*(steps: ReadonlyArray<AccountAppend>) {
      const purchases = purchaseRows(steps)
      if (purchases.length > 0) {
        yield* sql`INSERT INTO purchases (id, user_id, kind, method, state, tier, external_id, watched_from, look_at)
          SELECT * FROM json_to_recordset(${JSON.stringify(purchases)}::json) AS row(id uuid, user_id uuid, kind text,
            method text, state text, tier text, external_id text, watched_from timestamptz, look_at timestamptz)
          ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, state = excluded.state, tier = excluded.tier,
            external_id = excluded.external_id, watched_from = excluded.watched_from,
            look_at = coalesce(purchases.look_at, excluded.look_at)`
      }
      const payments = paymentRows(steps)
      if (payments.length > 0) {
        yield* sql`INSERT INTO payments (id, user_id, purchase_id, method, external_id, payment_intent, paid_at)
          SELECT * FROM json_to_recordset(${JSON.stringify(payments)}::json) AS row(id uuid, user_id uuid,
            purchase_id uuid, method text, external_id text, payment_intent text, paid_at timestamptz)
          ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, external_id = excluded.external_id,
            payment_intent = excluded.payment_intent, paid_at = excluded.paid_at`
      }
      const quoted = quotedWalletRows(steps)
      if (quoted.length > 0) {
        yield* sql`INSERT INTO quoted_wallets AS stored (payment_id, chain_id, payer, user_id, quoted_at, is_unpaid,
            awaited_until, native_until)
          SELECT * FROM json_to_recordset(${JSON.stringify(quoted)}::json) AS row(payment_id uuid, chain_id bigint,
            payer text, user_id uuid, quoted_at timestamptz, is_unpaid boolean, awaited_until timestamptz,
            native_until timestamptz)
          ON CONFLICT (payment_id, chain_id, payer) DO UPDATE SET user_id = excluded.user_id,
            quoted_at = excluded.quoted_at, is_unpaid = excluded.is_unpaid, awaited_until = excluded.awaited_until,
            native_until = excluded.native_until
          WHERE stored.* IS DISTINCT FROM excluded.*`
      }
      const outbox = outboxRows(steps)
      if (outbox.length > 0) {
        // The lock orders this insert before or after the delivery of the purchase's last waiting request, never at the
        // same time.
        yield* sql`SELECT FROM purchases WHERE ${sql.in("id", [...new Set(outbox.map((entry) => entry.purchase_id))])}
          ORDER BY id FOR NO KEY UPDATE`
        yield* sql`INSERT INTO billing_outbox (id, purchase_id, intent, created_at, next_attempt_at)
          SELECT entry.id, entry.purchase_id, entry.intent, entry.created_at,
            CASE WHEN row_number() OVER (PARTITION BY entry.purchase_id ORDER BY entry.place) > 1
              OR EXISTS (SELECT FROM billing_outbox AS before
                WHERE before.purchase_id = entry.purchase_id AND before.state = 'waiting')
              THEN 'infinity' ELSE '-infinity' END::timestamptz
          FROM ROWS FROM (json_to_recordset(${JSON.stringify(outbox)}::json)
            AS (id uuid, purchase_id uuid, intent jsonb, created_at timestamptz))
            WITH ORDINALITY AS entry(id, purchase_id, intent, created_at, place)
          ORDER BY entry.place`
      }
      const syncs = syncRows(steps)
      if (syncs.length > 0) {
        yield* sql`INSERT INTO sync_requests (purchase_id, generation, requested_at)
          SELECT purchase_id, nextval('sync_generations'), requested_at
            FROM json_to_recordset(${JSON.stringify(syncs)}::json)
              AS row(purchase_id uuid, requested_at timestamptz)
            ORDER BY purchase_id
          ON CONFLICT (purchase_id) DO UPDATE SET generation = excluded.generation,
            requested_at = excluded.requested_at, reconciling = false, next_attempt_at = '-infinity'`
      }
    })

    /** Within a transaction: keeps the steps whose account has not moved on, and answers whose they are. */
    const keep = Effect.fnUntraced(function*(steps: ReadonlyArray<AccountAppend>) {
      const moved = new Set((yield* moveOn(accountRows(steps))).map(({ userId }) => userId))
      const kept = steps.filter(({ account }) => moved.has(account.userId))
      if (kept.length === 0) return moved
      yield* sql`INSERT INTO subscription_events (user_id, seq, at, event, cause)
        SELECT row.* FROM string_to_table(${eventRows(kept)}, chr(10)) AS line, jsonb_to_record(line::jsonb) AS row(
          user_id uuid, seq integer, at timestamptz, event jsonb, cause jsonb)`
      yield* insertProjections(kept)
      return moved
    })

    const append = Effect.fn("SubscriptionRepository.append")(
      function*(step: AccountAppend) {
        const isInUse = step.request && (yield* recordRequests(sql, [step.request])).length === 0
        if (isInUse) return yield* new BillingAccountConflict({ reason: new KeyInUse() })
        const kept = yield* keep([step])
        if (kept.size === 0) return yield* new BillingAccountConflict({ reason: new AccountMoved() })
      },
      sql.withTransaction,
      Effect.catchReason(
        "SqlError",
        "UniqueViolation",
        () => Effect.fail(new BillingAccountConflict({ reason: new PaymentUsed() }))
      ),
      Effect.catchTags({ SqlError: Effect.die, SchemaError: Effect.die })
    )

    const rest = (users: ReadonlyArray<UserId>, until: DateTime.Utc) =>
      users.length === 0
        ? Effect.void
        : sql`UPDATE subscription_accounts SET resting_until = ${new Date(until.epochMilliseconds)}
              WHERE ${sql.in("user_id", users)}`

    const moveDue = Effect.fn("SubscriptionRepository.moveDue")(
      function*(...[{ limit, now, retryAt }, decide]: Parameters<SubscriptionRepository["Service"]["moveDue"]>) {
        const due = yield* lockDue({ now, limit })
        const accounts = yield* kept.readAll(due)
        const steps = yield* decide(accounts.map(({ state }) => state))
        const moved = steps.length === 0 ? new Set<UserId>() : yield* keep(steps)
        const users = due.map(({ userId }) => userId as UserId)
        yield* rest(users.filter((userId) => !moved.has(userId)), retryAt)
        return { found: due.length, moved }
      },
      sql.withTransaction,
      Effect.orDie
    )

    return SubscriptionRepository.of({
      load: Effect.fnUntraced(function*(id) {
        const [row] = yield* gather([id])
        return row === undefined ? emptyBillingAccount(id) : (yield* decodeAccount(row)).state
      }, Effect.orDie),
      append,
      moveDue,
      ownerOf: Effect.fn("SubscriptionRepository.ownerOf")((id) =>
        selectOwner(id).pipe(Effect.map(Option.map(({ userId }) => userId)), Effect.orDie)
      ),
      purchaseOfMoney: Effect.fn("SubscriptionRepository.purchaseOfMoney")((id) =>
        selectPurchaseOfMoney(id).pipe(Effect.orDie)
      ),
      tiersHeld: selectTiers().pipe(
        Effect.flatMap(tiers.readAll),
        Effect.map((rows) => rows.map(({ tier }) => tier)),
        Effect.orDie,
        Effect.withSpan("SubscriptionRepository.tiersHeld")
      ),
      events: Effect.fn("SubscriptionRepository.events")((id, { before = 2147483647, limit }) =>
        fullPage(
          limit,
          (last: StoredRow | undefined, count) =>
            selectEvents({ id, before: last === undefined ? before : Number(last["seq"]), limit: count }),
          records.readAll
        ).pipe(Effect.orDie)
      ),
      unreadable: Effect.fn("SubscriptionRepository.unreadable")((after, limit) =>
        selectAccounts({ after: after ?? null, limit }).pipe(
          Effect.map((rows) => ({
            unreadable: rows.filter((row) => Option.isNone(kept.peek(row))).map(({ userId }) => userId as UserId),
            last: rows.length < limit ? undefined : rows.at(-1)?.["userId"] as UserId | undefined
          })),
          Effect.orDie
        )
      )
    })
  })
)

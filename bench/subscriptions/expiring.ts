/**
 * S1: subscriptions that are due expire, beside statements that write the same rows.
 */
import { SubscriptionClock } from "@dchat/domain/subscription"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { timed } from "./timed.ts"

const undo = Effect.fail("undone" as const)

const undone = Effect.catchIf((error: unknown) => error === "undone", () => Effect.void)

/** The same rows by statements that know no rules: the account, its event, its purchase. */
const setBased = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`UPDATE subscription_accounts SET version = version + 1, next_due_at = NULL,
      state = jsonb_set(jsonb_set(state, '{subscriptions,0,state}', '"expired"'), '{version}', to_jsonb(version + 1))`
    yield* sql`INSERT INTO subscription_events (user_id, seq, at, event, cause)
      SELECT user_id, version, now(), jsonb_build_object('_tag', 'Expired', 'purchaseId', state #> '{subscriptions,0,id}',
        'endedAt', state #> '{subscriptions,0,paidThrough}'), '{"_tag": "Clock"}' FROM subscription_accounts`
    yield* sql`UPDATE purchases SET state = 'expired', watched_from = NULL`
    return yield* undo
  })).pipe(undone)
})

/** One statement that changes the accounts only. */
const updateAlone = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(
    Effect.andThen(
      sql`UPDATE subscription_accounts SET version = version + 1, next_due_at = NULL,
        state = jsonb_set(state, '{subscriptions,0,state}', '"expired"')`,
      undo
    )
  ).pipe(undone)
})

export const expiring = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const clock = yield* SubscriptionClock
  const alone = yield* timed(updateAlone)
  const sets = yield* timed(setBased)
  yield* sql`VACUUM ANALYZE subscription_accounts`
  const before = process.memoryUsage().rss
  let most = before
  const watching = setInterval(() => most = Math.max(most, process.memoryUsage().rss), 100)
  const swept = yield* timed(clock.sweep)
  clearInterval(watching)
  return { alone, sets, swept, megabytes: { before: before / 1e6, most: most / 1e6 } }
})

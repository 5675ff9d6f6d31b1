/**
 * The history of a large installation: users with sessions and subscriptions, and a year of finished calls.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { fill } from "../subscriptions/accounts.ts"

/** Rows of one statement: each statement stays within the time limit of requests. */
const rowsTogether = 20_000

/** Seconds over which the calls are spread, up to a day ago. */
const year = 364 * 86_400
const day = 86_400

const hex = (number: string, digits: number) => `lpad(to_hex(${number}), ${digits}, '0')`

/** The id of the user with this number, as `fill` makes it. */
const userId = (number: string) => `('01984ab2-0000-7000-8000-' || ${hex(number, 12)})::uuid`

const ranges = (count: number) =>
  Array.from({ length: Math.ceil(count / rowsTogether) }, (_, index) => ({
    from: index * rowsTogether,
    to: Math.min(count, (index + 1) * rowsTogether)
  }))

/** Adds users, each with a session and with a subscription that ended long ago. */
export const addUsers = Effect.fnUntraced(function*(count: number) {
  const sql = yield* SqlClient.SqlClient
  for (const { from, to } of ranges(count)) {
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* fill(from, to)
      // The host has nothing to do for these users while it is measured.
      yield* sql`UPDATE subscription_accounts SET next_due_at = NULL WHERE next_due_at IS NOT NULL`
      yield* sql`UPDATE purchases SET watched_from = NULL WHERE watched_from IS NOT NULL`
      yield* sql.unsafe(`INSERT INTO sessions (id, user_id, token_hash, generation, authenticated_at, created_at,
          last_seen_at, idle_expires_at, absolute_expires_at)
        SELECT gen_random_uuid(), ${userId("n")}, sha256(n::text::bytea), 1, now(), now(), now(),
          now() + interval '30 days', now() + interval '90 days' FROM generate_series(${from}, ${to - 1}) AS n`)
    }))
  }
})

/** Whether the host has moved a call to the finished calls. */
export const hasFinishedCall = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return (yield* sql`SELECT FROM finished_calls LIMIT 1`).length > 0
})

/** Adds finished calls of two of the users each, with a body that the host wrote. */
export const addFinishedCalls = Effect.fnUntraced(function*(count: number, users: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`SELECT add_call_month((now() - make_interval(months => ago))::date) FROM generate_series(0, 13) AS ago`
  for (const { from, to } of ranges(count)) {
    yield* sql.unsafe(
      `WITH sample AS (
        SELECT state_version, format, body FROM finished_calls ORDER BY call_id DESC LIMIT 1
      ), call AS (
        SELECT (${hex("(extract(epoch FROM at) * 1000)::bigint", 12)} || '70008' || ${hex("n", 15)})::uuid AS id, at,
          ${userId("n % $1::int")} AS caller, ${userId("(n + 1 + n / $1::int) % $1::int")} AS callee
        FROM (SELECT n, now() - make_interval(secs => ${day} + n::float8 / ${count} * ${year}) AS at
          FROM generate_series(${from}, ${to - 1}) AS n) AS number
      ), history AS (
        INSERT INTO call_history (user_id, initiated_at, call_id, type, kind, outcome, peers)
        SELECT user_id, at, id, 'audio', 'direct', 'answered', ARRAY[peer] FROM call,
          LATERAL (VALUES (caller, callee), (callee, caller)) AS entry(user_id, peer)
      )
      INSERT INTO finished_calls (call_id, state_version, format, body)
      SELECT id, state_version, format, body FROM call, sample`,
      [users]
    )
  }
  yield* sql`ANALYZE`
})

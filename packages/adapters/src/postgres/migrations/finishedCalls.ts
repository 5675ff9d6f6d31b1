/**
 * Calls that have ended: one row a call and one row for each of its users, in partitions by calendar month (UTC). A
 * month is dropped as a whole. This is a part of the migration `0002_calls`.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const finishedCalls = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  // A UUIDv7 begins with its time, so the ids of a month are a range.
  yield* sql`CREATE TABLE finished_calls (
    call_id uuid NOT NULL,
    state_version smallint NOT NULL,
    format smallint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (call_id)
  ) PARTITION BY RANGE (call_id)`

  // The key is also the order of a history.
  yield* sql`CREATE TABLE call_history (
    user_id uuid NOT NULL,
    initiated_at timestamptz NOT NULL,
    call_id uuid NOT NULL,
    type text NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    peers uuid[] NOT NULL,
    PRIMARY KEY (user_id, initiated_at, call_id)
  ) PARTITION BY RANGE (initiated_at)`

  // A new partition is attached, because this waits for no reader of the table.
  yield* sql`CREATE FUNCTION add_call_month(month date) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      months timestamp[] := ARRAY[date_trunc('month', month::timestamp), date_trunc('month', month::timestamp) + interval '1 month'];
      calls text := 'finished_calls_' || to_char(month, 'YYYYMM');
      history text := 'call_history_' || to_char(month, 'YYYYMM');
    BEGIN
      IF to_regclass(calls) IS NOT NULL AND to_regclass(history) IS NOT NULL THEN RETURN; END IF;
      PERFORM pg_advisory_xact_lock(hashtextextended('dchat call months', 0));
      IF to_regclass(calls) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE finished_calls INCLUDING ALL)', calls);
        EXECUTE format('ALTER TABLE finished_calls ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', calls,
          first_call_id(months[1]), first_call_id(months[2]));
      END IF;
      IF to_regclass(history) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE call_history INCLUDING ALL)', history);
        EXECUTE format('ALTER TABLE call_history ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', history,
          months[1] AT TIME ZONE 'UTC', months[2] AT TIME ZONE 'UTC');
      END IF;
    END
  $$`
  yield* sql`CREATE FUNCTION first_call_id(at timestamp) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
  $$`

  // Readers of another month wait for the drop, which is short. The drop does not wait for long readers.
  yield* sql`CREATE FUNCTION drop_call_months(before timestamptz) RETURNS integer LANGUAGE plpgsql
    SET lock_timeout = '2s' AS $$
    DECLARE
      part record;
      months text[] := '{}';
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('dchat call months', 0));
      FOR part IN
        SELECT relname, right(relname, 6) AS month FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent IN ('finished_calls'::regclass, 'call_history'::regclass)
        ORDER BY relname
      LOOP
        IF (to_date(part.month, 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' <= before THEN
          EXECUTE format('DROP TABLE %I', part.relname);
          months := months || part.month;
        END IF;
      END LOOP;
      RETURN (SELECT count(DISTINCT month) FROM unnest(months) AS month);
    END
  $$`

  yield* sql`SELECT add_call_month((now() AT TIME ZONE 'UTC' + make_interval(months => ahead))::date)
    FROM generate_series(0, 2) AS ahead`
})

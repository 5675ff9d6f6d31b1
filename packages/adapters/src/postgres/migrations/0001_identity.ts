/**
 * Users, their wallets and sessions, and the single-use records of signing in.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const identity = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  // search_name is made by the application, so that every database agrees on letter case; in the C collation a prefix
  // is a range of the index.
  yield* sql`CREATE TABLE users (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('active', 'disabled')),
    display_name text NOT NULL,
    search_name text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX users_search_name ON users (search_name, id) WHERE status = 'active'`

  yield* sql`CREATE TABLE wallets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    kind text NOT NULL CHECK (kind = 'eoa'),
    address text NOT NULL UNIQUE CHECK (address ~ '^0x[0-9a-f]{40}$'),
    is_primary boolean NOT NULL,
    verified_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX wallets_user_id ON wallets (user_id)`
  yield* sql`CREATE UNIQUE INDEX wallets_one_primary ON wallets (user_id) WHERE is_primary`

  yield* sql`CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    authenticated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_expires_at timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent text
  )`
  yield* sql`CREATE INDEX sessions_ended_at ON sessions (LEAST(idle_expires_at, absolute_expires_at, revoked_at))`

  yield* sql`CREATE TABLE siwe_nonces (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    address text NOT NULL,
    chain_id bigint NOT NULL,
    message text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX siwe_nonces_expires_at ON siwe_nonces (expires_at)`

  yield* sql`CREATE TABLE realtime_tickets (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id uuid NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX realtime_tickets_expires_at ON realtime_tickets (expires_at)`
})

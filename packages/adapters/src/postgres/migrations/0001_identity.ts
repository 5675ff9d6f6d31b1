/**
 * Users with their wallets, LinkedIn accounts, activity and sessions, and the single-use records of signing in, linking
 * and merging.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const identity = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  // The application makes search_name, so that every database agrees on letter case; in the C collation a prefix is a
  // range of the index.
  yield* sql`CREATE TABLE users (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('active', 'disabled', 'merged', 'deleted')),
    version integer NOT NULL,
    display_name text NOT NULL,
    name_edited boolean NOT NULL,
    search_name text COLLATE "C" NOT NULL,
    primary_email text,
    company text,
    position text,
    merged_into uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    last_sign_in_at timestamptz,
    CONSTRAINT users_merged_into_check CHECK ((status = 'merged') = (merged_into IS NOT NULL))
  )`
  yield* sql`CREATE INDEX users_search_name ON users (search_name, id) WHERE status = 'active'`
  yield* sql`CREATE INDEX users_merged_into ON users (merged_into) WHERE merged_into IS NOT NULL`

  // An externally owned account is the same wallet on all chains. A contract is another wallet on each chain.
  yield* sql`CREATE TABLE wallets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    kind text NOT NULL,
    address text NOT NULL CHECK (address ~ '^0x[0-9a-f]{40}$'),
    chain_id bigint,
    is_primary boolean NOT NULL,
    verified_at timestamptz NOT NULL,
    CONSTRAINT wallets_kind_check CHECK (kind = CASE WHEN chain_id IS NULL THEN 'eoa' ELSE 'contract' END)
  )`
  yield* sql`CREATE INDEX wallets_user_id ON wallets (user_id)`
  yield* sql`CREATE UNIQUE INDEX wallets_one_primary ON wallets (user_id) WHERE is_primary`
  yield* sql`CREATE UNIQUE INDEX wallets_eoa ON wallets (address) WHERE kind = 'eoa'`
  yield* sql`CREATE UNIQUE INDEX wallets_contract ON wallets (address, chain_id) WHERE kind = 'contract'`

  yield* sql`CREATE TABLE temporary_wallets (
    ref text PRIMARY KEY CHECK (ref ~ '^tmp_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    user_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
  )`
  yield* sql`CREATE UNIQUE INDEX temporary_wallets_live ON temporary_wallets (user_id) WHERE retired_at IS NULL`

  yield* sql`CREATE TABLE linked_accounts (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    provider text NOT NULL CHECK (provider = 'linkedin'),
    client_id text NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    email text,
    email_verified boolean NOT NULL,
    picture text,
    locale text,
    linked_at timestamptz NOT NULL,
    last_sync_at timestamptz NOT NULL,
    CONSTRAINT linked_accounts_subject UNIQUE (provider, client_id, subject),
    CONSTRAINT linked_accounts_one_a_user UNIQUE (user_id, provider, client_id)
  )`

  yield* sql`CREATE TABLE linked_account_tokens (
    account_id uuid PRIMARY KEY REFERENCES linked_accounts ON DELETE CASCADE,
    key_id text NOT NULL,
    ciphertext text NOT NULL,
    expires_at timestamptz,
    scopes text[] NOT NULL
  )`
  yield* sql`CREATE INDEX linked_account_tokens_key_id ON linked_account_tokens (key_id)`
  yield* sql`CREATE INDEX linked_account_tokens_expires_at ON linked_account_tokens (expires_at)`

  // Events keep ids. Names and addresses stay in the tables to which they belong.
  yield* sql`CREATE TABLE identity_events (
    user_id uuid NOT NULL REFERENCES users,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    event jsonb NOT NULL,
    cause jsonb NOT NULL,
    PRIMARY KEY (user_id, seq)
  )`

  yield* sql`CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    generation integer NOT NULL,
    authenticated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_expires_at timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent text,
    address text
  )`
  yield* sql`CREATE INDEX sessions_user_id ON sessions (user_id) WHERE revoked_at IS NULL`
  yield* sql`CREATE INDEX sessions_ended_at ON sessions (LEAST(idle_expires_at, absolute_expires_at, revoked_at))`

  yield* sql`CREATE TABLE former_tokens (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    replaced_until timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX former_tokens_session_id ON former_tokens (session_id)`

  // A key is an id, or the hash of a secret. Changes of these users void a record while it is unused.
  yield* sql`CREATE TABLE single_use (
    kind text NOT NULL,
    key text NOT NULL,
    slot text,
    users uuid[] NOT NULL,
    record jsonb NOT NULL,
    is_used boolean NOT NULL DEFAULT false,
    outcome jsonb CHECK (outcome IS NULL OR is_used),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
  )`
  yield* sql`CREATE UNIQUE INDEX single_use_slot ON single_use (kind, slot) WHERE slot IS NOT NULL`
  yield* sql`CREATE INDEX single_use_users ON single_use USING gin (users) WITH (fastupdate = off)
    WHERE users <> '{}' AND NOT is_used`
  yield* sql`CREATE INDEX single_use_expires_at ON single_use (expires_at)`

  yield* sql`CREATE TABLE secret_checks (
    fingerprint text PRIMARY KEY,
    seen_at timestamptz NOT NULL
  )`
})

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

  yield* sql`CREATE TABLE siwe_nonces (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    address text NOT NULL,
    chain_id bigint NOT NULL,
    message text NOT NULL,
    session_id uuid,
    user_id uuid,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX siwe_nonces_user_id ON siwe_nonces (user_id) WHERE user_id IS NOT NULL`
  yield* sql`CREATE INDEX siwe_nonces_expires_at ON siwe_nonces (expires_at)`

  yield* sql`CREATE TABLE oauth_flows (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    cookie_hash bytea NOT NULL CHECK (octet_length(cookie_hash) = 32),
    session_id uuid,
    user_id uuid,
    generation integer,
    next_token_hash bytea CHECK (octet_length(next_token_hash) = 32),
    return_to text NOT NULL,
    native_flow_id uuid,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'over')),
    finished_by uuid,
    failure text,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX oauth_flows_user_id ON oauth_flows (user_id) WHERE user_id IS NOT NULL`
  yield* sql`CREATE INDEX oauth_flows_expires_at ON oauth_flows (expires_at)`

  yield* sql`CREATE TABLE native_flows (
    id uuid PRIMARY KEY,
    cookie_hash bytea NOT NULL CHECK (octet_length(cookie_hash) = 32),
    redirect_uri text NOT NULL,
    code_challenge text NOT NULL,
    state text NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX native_flows_expires_at ON native_flows (expires_at)`

  yield* sql`CREATE TABLE native_codes (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    user_id uuid NOT NULL,
    proved jsonb NOT NULL,
    proved_at timestamptz NOT NULL,
    redirect_uri text NOT NULL,
    code_challenge text NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX native_codes_user_id ON native_codes (user_id)`
  yield* sql`CREATE INDEX native_codes_expires_at ON native_codes (expires_at)`

  yield* sql`CREATE TABLE merge_tickets (
    session_id uuid PRIMARY KEY,
    generation integer NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    survivor uuid NOT NULL,
    absorbed uuid NOT NULL,
    proved jsonb NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX merge_tickets_survivor ON merge_tickets (survivor)`
  yield* sql`CREATE INDEX merge_tickets_absorbed ON merge_tickets (absorbed)`
  yield* sql`CREATE INDEX merge_tickets_expires_at ON merge_tickets (expires_at)`

  yield* sql`CREATE TABLE realtime_tickets (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id uuid NOT NULL,
    generation integer NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX realtime_tickets_expires_at ON realtime_tickets (expires_at)`

  yield* sql`CREATE TABLE secret_checks (
    fingerprint text PRIMARY KEY,
    seen_at timestamptz NOT NULL
  )`
})

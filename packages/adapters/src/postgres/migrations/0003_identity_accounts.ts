/**
 * LinkedIn accounts, contract wallets, placeholders of wallets, the activity of each user, and the single-use records
 * of linking and merging.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const identityAccounts = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`ALTER TABLE users
    DROP CONSTRAINT users_status_check,
    ADD CONSTRAINT users_status_check CHECK (status IN ('active', 'disabled', 'merged', 'deleted')),
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN merged_into uuid REFERENCES users,
    ADD COLUMN name_edited boolean NOT NULL DEFAULT true,
    ADD COLUMN primary_email text,
    ADD COLUMN company text,
    ADD COLUMN position text,
    ADD COLUMN last_sign_in_at timestamptz,
    ADD CONSTRAINT users_merged_into_check CHECK ((status = 'merged') = (merged_into IS NOT NULL))`
  yield* sql`ALTER TABLE users ALTER COLUMN version DROP DEFAULT, ALTER COLUMN name_edited DROP DEFAULT`
  yield* sql`CREATE INDEX users_merged_into ON users (merged_into) WHERE merged_into IS NOT NULL`

  // An externally owned account is one on all chains; a contract at the same address is another one on each.
  yield* sql`ALTER TABLE wallets
    DROP CONSTRAINT wallets_kind_check,
    DROP CONSTRAINT wallets_address_key,
    ADD COLUMN chain_id bigint,
    ADD CONSTRAINT wallets_kind_check CHECK (kind = CASE WHEN chain_id IS NULL THEN 'eoa' ELSE 'contract' END)`
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

  yield* sql`CREATE TABLE identity_events (
    user_id uuid NOT NULL REFERENCES users,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    event jsonb NOT NULL,
    cause jsonb NOT NULL,
    PRIMARY KEY (user_id, seq)
  )`

  yield* sql`ALTER TABLE sessions
    ADD COLUMN address text,
    ADD COLUMN previous_token_hash bytea UNIQUE CHECK (octet_length(previous_token_hash) = 32),
    ADD COLUMN previous_until timestamptz`
  yield* sql`CREATE INDEX sessions_user_id ON sessions (user_id) WHERE revoked_at IS NULL`

  yield* sql`ALTER TABLE siwe_nonces ADD COLUMN session_id uuid`

  yield* sql`CREATE TABLE oauth_flows (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    cookie_hash bytea NOT NULL CHECK (octet_length(cookie_hash) = 32),
    session_id uuid,
    return_to text NOT NULL,
    native_flow_id uuid,
    expires_at timestamptz NOT NULL
  )`
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
    redirect_uri text NOT NULL,
    code_challenge text NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX native_codes_expires_at ON native_codes (expires_at)`

  yield* sql`CREATE TABLE merge_tickets (
    session_id uuid PRIMARY KEY,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    survivor uuid NOT NULL,
    absorbed uuid NOT NULL,
    expires_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX merge_tickets_expires_at ON merge_tickets (expires_at)`

  yield* sql`CREATE TABLE secret_checks (
    fingerprint text PRIMARY KEY,
    seen_at timestamptz NOT NULL
  )`
})

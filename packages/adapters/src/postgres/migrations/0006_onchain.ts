/**
 * Payments on chains: how far each chain was read, the transfers and the owners of tokens that were found, the value of
 * provisional payments, and the wallets to which payments were quoted.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export const onchain = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  yield* sql`CREATE TABLE chain_scans (
    chain_id bigint PRIMARY KEY,
    holder text NOT NULL,
    token bigint NOT NULL,
    leased_until timestamptz NOT NULL,
    read_at timestamptz,
    halted text,
    ignored bigint NOT NULL DEFAULT 0
  )`

  yield* sql`CREATE TABLE chain_tracks (
    chain_id bigint NOT NULL REFERENCES chain_scans,
    name text NOT NULL CHECK (name IN ('tip', 'settled')),
    track jsonb NOT NULL,
    read_to bigint,
    PRIMARY KEY (chain_id, name)
  )`

  // In the C collation ids have one order on every database, and an index of them is smaller.
  yield* sql`CREATE TABLE chain_transfers (
    external_id text COLLATE "C" PRIMARY KEY,
    chain_id bigint NOT NULL,
    block_number bigint NOT NULL,
    stage text NOT NULL CHECK (stage IN ('included', 'provisional', 'settled', 'final', 'dropped')),
    moved jsonb NOT NULL,
    verdict jsonb NOT NULL,
    revision integer NOT NULL,
    is_told boolean NOT NULL,
    seen_at timestamptz NOT NULL
  )`
  yield* sql`CREATE INDEX chain_transfers_block ON chain_transfers (chain_id, block_number, external_id)`
  yield* sql`CREATE INDEX chain_transfers_settled ON chain_transfers (chain_id, block_number, external_id)
    WHERE stage = 'settled'`
  yield* sql`CREATE INDEX chain_transfers_untold ON chain_transfers
    (chain_id, (stage <> 'dropped'), block_number, external_id) WHERE NOT is_told`
  yield* sql`CREATE INDEX chain_transfers_inbox ON chain_transfers (seen_at, external_id)
    WHERE verdict ->> '_tag' = 'Unmatched' AND stage <> 'dropped'`

  yield* sql`CREATE TABLE chain_tokens (
    chain_id bigint NOT NULL,
    contract text COLLATE "C" NOT NULL,
    token_id numeric(78, 0) NOT NULL,
    owner text,
    PRIMARY KEY (chain_id, contract, token_id)
  )`
  yield* sql`CREATE INDEX chain_tokens_owner ON chain_tokens (chain_id, owner, contract, token_id)
    WHERE owner IS NOT NULL`

  yield* sql`CREATE TABLE chain_exposures (
    external_id text PRIMARY KEY,
    user_id uuid NOT NULL,
    currency text NOT NULL,
    minor_units numeric(78, 0) NOT NULL CHECK (minor_units >= 0)
  )`

  // A time of infinity: until the transfer is settled or dropped.
  yield* sql`CREATE TABLE quoted_wallets (
    payment_id uuid NOT NULL,
    chain_id bigint NOT NULL,
    payer text NOT NULL,
    user_id uuid NOT NULL REFERENCES subscription_accounts,
    quoted_at timestamptz NOT NULL,
    is_unpaid boolean NOT NULL,
    awaited_until timestamptz,
    native_until timestamptz,
    PRIMARY KEY (payment_id, chain_id, payer)
  )`
  yield* sql`CREATE INDEX quoted_wallets_payer ON quoted_wallets (chain_id, payer, is_unpaid, quoted_at, payment_id)`
  yield* sql`CREATE INDEX quoted_wallets_awaited ON quoted_wallets (chain_id, awaited_until)
    WHERE awaited_until IS NOT NULL`
  yield* sql`CREATE INDEX quoted_wallets_native ON quoted_wallets (chain_id, native_until)
    WHERE native_until IS NOT NULL`
})

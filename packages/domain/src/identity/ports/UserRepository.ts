/**
 * Port: people as others find and see them.
 */
import { Context, type Effect } from "effect"
import type { User } from "../model/User.ts"
import type { UserId } from "../model/UserId.ts"
import type { Wallet } from "../model/Wallet.ts"
import type { WalletAddress } from "../model/WalletAddress.ts"

export class UserRepository extends Context.Service<UserRepository, {
  /** The people with these ids, whatever their status, by id; unknown ids are left out. */
  findByIds(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<User>>
  /** Who holds a wallet of this address on any chain, whatever their status, by id. */
  findByAddress(address: WalletAddress): Effect.Effect<ReadonlyArray<User>>
  /** Active people whose name in its `searchForm` begins with this, ordered by that form, then id. */
  findByNamePrefix(prefix: string, limit: number): Effect.Effect<ReadonlyArray<User>>
  /** The wallets of these people: by person, the primary one first, then in the order they were verified. */
  walletsOf(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<Wallet>>
  /** Those of these people who have proved a LinkedIn account. */
  withLinkedIn(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
  /** Who those of these people who were merged are by now: the survivor, by the id that was asked for. */
  survivorsOf(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyMap<UserId, UserId>>
}>()("@dchat/domain/identity/UserRepository") {}

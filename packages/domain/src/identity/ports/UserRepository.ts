/**
 * Port: users as other users find and see them.
 */
import { Context, type Effect } from "effect"
import type { User } from "../model/User.ts"
import type { UserId } from "../model/UserId.ts"
import type { Wallet } from "../model/Wallet.ts"
import type { WalletAddress } from "../model/WalletAddress.ts"

export class UserRepository extends Context.Service<UserRepository, {
  /** The users with these ids, whatever their status, by id. Unknown ids are left out. */
  findByIds(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<User>>
  /** The users who hold a wallet with this address on any chain, whatever their status, by id. */
  findByAddress(address: WalletAddress): Effect.Effect<ReadonlyArray<User>>
  /** Active users whose name in its `searchForm` begins with this prefix, ordered by that form, then id. */
  findByNamePrefix(prefix: string, limit: number): Effect.Effect<ReadonlyArray<User>>
  /** The wallets of these users: by user, the primary wallet first, then in order of verification. */
  walletsOf(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<Wallet>>
  /** The users among these who have proved a LinkedIn account. */
  withLinkedIn(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
  /** The current survivor of each of these users who was merged, by the requested id. */
  survivorsOf(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyMap<UserId, UserId>>
}>()("@dchat/domain/identity/UserRepository") {}

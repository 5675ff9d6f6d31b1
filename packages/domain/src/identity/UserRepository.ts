/**
 * Port: where people and their wallets are kept.
 */
import { Context, type Effect, type Option } from "effect"
import type { DisplayName } from "./DisplayName.ts"
import type { User } from "./User.ts"
import type { UserId } from "./UserId.ts"
import type { Wallet } from "./Wallet.ts"
import type { WalletAddress } from "./WalletAddress.ts"

export class UserRepository extends Context.Service<UserRepository, {
  /** The people with these ids, whatever their status, by id; unknown ids are left out. */
  findByIds(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<User>>
  /** The person who holds this wallet, whatever their status. */
  findByWallet(address: WalletAddress): Effect.Effect<Option.Option<User>>
  /**
   * Keeps a new person with their first wallet and returns them; or, if the address belongs to somebody already,
   * keeps nothing and returns that person. Atomic: any number of calls at once for one address make one person.
   */
  createOrLoadByWallet(user: User, wallet: Wallet): Effect.Effect<User>
  /** Gives a person another name and returns them so; nobody for an unknown id. */
  rename(id: UserId, displayName: DisplayName): Effect.Effect<Option.Option<User>>
  /** Active people whose name in its `searchForm` begins with this, ordered by that form, then id. */
  findByNamePrefix(prefix: string, limit: number): Effect.Effect<ReadonlyArray<User>>
  /** The wallets of these people: by person, the primary one first, then in the order they were verified. */
  walletsOf(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<Wallet>>
}>()("@dchat/domain/identity/UserRepository") {}

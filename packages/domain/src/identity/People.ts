/**
 * The users whom a user can find and call.
 */
import { Array, Context, Effect, Layer, Option, Schema } from "effect"
import { DisplayName, searchForm } from "./model/DisplayName.ts"
import { UserNotFound } from "./model/IdentityErrors.ts"
import type { User } from "./model/User.ts"
import { UserId } from "./model/UserId.ts"
import { WalletAddress, WalletAddressFromAnyCase } from "./model/WalletAddress.ts"
import { Presence } from "./ports/Presence.ts"
import { UserRepository } from "./ports/UserRepository.ts"

/** The public profile of a user. */
export const Person = Schema.Struct({
  id: UserId,
  displayName: DisplayName,
  /** The address of the primary wallet, which the user has proved to hold. The name is only chosen. */
  wallet: Schema.optionalKey(WalletAddress),
  /** Present if the user has proved to hold a LinkedIn account. */
  linkedin: Schema.optionalKey(Schema.Literal("verified")),
  online: Schema.Boolean
})
export type Person = typeof Person.Type

/** Maximum number of users that a search returns. */
export const maxPeopleFound = 20

export class People extends Context.Service<People, {
  /**
   * Active users whose name begins with the query, ignoring case, or whose wallet has exactly this address. Returns at
   * most `maxPeopleFound` users in a stable order; none for a blank query.
   */
  find(query: string): Effect.Effect<ReadonlyArray<Person>>
  /** An active user. The id of a merged user finds the survivor. */
  get(id: UserId): Effect.Effect<Person, UserNotFound>
  /** The active users with these ids, by id. The id of a merged user finds the survivor. */
  getAll(ids: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<Person>>
}>()("@dchat/domain/identity/People") {
  static readonly layer = Layer.effect(
    People,
    Effect.gen(function*() {
      const users = yield* UserRepository
      const presence = yield* Presence

      const present = Effect.fnUntraced(function*(found: ReadonlyArray<User>) {
        const active = found.filter((user) => user.status === "active")
        if (active.length === 0) return []
        const ids = active.map((user) => user.id)
        const [wallets, verified, online] = yield* Effect.all(
          [users.walletsOf(ids), users.withLinkedIn(ids), presence.online(ids)],
          { concurrency: "unbounded" }
        )
        const primary = new Map(
          wallets.filter((wallet) => wallet.isPrimary).map(({ address, userId }) => [userId, address])
        )
        return active.map((user) => personOf(user, primary.get(user.id), verified.has(user.id), online.has(user.id)))
      })

      const find = Effect.fn("People.find")(function*(query: string) {
        const text = searchForm(query)
        if (text === "") return []
        const address = Schema.decodeOption(WalletAddressFromAnyCase)(text)
        return yield* present(
          Option.isSome(address)
            ? yield* users.findByAddress(address.value)
            : yield* users.findByNamePrefix(text, maxPeopleFound)
        )
      })

      const getAll = Effect.fn("People.getAll")(function*(ids: ReadonlyArray<UserId>) {
        if (ids.length === 0) return []
        const survivors = yield* users.survivorsOf(ids)
        return yield* present(yield* users.findByIds([...new Set(ids.map((id) => survivors.get(id) ?? id))]))
      })

      const get = Effect.fn("People.get")(function*(id: UserId) {
        const person = Array.head(yield* getAll([id]))
        if (Option.isNone(person)) return yield* new UserNotFound({ userId: id })
        return person.value
      })

      return People.of({ find, get, getAll })
    })
  )
}

const personOf = (
  { displayName, id }: User,
  wallet: WalletAddress | undefined,
  isVerified: boolean,
  online: boolean
): Person => ({
  id,
  displayName,
  ...(wallet === undefined ? {} : { wallet }),
  ...(isVerified ? { linkedin: "verified" as const } : {}),
  online
})

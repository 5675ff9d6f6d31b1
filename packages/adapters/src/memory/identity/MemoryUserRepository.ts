/**
 * Finds users among the identities in memory: for tests and examples.
 */
import { type Identity, searchForm, type User, type UserId, UserRepository, type Wallet } from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Order } from "effect"
import { MemoryIdentityStore } from "./MemoryIdentityStore.ts"

const bySearchForm = Order.combine(
  Order.mapInput(Order.String, (user: User) => searchForm(user.displayName)),
  Order.mapInput(Order.String, (user: User) => user.id)
)
const byId = Order.mapInput(Order.String, (user: User) => user.id)
const byPerson = Order.combineAll([
  Order.mapInput(Order.String, (wallet: Wallet) => wallet.userId),
  Order.mapInput(Order.Boolean, (wallet: Wallet) => !wallet.isPrimary),
  Order.mapInput(DateTime.Order, (wallet: Wallet) => wallet.verifiedAt),
  Order.mapInput(Order.String, (wallet: Wallet) => wallet.id)
])

const userOf = ({ createdAt, displayName, id, status }: Identity): User => ({ id, status, displayName, createdAt })

export const layer = Layer.effect(
  UserRepository,
  Effect.gen(function*() {
    const { identities } = yield* MemoryIdentityStore

    const people = (is: (identity: Identity) => boolean) => [...identities.values()].filter(is).map(userOf)
    const survivorOf = (id: UserId): UserId | undefined => {
      const into = identities.get(id)?.mergedInto
      return into === undefined ? undefined : survivorOf(into) ?? into
    }

    return UserRepository.of({
      findByIds: (ids) => Effect.sync(() => people(({ id }) => ids.includes(id)).toSorted(byId)),
      findByAddress: (address) =>
        Effect.sync(() => people(({ wallets }) => wallets.some((own) => own.address === address)).toSorted(byId)),
      findByNamePrefix: (prefix, limit) =>
        Effect.sync(() =>
          people(({ displayName, status }) => status === "active" && searchForm(displayName).startsWith(prefix))
            .toSorted(bySearchForm)
            .slice(0, limit)
        ),
      walletsOf: (ids) =>
        Effect.sync(() =>
          [...identities.values()].filter(({ id }) => ids.includes(id)).flatMap(({ wallets }) => wallets).toSorted(
            byPerson
          )
        ),
      withLinkedIn: (ids) =>
        Effect.sync(() => new Set(ids.filter((id) => (identities.get(id)?.accounts.length ?? 0) > 0))),
      survivorsOf: (ids) =>
        Effect.sync(() =>
          new Map(ids.flatMap((id) => {
            const survivor = survivorOf(id)
            return survivor === undefined ? [] : [[id, survivor]]
          }))
        )
    })
  })
)

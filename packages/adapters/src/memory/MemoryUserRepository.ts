/**
 * Keeps people in maps: for tests and examples.
 */
import {
  searchForm,
  type User,
  type UserId,
  UserRepository,
  type Wallet,
  type WalletAddress
} from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option, Order } from "effect"

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

export const layer = Layer.sync(UserRepository, () => {
  const users = new Map<UserId, User>()
  const wallets = new Map<WalletAddress, Wallet>()

  const holderOf = (address: WalletAddress) =>
    Option.fromUndefinedOr(wallets.get(address)).pipe(
      Option.flatMapNullishOr((wallet) => users.get(wallet.userId))
    )

  return UserRepository.of({
    findByIds: (ids) => Effect.sync(() => [...users.values()].filter((user) => ids.includes(user.id)).toSorted(byId)),
    findByWallet: (address) => Effect.sync(() => holderOf(address)),
    createOrLoadByWallet: (user, wallet) =>
      Effect.sync(() =>
        Option.getOrElse(holderOf(wallet.address), () => {
          users.set(user.id, user)
          wallets.set(wallet.address, wallet)
          return user
        })
      ),
    rename: (id, displayName) =>
      Effect.sync(() => {
        const renamed = Option.map(Option.fromUndefinedOr(users.get(id)), (user) => ({ ...user, displayName }))
        if (Option.isSome(renamed)) users.set(id, renamed.value)
        return renamed
      }),
    findByNamePrefix: (prefix, limit) =>
      Effect.sync(() =>
        [...users.values()]
          .filter((user) => user.status === "active" && searchForm(user.displayName).startsWith(prefix))
          .toSorted(bySearchForm)
          .slice(0, limit)
      ),
    walletsOf: (ids) =>
      Effect.sync(() => [...wallets.values()].filter((wallet) => ids.includes(wallet.userId)).toSorted(byPerson))
  })
})

/**
 * Implements `LinkedWallets`: the wallets that users have linked to their identities. A temporary wallet is none of them,
 * because nobody has proved to hold it.
 */
import { IdentityRepository, UserRepository, type Wallet } from "@dchat/domain/identity"
import { type LinkedWallet, LinkedWallets } from "@dchat/domain/onchain"
import { Effect, Layer, Option } from "effect"

const linked = ({ address, chainId, isPrimary }: Wallet): LinkedWallet =>
  chainId === undefined ? { address, isPrimary } : { address, chainId, isPrimary }

export const layer = Layer.effect(
  LinkedWallets,
  Effect.gen(function*() {
    const users = yield* UserRepository
    const identities = yield* IdentityRepository

    return LinkedWallets.of({
      of: Effect.fn("LinkedWallets.of")(function*(userId) {
        const wallets = yield* users.walletsOf([userId])
        return wallets.map(linked)
      }),
      // A contract with the address of an externally owned account is that account with code (EIP-7702).
      ownerOf: Effect.fn("LinkedWallets.ownerOf")(function*(chainId, address) {
        const contract = yield* identities.ownerOfWallet({ kind: "contract", chainId, address })
        const owner = Option.isSome(contract) ? contract : yield* identities.ownerOfWallet({ kind: "eoa", address })
        return Option.getOrUndefined(owner)
      })
    })
  })
)

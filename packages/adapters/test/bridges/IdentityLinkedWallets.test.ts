import { IdentityLinkedWallets } from "@dchat/adapters/bridges"
import { MemoryIdentity } from "@dchat/adapters/memory"
import { PgIdentity } from "@dchat/adapters/postgres"
import { ChainId, type IdentityRepository, type UserRepository } from "@dchat/domain/identity"
import { LinkedWallets } from "@dchat/domain/onchain"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  happened,
  signUp,
  someAccount,
  someAddress,
  someUserId,
  someWallet
} from "../../../domain/src/contracts/support/identityFixtures.ts"
import { backends } from "../support/TestDatabase.ts"

const [base, polygon] = [ChainId.make(8453), ChainId.make(137)]

const findsWallets = <E>(name: string, ports: Layer.Layer<IdentityRepository | UserRepository, E>) =>
  layer(IdentityLinkedWallets.layer.pipe(Layer.provideMerge(ports)))(name, (it) => {
    it.effect("lists the wallets of a user, the primary one first, with the chain of each contract", () =>
      Effect.gen(function*() {
        const { of } = yield* LinkedWallets
        const [own, contract] = [someWallet(), someWallet({ kind: "contract", chainId: base })]
        const { id } = yield* signUp({ wallets: [own, contract] })
        const listed = [
          { address: own.address, isPrimary: true },
          { address: contract.address, chainId: base, isPrimary: false }
        ]
        assert.deepStrictEqual(yield* of(id), listed)
        yield* happened(id, { _tag: "PrimaryWalletChanged", walletId: contract.id })
        assert.deepStrictEqual(yield* of(id), [
          { address: contract.address, chainId: base, isPrimary: true },
          { address: own.address, isPrimary: false }
        ])
      }))

    it.effect("lists no wallet for a user who has a temporary wallet only, and for an unknown user", () =>
      Effect.gen(function*() {
        const { of } = yield* LinkedWallets
        const user = yield* signUp({ accounts: [someAccount()] })
        assert.isDefined(user.temporaryWallet)
        assert.deepStrictEqual(yield* of(user.id), [])
        assert.deepStrictEqual(yield* of(someUserId()), [])
      }))

    it.effect("finds the owner of an externally owned account on every chain, of a contract on its chain only", () =>
      Effect.gen(function*() {
        const { ownerOf } = yield* LinkedWallets
        const [own, contract] = [someWallet(), someWallet({ kind: "contract", chainId: base })]
        const { id } = yield* signUp({ wallets: [own, contract] })
        assert.strictEqual(yield* ownerOf(base, own.address), id)
        assert.strictEqual(yield* ownerOf(polygon, own.address), id)
        assert.strictEqual(yield* ownerOf(base, contract.address), id)
        assert.isUndefined(yield* ownerOf(polygon, contract.address))
        assert.isUndefined(yield* ownerOf(base, someAddress()))
      }))

    it.effect("finds the user who linked the contract on this chain before the one who linked the address itself", () =>
      Effect.gen(function*() {
        const { ownerOf } = yield* LinkedWallets
        const address = someAddress()
        const ann = yield* signUp({ wallets: [someWallet({ address })] })
        const bob = yield* signUp({ wallets: [someWallet({ address, kind: "contract", chainId: base })] })
        assert.strictEqual(yield* ownerOf(base, address), bob.id)
        assert.strictEqual(yield* ownerOf(polygon, address), ann.id)
      }))

    it.effect("forgets a wallet that was unlinked", () =>
      Effect.gen(function*() {
        const { of, ownerOf } = yield* LinkedWallets
        const [first, second] = [someWallet(), someWallet()]
        const { id } = yield* signUp({ wallets: [first, second] })
        yield* happened(id, { _tag: "WalletUnlinked", walletId: second.id })
        assert.deepStrictEqual(yield* of(id), [{ address: first.address, isPrimary: true }])
        assert.isUndefined(yield* ownerOf(base, second.address))
      }))
  })

findsWallets("IdentityLinkedWallets in memory", MemoryIdentity.layer)
for (const { layer: database, name } of backends) {
  findsWallets(`IdentityLinkedWallets on ${name}`, PgIdentity.layer.pipe(Layer.provide(database)))
}

import { assert, layer } from "@effect/vitest"
import { Array, Effect, type Layer } from "effect"
import { ChainLedger, mostTokens } from "../onchain/index.ts"
import { leased, pageOf, someChain } from "./support/chainSteps.ts"
import { someAddress } from "./support/identityFixtures.ts"

/** The part of the contract of `ChainLedger` about the owners of tokens. */
export const chainTokensContract = <E>(name: string, subject: Layer.Layer<ChainLedger, E>): void =>
  layer(subject, { excludeTestServices: true })(`${name}, tokens`, (it) => {
    it.effect("keeps the owner of each token, whatever its number", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const { chainId } = lease
        const [contract, ann, bob] = [someAddress(), someAddress(), someAddress()]
        const large = 2n ** 256n - 1n
        yield* ledger.commit(
          lease,
          pageOf([], {
            tokens: [
              { contract, tokenId: large, owner: bob },
              { contract, tokenId: 10n, owner: ann },
              { contract, tokenId: 9n, owner: ann },
              { contract, tokenId: large, owner: ann }
            ]
          })
        )
        const tokensOf = (owner: typeof ann) =>
          Effect.map(ledger.tokensOf(chainId, owner), (tokens) => tokens.map(({ tokenId }) => tokenId))
        assert.deepStrictEqual(yield* tokensOf(ann), [9n, 10n, large])
        assert.deepStrictEqual(yield* ledger.tokensOf(someChain(), ann), [])
        yield* ledger.commit(
          lease,
          pageOf([], { tokens: [{ contract, tokenId: 9n, owner: undefined }, { contract, tokenId: 10n, owner: bob }] })
        )
        assert.deepStrictEqual(yield* tokensOf(ann), [large])
        assert.deepStrictEqual(yield* ledger.tokensOf(chainId, bob), [{ contract, tokenId: 10n, owner: bob }])
        assert.deepStrictEqual(yield* ledger.token(chainId, contract, large), { contract, tokenId: large, owner: ann })
        const burnt = { contract, tokenId: 9n, owner: undefined }
        assert.deepStrictEqual(yield* ledger.token(chainId, contract, 9n), burnt)
        assert.isUndefined(yield* ledger.token(chainId, contract, 11n))
        yield* ledger.setOwner(chainId, { contract, tokenId: 0n, owner: bob })
        yield* ledger.setOwner(chainId, { contract, tokenId: 10n, owner: undefined })
        assert.deepStrictEqual(yield* tokensOf(bob), [0n])

        const other = someAddress()
        yield* ledger.setOwner(chainId, { contract: other, tokenId: 5n, owner: bob })
        const after = (last: Parameters<typeof ledger.tokensAfter>[1], limit: number) =>
          ledger.tokensAfter(chainId, last, limit)
        const all = yield* after(undefined, 10)
        const ids = [0n, 9n, 10n, large]
        assert.deepStrictEqual(all.filter((it) => it.contract === contract).map(({ tokenId }) => tokenId), ids)
        assert.deepStrictEqual(all.map((it) => it.contract), all.map((it) => it.contract).toSorted())
        assert.lengthOf(all, 5)
        for (const [index, last] of all.entries()) {
          assert.deepStrictEqual(yield* after(last, 2), all.slice(index + 1, index + 3))
        }
      }))

    it.effect("lists a bounded number of tokens of a wallet", () =>
      Effect.gen(function*() {
        const ledger = yield* ChainLedger
        const lease = yield* leased
        const [contract, owner] = [someAddress(), someAddress()]
        const tokens = Array.makeBy(mostTokens + 1, (index) => ({ contract, tokenId: BigInt(index), owner }))
        yield* ledger.commit(lease, pageOf([], { tokens }))
        assert.deepStrictEqual(yield* ledger.tokensOf(lease.chainId, owner), tokens.slice(0, mostTokens))
      }))
  })

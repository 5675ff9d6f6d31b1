import { EvmContractSubscriptions } from "@dchat/adapters/viem"
import { ContractSubscriptions } from "@dchat/domain/onchain"
import { formerSubscriptions, isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { addressOf, chainOf, newAccount } from "../endpoint/support/Payments.ts"

const tomorrow = Effect.map(DateTime.now, (now) => BigInt(Math.floor(now.epochMilliseconds / 1000)) + 86_400n)

/** The chain with a contract of the former system, and what the contract says about a new wallet. */
const set = Effect.gen(function*() {
  const test = yield* TestChain
  const [owner = assert.fail("no account")] = test.accounts
  const contract = yield* test.deploy(formerSubscriptions.contracts.FormerSubscriptions)
  const wallet = newAccount().address
  const chain = chainOf(test, newAccount().address, { subscriptionManager: addressOf(contract.address) })
  const entries = Effect.flatMap(ContractSubscriptions, ({ of }) => of(chain, addressOf(wallet))).pipe(
    Effect.provide(EvmContractSubscriptions.layer([{ chainId: chain.chainId, rpcUrls: [test.url] }]))
  )
  const subscribe = (id: bigint, tier: number, status: number, endTime: bigint) =>
    test.write(owner, contract, "setSubscription", [wallet, id, tier, status, endTime])
  const hold = (id: bigint, tier: number, active: boolean) =>
    test.write(owner, contract, "setMembership", [wallet, id, tier, active])
  return { entries, subscribe, hold }
})

layer(TestChain.layer(), { excludeTestServices: true })("The contract of the former system", (it) => {
  it.effect.skipIf(isLeftOut)("says what a wallet has, and until when", () =>
    Effect.gen(function*() {
      const { entries, hold, subscribe } = yield* set
      assert.deepStrictEqual(yield* entries, [])
      const end = yield* tomorrow
      yield* subscribe(12n, 1, 0, end)
      yield* hold(3n, 2, true)
      assert.deepStrictEqual(yield* entries, [
        { name: "subscription 12", tier: "PRO", until: DateTime.makeUnsafe(Number(end) * 1000) },
        { name: "membership 3", tier: "ENTERPRISE" }
      ])
    }))

  it.effect.skipIf(isLeftOut)(
    "counts nothing that has ended, was cancelled or refunded, or has no tier",
    () =>
      Effect.gen(function*() {
        const { entries, hold, subscribe } = yield* set
        const end = yield* tomorrow
        for (
          const [tier, status, endTime] of [[1, 0, 1n], [1, 2, end], [1, 3, end], [0, 0, end], [7, 0, end]] as const
        ) {
          yield* subscribe(1n, tier, status, endTime)
          assert.deepStrictEqual(yield* entries, [])
        }
        yield* hold(1n, 1, false)
        assert.deepStrictEqual(yield* entries, [])
        yield* subscribe(2n, 2, 0, 2n ** 256n - 1n)
        assert.strictEqual((yield* entries)[0]?.tier, "ENTERPRISE")
      })
  )
})

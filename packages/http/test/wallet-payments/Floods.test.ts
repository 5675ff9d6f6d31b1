import { ChainLedger } from "@dchat/domain/onchain"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  makePayer,
  makeStranger,
  order,
  type Payer,
  paymentOf,
  read,
  reasons,
  settled
} from "../support/chain/Scene.ts"
import { TestHost } from "../support/TestHost.ts"

describe.skipIf(isLeftOut)("A flood", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect(
      "of tiny transfers is counted and not stored, and a payment among them is found",
      () =>
        Effect.gen(function*() {
          const chain = yield* TestChain
          const ledger = yield* ChainLedger
          const [payer, stranger] = [yield* makePayer, yield* makeStranger]
          const { amount, id, to } = yield* order(payer)
          const { usdc } = chain.contracts
          const dust = 300
          const first = yield* Effect.promise(() => chain.client.getTransactionCount({ address: stranger.address }))
          const hashes = yield* Effect.forEach(
            Array.from({ length: dust }, (_, index) => index),
            (index) =>
              chain.write(stranger, usdc, "transfer", [to, 1n + BigInt(index)], { nonce: first + index, gas: 100_000n })
          )
          yield* chain.transfer(usdc, payer.account, to, amount)
          yield* settled
          yield* assertPaid(payer, id)
          assert.deepStrictEqual(yield* reasons(hashes[0] ?? "0x"), [])
          const [status] = yield* ledger.status
          assert.isAtLeast(status?.ignored ?? 0, dust)
        }),
      60_000
    )

    it.effect("of 1,000 payments in one block settles each once", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const ledger = yield* ChainLedger
        const { signIn } = yield* TestHost
        const { usdc } = chain.contracts
        const [deployer = assert.fail("no account")] = chain.accounts
        const { client } = chain
        const count = 1000
        const users = yield* Effect.forEach(
          Array.from({ length: count }, () => generatePrivateKey()),
          (key) => Effect.map(signIn(key), (somebody): Payer => ({ key, account: privateKeyToAccount(key), somebody })),
          { concurrency: 8 }
        )
        yield* Effect.promise(async () => {
          for (const { account } of users) await client.setBalance({ address: account.address, value: 10n ** 18n })
          await client.setBlockGasLimit({ gasLimit: 1_000_000_000n })
        })
        const nonce = yield* Effect.promise(() => client.getTransactionCount({ address: deployer.address }))
        yield* Effect.forEach(users, ({ account }, index) =>
          chain.write(deployer, usdc, "mint", [account.address, 10_000_000n], { nonce: nonce + index, gas: 100_000n }))
        yield* chain.mine(1)
        const orders = yield* Effect.forEach(
          users,
          (payer) =>
            Effect.map(order(payer), (placed) => ({ payer, ...placed })),
          { concurrency: 8 }
        )
        yield* Effect.forEach(
          orders,
          ({ amount, payer, to }) =>
            chain.write(payer.account, usdc, "transfer", [to, amount], { nonce: 0, gas: 100_000n }),
          { concurrency: 8 }
        )
        yield* chain.mine(1)
        const { transactions } = yield* Effect.promise(() =>
          client.getBlock()
        )
        assert.strictEqual(transactions.length, count)
        yield* settled
        const paid = yield* Effect.forEach(orders, ({ id, payer }) => paymentOf(payer, id), { concurrency: 8 })
        assert.isTrue(paid.every(({ state }) => state === "settled"))
        assert.strictEqual(new Set(paid.map(({ transfer }) => transfer.transactionHash)).size, count)
        assert.deepStrictEqual(yield* ledger.inbox({ limit: 10 }), [])
        yield* settled
        yield* read
        const again = yield* Effect.forEach(orders, ({ id, payer }) => paymentOf(payer, id), { concurrency: 8 })
        assert.deepStrictEqual(again, paid)
      }), 120_000)
  })
})

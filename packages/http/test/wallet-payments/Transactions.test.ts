import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Address, encodeFunctionData, erc20Abi, type Hex } from "viem"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  inspected,
  makeContractPayer,
  makePayer,
  makeStranger,
  order,
  paymentOf,
  planOf,
  settled
} from "../support/chain/Scene.ts"

const transferOf = (to: Address, amount: bigint): Hex =>
  encodeFunctionData({ abi: erc20Abi, functionName: "transfer", args: [to, amount] })

describe.skipIf(isLeftOut)("A transaction", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    /** The call of a contract wallet that calls another contract. */
    const execution = Effect.fnUntraced(function*(target: Address, data: Hex, value = 0n) {
      const { abi } = yield* (yield* TestChain).deploySmartWallet(target)
      return encodeFunctionData({ abi, functionName: "execute", args: [target, value, data] })
    })

    it.effect("that failed pays nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount * 1_000_000n)
        yield* settled
        yield* assertUnpaid(payer, id)
        assert.deepStrictEqual(yield* inspected(payer, id, hash), { state: "failed" })
        yield* assertWaits(hash)
      }))

    it.effect("of a bundler pays for the contract wallet that its log names", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, bundler] = [yield* makeContractPayer, yield* makePayer]
        const own = yield* order(payer)
        const ofBundler = yield* order(bundler)
        const callData = yield* execution(chain.contracts.usdc.address, transferOf(own.to, own.amount))
        const hash = yield* chain.bundle(bundler.account, [{ sender: payer.wallet.address, callData }])
        yield* settled
        yield* assertPaid(payer, own.id)
        yield* assertUnpaid(bundler, ofBundler.id)
        const reason = "already_paid"
        assert.deepStrictEqual(yield* inspected(bundler, ofBundler.id, hash), { state: "misfit", reason })
      }))

    it.effect("of a bundler that succeeded pays nothing by an operation that failed", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [payer, other] = [yield* makeContractPayer, yield* makeContractPayer]
        const [bundler = assert.fail("no account")] = chain.accounts
        const failing = yield* order(payer)
        const succeeding = yield* order(other)
        const callData = yield* execution(
          chain.contracts.usdc.address,
          transferOf(failing.to, failing.amount * 1_000_000n)
        )
        const good = yield* execution(chain.contracts.usdc.address, transferOf(succeeding.to, succeeding.amount))
        const hash = yield* chain.bundle(bundler, [
          { sender: payer.wallet.address, callData },
          { sender: other.wallet.address, callData: good }
        ])
        yield* settled
        assert.strictEqual((yield* chain.include(hash)).status, "success")
        yield* assertUnpaid(payer, failing.id)
        yield* assertPaid(other, succeeding.id)
        assert.strictEqual((yield* inspected(payer, failing.id, hash)).state, "misfit")
      }))

    it.effect("of a bundler pays for an ordinary account that has code (EIP-7702)", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const bundler = yield* makeStranger
        const { address } = yield* chain.deploySmartWallet(payer.account.address)
        const { chainId } = chain
        const nonce = yield* Effect.promise(() => chain.client.getTransactionCount({ address: payer.account.address }))
        const authorization = yield* Effect.promise(() =>
          payer.account.signAuthorization({ contractAddress: address, chainId, nonce })
        )
        yield* Effect.promise(() =>
          chain.client.sendTransaction({
            account: bundler,
            chain: chain.chain,
            authorizationList: [authorization],
            to: payer.account.address,
            gas: 500_000n
          })
        )
        yield* chain.mine(1)
        const code = yield* Effect.promise(() => chain.client.getCode({ address: payer.account.address }))
        assert.strictEqual(code?.slice(0, 8), "0xef0100")
        const { amount, id, to } = yield* order(payer)
        const callData = yield* execution(chain.contracts.usdc.address, transferOf(to, amount))
        yield* chain.bundle(bundler, [{ sender: payer.account.address, callData }])
        yield* settled
        yield* assertPaid(payer, id)
        assert.isUndefined((yield* paymentOf(payer, id)).quote)
      }))

    it.effect("with two transfers pays by one of them, and the other one waits", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makeContractPayer
        const { amount, id, to } = yield* order(payer)
        const { address } = chain.contracts.usdc
        const data = transferOf(to, amount)
        const hash = yield* chain.write(payer.account, payer.wallet, "executeBatch", [[address, address], [data, data]])
        yield* settled
        yield* assertPaid(payer, id)
        yield* assertWaits(hash, "already_paid")
        assert.isUndefined((yield* planOf(payer)).credit)
      }))

    it.effect("with two transfers pays by both of them for two users", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [one, other] = [yield* makeContractPayer, yield* makeContractPayer]
        const [bundler = assert.fail("no account")] = chain.accounts
        const orders = [yield* order(one), yield* order(other)] as const
        const { address } = chain.contracts.usdc
        const operations = [
          {
            sender: one.wallet.address,
            callData: yield* execution(address, transferOf(orders[0].to, orders[0].amount))
          },
          {
            sender: other.wallet.address,
            callData: yield* execution(address, transferOf(orders[1].to, orders[1].amount))
          }
        ]
        const hash = yield* chain.bundle(bundler, operations)
        yield* settled
        const paid = [yield* assertPaid(one, orders[0].id), yield* assertPaid(other, orders[1].id)]
        assert.deepStrictEqual(paid.map(({ transfer }) => transfer.transactionHash), [hash, hash])
        yield* assertWaits(hash)
      }))
  })
})

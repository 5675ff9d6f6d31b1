import type { Movement } from "@dchat/domain/onchain"
import { isLeftOut, payers, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { type Address, numberToHex, zeroAddress } from "viem"
import { encodeFunctionData } from "viem/utils"
import { addressOf, idOf, install, newAccount, transfersOf } from "./support/Payments.ts"

const reference = numberToHex(0x1234, { size: 32 })

const setUp = Effect.flatMap(TestChain, (double) => install(double))

describe.skipIf(isLeftOut)("The movements of a chain", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("of tokens", (it) => {
    it.effect("are the transfers to the recipient, with payer, amount, block, time and position", () =>
      Effect.gen(function*() {
        const { ann, double, headerOf, movements, recipient } = yield* setUp
        const { usdc, usdt } = double.contracts
        yield* double.mint(usdc, ann.address, 50n)
        yield* double.mint(usdt, ann.address, 7n)
        const one = yield* Effect.flatMap(double.transfer(usdc, ann, recipient, 50n), double.include)
        const other = yield* Effect.flatMap(double.transfer(usdt, ann, recipient, 7n), double.include)
        const found = yield* movements()
        const payer = ann.address.toLowerCase()
        assert.deepStrictEqual(transfersOf(found), [
          {
            externalId: idOf(double, one.transactionHash, 0),
            payer,
            token: usdc.address.toLowerCase(),
            amount: 50n,
            reference: undefined
          },
          {
            externalId: idOf(double, other.transactionHash, 0),
            payer,
            token: usdt.address.toLowerCase(),
            amount: 7n,
            reference: undefined
          }
        ])
        const { at, hash, number } = yield* headerOf(Number(one.blockNumber))
        assert.deepStrictEqual(found[0]?.block, { number, hash })
        assert.strictEqual<string>(hash, one.blockHash)
        assert.strictEqual(found[0]?.logIndex, 0)
        const [moved] = found
        assert.isTrue(moved?._tag === "TransferMoved" && DateTime.Equivalence(moved.transfer.paidAt, at))
      }))

    it.effect("are not those of an imitation, to another account, from the recipient, or of nothing", () =>
      Effect.gen(function*() {
        const { ann, bob, double, movements } = yield* Effect.flatMap(
          TestChain,
          (double) => install(double, { recipient: double.accounts[5]?.address ?? zeroAddress })
        )
        const recipient = double.accounts[5]
        if (recipient === undefined) return assert.fail("no account")
        const { imitation, usdc } = double.contracts
        yield* double.mint(usdc, recipient.address, 9n)
        yield* double.mint(imitation, ann.address, 9n)
        yield* double.mint(usdc, ann.address, 9n)
        const sent = yield* Effect.all([
          double.transfer(imitation, ann, recipient.address, 9n),
          double.transfer(usdc, ann, bob.address, 9n),
          double.transfer(usdc, recipient, bob.address, 9n),
          double.write(bob, usdc, "transferFrom", [ann.address, recipient.address, 0n])
        ])
        for (const hash of sent) assert.strictEqual((yield* double.include(hash)).status, "success")
        assert.deepStrictEqual(yield* movements(), [])
      }))

    it.effect("have the amount that arrived where a token keeps a fee, and the position of that log", () =>
      Effect.gen(function*() {
        const { ann, double, movements, recipient } = yield* setUp
        const { feeToken } = double.contracts
        yield* double.mint(feeToken, ann.address, 1000n)
        const { transactionHash } = yield* Effect.flatMap(
          double.transfer(feeToken, ann, recipient, 1000n),
          double.include
        )
        const found = transfersOf(yield* movements())
        assert.deepStrictEqual(found.map(({ amount, externalId }) => [externalId, amount]), [
          [idOf(double, transactionHash, 1), 990n]
        ])
      }))

    it.effect("are none in a transaction that failed", () =>
      Effect.gen(function*() {
        const { ann, double, endpoint, movements, recipient } = yield* setUp
        const { usdc } = double.contracts
        const hash = yield* double.transfer(usdc, ann, recipient, 10n ** 30n)
        const receipt = yield* double.include(hash)
        assert.strictEqual(receipt.status, "reverted")
        assert.deepStrictEqual(yield* movements(), [])
        assert.deepStrictEqual<unknown>(yield* endpoint.transaction(hash as never), {
          _tag: "failed",
          block: { number: Number(receipt.blockNumber), hash: receipt.blockHash }
        })
      }))

    it.effect("have the contract wallet as payer, not the bundler, and one id for each of two transfers (ERC-4337)", () =>
      Effect.gen(function*() {
        const { ann, bob, double, movements, recipient } = yield* setUp
        const { usdc } = double.contracts
        const wallet = yield* double.deploySmartWallet(ann.address)
        yield* double.mint(usdc, wallet.address, 30n)
        const transfer = (amount: bigint) =>
          encodeFunctionData({ abi: usdc.abi, functionName: "transfer", args: [recipient, amount] })
        const both = encodeFunctionData({
          abi: wallet.abi,
          functionName: "executeBatch",
          args: [[usdc.address, usdc.address], [transfer(10n), transfer(20n)]]
        })
        const tooMuch = encodeFunctionData({
          abi: wallet.abi,
          functionName: "execute",
          args: [usdc.address, 0n, transfer(10n ** 30n)]
        })
        const { status, transactionHash } = yield* Effect.flatMap(
          double.bundle(bob, [{ sender: wallet.address, callData: both }, {
            sender: wallet.address,
            callData: tooMuch
          }]),
          double.include
        )
        assert.strictEqual(status, "success")
        const common = { payer: wallet.address.toLowerCase(), token: usdc.address.toLowerCase() }
        assert.deepStrictEqual(transfersOf(yield* movements()), [
          { ...common, externalId: idOf(double, transactionHash, 0), amount: 10n, reference: undefined },
          { ...common, externalId: idOf(double, transactionHash, 1), amount: 20n, reference: undefined }
        ])
      }))
  })

  layer(TestChain.layer(), { timeout: 60_000 })("through the router", (it) => {
    it.effect("are one payment: the log of the token, with the reference of the router", () =>
      Effect.gen(function*() {
        const { ann, double, movements, recipient } = yield* setUp
        const { feeToken, router, usdc } = double.contracts
        for (const token of [usdc, feeToken]) {
          yield* double.mint(token, ann.address, 1000n)
          yield* Effect.flatMap(double.approve(token, ann, router.address, 1000n), double.include)
        }
        const pay = (token: { readonly address: Address }) =>
          Effect.flatMap(double.pay({ token, from: ann, recipient, amount: 1000n, reference }), double.include)
        const [one, other] = yield* Effect.all([pay(usdc), pay(feeToken)])
        const payer = ann.address.toLowerCase()
        assert.deepStrictEqual(transfersOf(yield* movements()), [
          {
            externalId: idOf(double, one.transactionHash, 0),
            payer,
            token: usdc.address.toLowerCase(),
            amount: 1000n,
            reference
          },
          {
            externalId: idOf(double, other.transactionHash, 1),
            payer,
            token: feeToken.address.toLowerCase(),
            amount: 990n,
            reference
          }
        ])
      }))

    it.effect("are the event of the router for the native currency", () =>
      Effect.gen(function*() {
        const { ann, bob, double, movements, recipient } = yield* setUp
        const pay = (to: Address) =>
          Effect.flatMap(double.payNative({ from: ann, recipient: to, amount: 5n, reference }), double.include)
        yield* pay(bob.address)
        const { transactionHash } = yield* pay(recipient)
        const expected = [{
          externalId: idOf(double, transactionHash, 0),
          payer: ann.address.toLowerCase(),
          token: undefined,
          amount: 5n,
          reference
        }]
        assert.deepStrictEqual(transfersOf(yield* movements()), expected)
        assert.deepStrictEqual(transfersOf(yield* movements({ native: true })), expected)
      }))

    it.effect("are two payments if a token calls its payer, which makes a transfer meanwhile", () =>
      Effect.gen(function*() {
        const { ann, double, movements, recipient } = yield* setUp
        const { hookToken, router } = double.contracts
        const payer = yield* double.deploy(payers.contracts.ReentrantPayer, router.address, hookToken.address)
        yield* double.mint(hookToken, payer.address, 200n)
        const { status } = yield* Effect.flatMap(
          double.write(ann, payer, "pay", [recipient, 100n, 2]),
          double.include
        )
        assert.strictEqual(status, "success")
        const found = transfersOf(yield* movements())
        assert.deepStrictEqual(found.map(({ amount, reference }) => [amount, reference]), [
          [100n, undefined],
          [100n, numberToHex(0, { size: 32 })]
        ])
      }))

    it.effect("give no reference to an earlier transfer of the same transaction that was not through the router", () =>
      Effect.gen(function*() {
        const { ann, bob, double, movements, recipient } = yield* setUp
        const { router, usdc } = double.contracts
        const wallet = yield* double.deploySmartWallet(ann.address)
        yield* double.mint(usdc, wallet.address, 30n)
        const calls = [
          encodeFunctionData({ abi: usdc.abi, functionName: "approve", args: [router.address, 30n] }),
          encodeFunctionData({ abi: usdc.abi, functionName: "transfer", args: [recipient, 10n] }),
          encodeFunctionData({
            abi: router.abi,
            functionName: "pay",
            args: [usdc.address, recipient, 20n, reference]
          })
        ]
        const callData = encodeFunctionData({
          abi: wallet.abi,
          functionName: "executeBatch",
          args: [[usdc.address, usdc.address, router.address], calls]
        })
        yield* Effect.flatMap(double.bundle(bob, [{ sender: wallet.address, callData }]), double.include)
        const found = transfersOf(yield* movements())
        assert.deepStrictEqual(found.map(({ amount, reference }) => [amount, reference]), [[10n, undefined], [
          20n,
          reference
        ]])
      }))
  })

  layer(TestChain.layer(), { timeout: 60_000 })("of the native currency", (it) => {
    it.effect("are values of transactions to the recipient, if they are asked for", () =>
      Effect.gen(function*() {
        const { ann, bob, double, endpoint, headerOf, movements, recipient } = yield* setUp
        yield* Effect.flatMap(double.transferNative(ann, bob.address, 1n), double.include)
        const { blockNumber, transactionHash } = yield* Effect.flatMap(
          double.transferNative(ann, recipient, 77n),
          double.include
        )
        const expected = [{
          externalId: idOf(double, transactionHash, "native"),
          payer: ann.address.toLowerCase(),
          token: undefined,
          amount: 77n,
          reference: undefined
        }]
        assert.deepStrictEqual(transfersOf(yield* movements({ native: true })), expected)
        assert.deepStrictEqual(yield* movements({ native: false }), [])
        const header = yield* headerOf(Number(blockNumber))
        assert.deepStrictEqual(transfersOf(yield* endpoint.movements(header, { native: true })), expected)
        const state = yield* endpoint.transaction(transactionHash as never)
        assert.deepStrictEqual(state._tag === "included" && transfersOf(state.movements), expected)
      }))

    it.effect("are none if the transaction failed", () =>
      Effect.gen(function*() {
        const double = yield* TestChain
        const { usdc } = double.contracts
        const { ann, movements } = yield* install(double, { recipient: usdc.address })
        const { status } = yield* Effect.flatMap(double.transferNative(ann, usdc.address, 5n), double.include)
        assert.strictEqual(status, "reverted")
        assert.deepStrictEqual(yield* movements({ native: true }), [])
      }))
  })

  layer(TestChain.layer(), { timeout: 60_000 })("of memberships", (it) => {
    it.effect("are every transfer of a token: minted, given away, burnt", () =>
      Effect.gen(function*() {
        const { ann, bob, double, endpoint, from, movements } = yield* setUp
        const { membership } = double.contracts
        const tokenId = BigInt(newAccount().address)
        const hashes = yield* Effect.all([
          double.write(ann, membership, "mint", [ann.address, tokenId]),
          double.write(ann, membership, "transferFrom", [ann.address, bob.address, tokenId]),
          double.write(bob, membership, "burn", [tokenId])
        ])
        const receipts = yield* Effect.forEach(hashes, double.include)
        const found = yield* movements()
        assert.deepStrictEqual(
          found.map((it: Movement) =>
            it._tag === "TokenMoved" && [it.contract, it.tokenId, it.to, String(it.externalId)]
          ),
          [ann.address, bob.address, undefined].map((to, index) => [
            addressOf(membership.address),
            tokenId,
            to === undefined ? undefined : addressOf(to),
            idOf(double, receipts[index]?.transactionHash ?? "0x", 0)
          ])
        )
        const owners = yield* Effect.forEach(receipts, ({ blockNumber }) =>
          endpoint.ownerOf(addressOf(membership.address), tokenId, Number(blockNumber)))
        assert.deepStrictEqual(owners, [addressOf(ann.address), addressOf(bob.address), undefined])
        const other = yield* Effect.flip(endpoint.ownerOf(addressOf(ann.address), tokenId, from))
        assert.strictEqual(other.detail, "eth_call: an owner that is no address")
      }))
  })
})

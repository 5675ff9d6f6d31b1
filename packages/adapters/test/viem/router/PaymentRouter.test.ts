import { paymentRouter } from "@dchat/adapters/viem"
import { isLeftOut, payers, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Abi, type Address, decodeErrorResult, type Hash, type Hex, parseEventLogs, zeroAddress } from "viem"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { encodeFunctionData } from "viem/utils"

const reference = (text: string): Hex => `0x${Buffer.from(text.padEnd(32)).toString("hex")}`
const anyone = () => privateKeyToAccount(generatePrivateKey()).address

/** The chain, a payer with ether, and a recipient without any money. */
const start = Effect.gen(function*() {
  const chain = yield* TestChain
  const [deployer] = chain.accounts
  if (deployer === undefined) return assert.fail("The chain has no account")
  const payer = privateKeyToAccount(generatePrivateKey())
  yield* Effect.flatMap(chain.transferNative(deployer, payer.address, 10n ** 18n), chain.include)
  return { chain, payer, recipient: anyone(), router: chain.contracts.router.address }
})

const paid = Effect.fnUntraced(function*(hash: Hash) {
  const { contracts, include } = yield* TestChain
  const { logs, status } = yield* include(hash)
  assert.strictEqual(status, "success")
  const events = parseEventLogs({ abi: paymentRouter.abi, eventName: "Paid", logs })
  return events.map(({ address, args }) => {
    assert.strictEqual(address.toLowerCase(), contracts.router.address.toLowerCase())
    return args
  })
})

/** The error with which a transaction failed. */
const revertOf = Effect.fnUntraced(function*(hash: Hash, abi: Abi = paymentRouter.abi) {
  const { client, include } = yield* TestChain
  const { blockNumber, status } = yield* include(hash)
  assert.strictEqual(status, "reverted")
  const { from, input, to, value } = yield* Effect.promise(() => client.getTransaction({ hash }))
  return yield* Effect.promise(async () => {
    try {
      await client.call({ account: from, data: input, to, value, blockNumber: blockNumber - 1n })
      return assert.fail("The call succeeds")
    } catch (error) {
      const data = revertData(error)
      return data === "0x" ? "without data" : decodeErrorResult({ abi, data }).errorName
    }
  })
})

const revertData = (error: unknown): Hex => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { data } = cause as Error & { readonly data?: unknown }
    if (typeof data === "string" && data.startsWith("0x")) return data as Hex
  }
  return "0x"
}

const balance = Effect.fnUntraced(function*(token: { readonly address: Address }, account: Address) {
  const { client, contracts } = yield* TestChain
  return yield* Effect.promise(() =>
    client.readContract({ address: token.address, abi: contracts.dai.abi, functionName: "balanceOf", args: [account] })
  )
})

const native = Effect.fnUntraced(function*(address: Address) {
  const { client } = yield* TestChain
  return yield* Effect.promise(() => client.getBalance({ address }))
})

describe.skipIf(isLeftOut)("On a real node", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("The payment router", (it) => {
    it.effect("is deployed by the bytecode of the artefact, and has the runtime bytecode of the artefact", () =>
      Effect.gen(function*() {
        const { client, deploy } = yield* TestChain
        const { address } = yield* deploy(paymentRouter)
        assert.strictEqual(yield* Effect.promise(() => client.getCode({ address })), paymentRouter.runtimeBytecode)
      }))

    it.effect("is the router of the simulated chain", () =>
      Effect.gen(function*() {
        const { client, contracts: { router } } = yield* TestChain
        const code = yield* Effect.promise(() => client.getCode({ address: router.address }))
        assert.strictEqual(code, paymentRouter.runtimeBytecode)
      }))

    describe("with a token", () => {
      it.effect("transfers the amount to the recipient and records payer, token, recipient, amount and reference", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { usdc: token } = chain.contracts
          yield* chain.mint(token, payer.address, 10_000_000n)
          yield* Effect.flatMap(chain.approve(token, payer, router, 4_990_000n), chain.include)
          const events = yield* Effect.flatMap(
            chain.pay({ token, from: payer, recipient, amount: 4_990_000n, reference: reference("order 1") }),
            paid
          )
          assert.deepStrictEqual(events, [{
            paymentReference: reference("order 1"),
            payer: payer.address,
            token: token.address,
            recipient,
            amount: 4_990_000n
          }])
          assert.strictEqual(yield* balance(token, recipient), 4_990_000n)
          assert.strictEqual(yield* balance(token, payer.address), 5_010_000n)
          assert.strictEqual(yield* balance(token, router), 0n)
        }))

      it.effect("accepts a token whose functions return nothing", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { usdt: token } = chain.contracts
          yield* chain.mint(token, payer.address, 7n)
          yield* Effect.flatMap(chain.approve(token, payer, router, 7n), chain.include)
          const [event] = yield* Effect.flatMap(
            chain.pay({ token, from: payer, recipient, amount: 7n, reference: reference("usdt") }),
            paid
          )
          assert.strictEqual(event?.amount, 7n)
          assert.strictEqual(yield* balance(token, recipient), 7n)
        }))

      it.effect("records what the recipient received if the token keeps a fee", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { feeToken: token } = chain.contracts
          yield* chain.mint(token, payer.address, 1000n)
          yield* Effect.flatMap(chain.approve(token, payer, router, 1000n), chain.include)
          const [event] = yield* Effect.flatMap(
            chain.pay({ token, from: payer, recipient, amount: 1000n, reference: reference("fee") }),
            paid
          )
          assert.strictEqual(event?.amount, 990n)
          assert.strictEqual(yield* balance(token, recipient), 990n)
        }))

      it.effect("records a contract wallet as the payer, whoever sends the transaction", () =>
        Effect.gen(function*() {
          const { chain, payer: owner, recipient, router } = yield* start
          const [bundler] = chain.accounts
          const { usdc: token } = chain.contracts
          const wallet = yield* chain.deploySmartWallet(owner.address)
          yield* chain.mint(token, wallet.address, 5n)
          const execute = (target: Address, data: Hex) => ({
            sender: wallet.address,
            callData: encodeFunctionData({ abi: wallet.abi, functionName: "execute", args: [target, 0n, data] })
          })
          const approve = encodeFunctionData({ abi: token.abi, functionName: "approve", args: [router, 5n] })
          const pay = encodeFunctionData({
            abi: paymentRouter.abi,
            functionName: "pay",
            args: [token.address, recipient, 5n, reference("bundled")]
          })
          const events = yield* Effect.flatMap(
            chain.bundle(bundler ?? assert.fail("no bundler"), [execute(token.address, approve), execute(router, pay)]),
            paid
          )
          assert.deepStrictEqual(events.map(({ amount, payer }) => ({ amount, payer })), [
            { amount: 5n, payer: wallet.address }
          ])
        }))

      it.effect("refuses a payment within a payment, which would count twice", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { hookToken: token } = chain.contracts
          const attacker = yield* chain.deploy(payers.contracts.ReentrantPayer, router, token.address)
          yield* chain.mint(token, attacker.address, 1000n)
          const hash = yield* chain.write(payer, attacker, "pay", [recipient, 100n, 1])
          assert.strictEqual(yield* revertOf(hash), "ReentrancyGuardReentrantCall")
          assert.strictEqual(yield* balance(token, recipient), 0n)
        }))

      it.effect("records no more than the amount if the payer makes a transfer within the payment", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { hookToken: token } = chain.contracts
          const attacker = yield* chain.deploy(payers.contracts.ReentrantPayer, router, token.address)
          yield* chain.mint(token, attacker.address, 1000n)
          const [event] = yield* Effect.flatMap(chain.write(payer, attacker, "pay", [recipient, 100n, 2]), paid)
          assert.strictEqual(event?.amount, 100n)
          assert.strictEqual(yield* balance(token, recipient), 200n)
        }))

      it.effect("refuses the amount zero, and a payment to the payer itself", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { usdc: token } = chain.contracts
          yield* chain.mint(token, payer.address, 10n)
          yield* Effect.flatMap(chain.approve(token, payer, router, 10n), chain.include)
          const zero = { token, from: payer, recipient, amount: 0n, reference: reference("zero") }
          assert.strictEqual(yield* revertOf(yield* chain.pay(zero)), "NothingPaid")
          const toItself = { ...zero, amount: 10n, recipient: payer.address }
          assert.strictEqual(yield* revertOf(yield* chain.pay(toItself)), "NothingPaid")
        }))

      it.effect("refuses the zero address and the router as recipients", () =>
        Effect.gen(function*() {
          const { chain, payer, router } = yield* start
          const { usdc: token } = chain.contracts
          for (const recipient of [zeroAddress, router]) {
            const hash = yield* chain.pay({ token, from: payer, recipient, amount: 1n, reference: reference("bad") })
            assert.strictEqual(yield* revertOf(hash), "InvalidRecipient")
          }
        }))

      it.effect("refuses an address without code as the token", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient } = yield* start
          const token = { address: anyone() }
          const hash = yield* chain.pay({ token, from: payer, recipient, amount: 1n, reference: reference("none") })
          assert.strictEqual(yield* revertOf(hash), "without data")
        }))

      it.effect("leaves all money with the payer if the token is paused, or the allowance is too small", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const { usdc: token } = chain.contracts
          yield* chain.mint(token, payer.address, 10n)
          yield* Effect.flatMap(chain.approve(token, payer, router, 5n), chain.include)
          const payment = { token, from: payer, recipient, amount: 6n, reference: reference("allowance") }
          assert.strictEqual(yield* revertOf(yield* chain.pay(payment), token.abi), "ERC20InsufficientAllowance")
          yield* Effect.flatMap(chain.write(payer, token, "setPaused", [true]), chain.include)
          assert.strictEqual(yield* revertOf(yield* chain.pay({ ...payment, amount: 5n })), "Error")
          yield* Effect.flatMap(chain.write(payer, token, "setPaused", [false]), chain.include)
          assert.strictEqual(yield* balance(token, payer.address), 10n)
        }))
    })

    describe("with the native currency", () => {
      it.effect("passes the whole value on, and records the zero address as the token", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient, router } = yield* start
          const events = yield* Effect.flatMap(
            chain.payNative({ from: payer, recipient, amount: 12_345n, reference: reference("native") }),
            paid
          )
          assert.deepStrictEqual(events, [{
            paymentReference: reference("native"),
            payer: payer.address,
            token: zeroAddress,
            recipient,
            amount: 12_345n
          }])
          assert.strictEqual(yield* native(recipient), 12_345n)
          assert.strictEqual(yield* native(router), 0n)
        }))

      it.effect("pays a contract that needs more gas than a plain transfer leaves", () =>
        Effect.gen(function*() {
          const { chain, payer } = yield* start
          const recipient = yield* chain.deploy(payers.contracts.CountingRecipient)
          yield* Effect.flatMap(
            chain.payNative({
              from: payer,
              recipient: recipient.address,
              amount: 3n,
              reference: reference("contract")
            }),
            paid
          )
          assert.strictEqual(yield* native(recipient.address), 3n)
        }))

      it.effect("refuses a value of zero, and a recipient that does not accept the value", () =>
        Effect.gen(function*() {
          const { chain, payer, recipient } = yield* start
          const payment = { from: payer, recipient, amount: 0n, reference: reference("zero") }
          assert.strictEqual(yield* revertOf(yield* chain.payNative(payment)), "NothingPaid")
          const token = chain.contracts.usdc.address
          const hash = yield* chain.payNative({ ...payment, recipient: token, amount: 1n })
          assert.strictEqual(yield* revertOf(hash), "FailedCall")
        }))

      it.effect("refuses a plain transfer to the router", () =>
        Effect.gen(function*() {
          const { chain, payer, router } = yield* start
          const { status } = yield* Effect.flatMap(chain.transferNative(payer, router, 1n), chain.include)
          assert.strictEqual(status, "reverted")
          assert.strictEqual(yield* native(router), 0n)
        }))
    })
  })
})

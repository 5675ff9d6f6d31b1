import { TestChain } from "@dchat/doubles/chain"
import { assert, layer } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { addressOf, chainHosts, recipient } from "./support/ChainHost.ts"
import { type SomeBody, TestHost } from "./support/TestHost.ts"

const root = "/api/subscriptions"

/** Reads until the answer is as expected. */
const eventually = <A>(read: Effect.Effect<A>, isSo: (value: A) => boolean) =>
  read.pipe(
    Effect.filterOrFail(isSo, (value) => value),
    Effect.retry(Schedule.spaced("50 millis").pipe(Schedule.upTo({ times: 200 }))),
    Effect.catch((value) => Effect.die(new Error(`it never came to that: ${JSON.stringify(value)}`)))
  )

const paymentOf = (somebody: SomeBody, id: string) =>
  Effect.map(somebody.get(`${root}/payments/${id}`), ({ json }) => json)

const orderIn = Effect.fnUntraced(function*(somebody: SomeBody) {
  const { chainId, contracts } = yield* TestChain
  const answer = yield* somebody.post(`${root}/create`, {
    tier: "PRO",
    period: "monthly",
    method: "web3",
    web3: { chainId, asset: contracts.usdc.address }
  })
  assert.strictEqual(answer.status, 201, answer.text)
  return answer.json
})

/** A user whose wallet has 100 USDC and some of the native currency. */
const payer = Effect.gen(function*() {
  const chain = yield* TestChain
  const { signIn } = yield* TestHost
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  const [rich = assert.fail("no account")] = chain.accounts
  yield* chain.mint(chain.contracts.usdc, account.address, 100_000_000n).pipe(minedBy(chain))
  yield* chain.transferNative(rich, account.address, 10n ** 18n).pipe(minedBy(chain))
  return { account, somebody: yield* signIn(key) }
})

/** Mines a block for what waits. */
const minedBy = (chain: TestChain["Service"]) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.all([effect, Effect.delay(chain.mine(1), "20 millis")], { concurrency: 2 }).pipe(
    Effect.map(([value]) => value)
  )

for (const { layer: host, name } of chainHosts) {
  layer(host, { excludeTestServices: true })(`Paying from a wallet ${name}`, (it) => {
    it.effect("gives access with the block of the transfer, and the plan once the block is deep enough", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const { account, somebody } = yield* payer
        const { payment: { id, quote } } = yield* orderIn(somebody)
        assert.deepInclude(quote, {
          amount: "4990000",
          amountText: "4.99",
          payer: addressOf(account.address),
          recipient,
          uri: `ethereum:${
            addressOf(chain.contracts.usdc.address)
          }@${chain.chainId}/transfer?address=${recipient}&uint256=4990000`
        })
        const hash = yield* chain.transfer(chain.contracts.usdc, account, quote.recipient, BigInt(quote.amount))
        const pending = yield* somebody.post(`${root}/payments/${id}/submit`, { transactionHash: hash })
        assert.deepStrictEqual(pending.json.inspection, { state: "pending" })
        yield* chain.mine(1)
        const confirming = yield* eventually(paymentOf(somebody, id), ({ state }) => state === "confirming")
        assert.deepInclude(confirming.transfer, { transactionHash: hash, amount: "4990000" })
        assert.isTrue(confirming.provisional)
        assert.strictEqual((yield* somebody.get(`${root}/me`)).json.tier, "PRO")
        yield* chain.mine(2)
        yield* eventually(paymentOf(somebody, id), ({ state }) => state === "settled")
        const { json: me } = yield* somebody.get(`${root}/me`)
        assert.deepInclude(me, { tier: "PRO", source: "subscription" })
        assert.strictEqual(me.subscription.state, "active")
      }))
  })
}

import { TestChain } from "@dchat/doubles/chain"
import { assert, layer } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { addressOf, chainHosts, operator, recipient } from "./support/ChainHost.ts"
import { TestHost } from "./support/TestHost.ts"

const root = "/api/subscriptions"
const authorization = `${root}/authorization`

/** Reads until the answer is as expected. */
const eventually = <A>(read: Effect.Effect<A>, isSo: (value: A) => boolean) =>
  read.pipe(
    Effect.filterOrFail(isSo, (value) => value),
    Effect.retry(Schedule.spaced("50 millis").pipe(Schedule.upTo({ times: 200 }))),
    Effect.catch((value) => Effect.die(new Error(`it never came to that: ${JSON.stringify(value)}`)))
  )

/** A user whose PRO plan was paid from a wallet with USDC and some of the native currency. */
const subscriber = Effect.gen(function*() {
  const chain = yield* TestChain
  const { signIn } = yield* TestHost
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  const { usdc } = chain.contracts
  yield* chain.mint(usdc, account.address, 100_000_000n)
  yield* Effect.flatMap(
    chain.transferNative(chain.accounts[0] ?? assert.fail("no account"), account.address, 10n ** 18n),
    chain.include
  )
  const somebody = yield* signIn(key)
  const { json: { payment } } = yield* somebody.post(`${root}/create`, {
    tier: "PRO",
    period: "monthly",
    method: "web3",
    web3: { chainId: chain.chainId, asset: usdc.address }
  })
  yield* chain.transfer(usdc, account, recipient as `0x${string}`, BigInt(payment.quote.amount))
  yield* chain.mine(1)
  const paid = Effect.map(somebody.get(`${root}/payments/${payment.id}`), ({ json }) => json.state)
  yield* eventually(paid, (state) => state === "confirming")
  yield* chain.mine(2)
  yield* eventually(paid, (state) => state === "settled")
  const wish = { kind: "allowance", chainId: chain.chainId, asset: usdc.address, payer: account.address }
  return { account, chain, somebody, wish }
})

for (const { layer: host, name } of chainHosts) {
  layer(host, { excludeTestServices: true })(`The authorisation of renewals ${name}`, (it) => {
    it.effect("is given by the transactions of the instructions, shown, and revoked", () =>
      Effect.gen(function*() {
        const { account, chain, somebody, wish } = yield* subscriber
        const early = yield* somebody.post(`${authorization}/authorize`, wish)
        assert.deepInclude(early.json, { code: "authorization_ineffective", reason: "allowance" })
        const { json: steps } = yield* somebody.post(`${authorization}/instructions`, wish)
        assert.strictEqual(steps.amount, "59880000")
        assert.strictEqual(steps.spender, addressOf(operator.address))
        assert.deepStrictEqual(steps.transactions.map(({ purpose }: { purpose: string }) => purpose), ["approve"])
        for (const { data, to } of steps.transactions) {
          yield* Effect.flatMap(chain.send({ from: account, to, data }), chain.include)
        }
        const { json: given, status } = yield* somebody.post(`${authorization}/authorize`, wish)
        assert.strictEqual(status, 200)
        assert.deepInclude(given.subscription.authorization, {
          kind: "allowance",
          payer: addressOf(account.address),
          spender: addressOf(operator.address)
        })
        assert.isDefined(given.subscription.renewal)
        assert.isUndefined(given.subscription.renewableFrom)
        const { json: revoked } = yield* somebody.post(`${authorization}/revoke`)
        assert.isUndefined(revoked.subscription.authorization)
        assert.isDefined(revoked.subscription.renewableFrom)
      }))

    it.effect("is given by a signed permit, which the operator sends to the chain", () =>
      Effect.gen(function*() {
        const { account, chain, somebody, wish } = yield* subscriber
        const { json: { amount, permit } } = yield* somebody.post(`${authorization}/instructions`, wish)
        const signature = yield* Effect.promise(() => account.signTypedData(permit.typedData))
        const signed = { ...wish, amount, deadline: permit.deadline, signature }
        const spoilt = yield* somebody.post(`${authorization}/permit`, { ...signed, amount: `${BigInt(amount) + 1n}` })
        assert.deepInclude(spoilt.json, { code: "permit_rejected" })
        const { json: given, status } = yield* somebody.post(`${authorization}/permit`, signed)
        assert.strictEqual(status, 200, JSON.stringify(given))
        assert.isDefined(given.subscription.authorization)
        yield* chain.mine(1)
        const { usdc } = chain.contracts
        yield* eventually(
          Effect.promise(() =>
            chain.client.readContract({ ...usdc, functionName: "allowance", args: [account.address, operator.address] })
          ),
          (allowance) => allowance === BigInt(amount)
        )
      }))

    it.effect("is refused for a wallet of somebody else", () =>
      Effect.gen(function*() {
        const { somebody, wish } = yield* subscriber
        const { json } = yield* somebody.post(`${authorization}/authorize`, {
          ...wish,
          payer: privateKeyToAccount(generatePrivateKey()).address
        })
        assert.deepInclude(json, { code: "wallet_not_usable" })
      }))
  })
}

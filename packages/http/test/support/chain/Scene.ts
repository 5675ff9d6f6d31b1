/**
 * What the tests of payments on chains do: users with wallets order, pay, and look at the result.
 */
import { ChainId } from "@dchat/domain/identity"
import { ChainScanner, PaymentInbox, type ScanOutcome, type StoredTransfer } from "@dchat/domain/onchain"
import { TestChain } from "@dchat/doubles/chain"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Address, Hash, Hex } from "viem"
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts"
import { type Answer, type SomeBody, TestHost } from "../TestHost.ts"
import { QuietClock } from "./QuietClock.ts"

export const root = "/api/subscriptions"

/** A user and the wallet of this user. */
export interface Payer {
  readonly key: Hex
  readonly account: PrivateKeyAccount
  readonly somebody: SomeBody
}

/** The time of the host is the time of the chain. */
const aligned = Effect.gen(function*() {
  const { timestamp } = yield* (yield* TestChain).head
  ;(yield* QuietClock).advanceTo(Number(timestamp) * 1000)
})

/** Reads the chain once. */
export const scan = Effect.gen(function*() {
  const { chainId } = yield* TestChain
  return yield* (yield* ChainScanner).scan(ChainId.make(chainId))
})

/** Reads the chain, which has to succeed. */
export const read = Effect.map(scan, (outcome): ScanOutcome => {
  assert.strictEqual(outcome._tag, "read")
  return outcome
})

/** Mines blocks, and reads the chain. */
export const mined = Effect.fnUntraced(function*(blocks = 1) {
  yield* (yield* TestChain).mine(blocks)
  yield* aligned
  return yield* read
})

/** Mines what waits, and the blocks after which it is settled. */
export const settled = mined(3)

/** Moves the time of the chain and of the host. */
export const later = Effect.fnUntraced(function*(seconds: number) {
  const chain = yield* TestChain
  yield* chain.increaseTime(seconds)
  yield* chain.mine(1)
  yield* aligned
})

/** Gives an account 1,000 of each token and 10 of the native currency. */
export const fund = Effect.fnUntraced(function*(address: Address) {
  const chain = yield* TestChain
  const [deployer = assert.fail("no account")] = chain.accounts
  const { dai, feeToken, imitation, indivisible, usdc, usdt } = chain.contracts
  const unit = { 0: 1n, 6: 10n ** 6n, 18: 10n ** 18n }
  const coins = [[usdc, 6], [usdt, 6], [imitation, 6], [dai, 18], [feeToken, 18], [indivisible, 0]] as const
  for (const [{ address: token }, decimals] of coins) {
    yield* chain.write(deployer, { address: token, abi: dai.abi }, "mint", [address, 1000n * unit[decimals]])
  }
  yield* chain.transferNative(deployer, address, 10n * unit[18])
  yield* chain.mine(1)
  yield* aligned
})

/** A user whose wallet has money. */
export const makePayer = Effect.gen(function*() {
  const { signIn } = yield* TestHost
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  yield* fund(account.address)
  const payer: Payer = { key, account, somebody: yield* signIn(key) }
  return payer
})

/** The user with a new session, because time ended the last one. */
export const signedInAgain = Effect.fnUntraced(function*(payer: Payer) {
  const { signIn } = yield* TestHost
  return { ...payer, somebody: yield* signIn(payer.key) }
})

/** A user whose wallet is a contract, which this key owns. */
export const makeContractPayer = Effect.gen(function*() {
  const chain = yield* TestChain
  const { send } = yield* TestHost
  const owner = privateKeyToAccount(generatePrivateKey())
  const wallet = yield* chain.deploySmartWallet(owner.address)
  yield* fund(wallet.address)
  yield* fund(owner.address)
  const { json } = yield* send("POST", "/auth/wallet/nonce", {
    body: { address: wallet.address, chainId: chain.chainId }
  })
  const signature = yield* Effect.promise(() => owner.signMessage({ message: json.message }))
  const verified = yield* send("POST", "/auth/wallet/verify", { body: { nonceId: json.nonceId, signature } })
  assert.strictEqual(verified.status, 200, verified.text)
  const { token, user } = verified.json
  const somebody: SomeBody = {
    id: user.id,
    address: wallet.address,
    token,
    get: (path, given) => send("GET", path, { token, ...given }),
    post: (path, body, given) => send("POST", path, { token, body, ...given })
  }
  return { account: owner, wallet, somebody }
})

/** A wallet with money that belongs to no user. */
export const makeStranger = Effect.gen(function*() {
  const account = privateKeyToAccount(generatePrivateKey())
  yield* fund(account.address)
  return account
})

export type AssetName = "native" | "usdc" | "usdt" | "dai" | "indivisible" | "feeToken"

export const assetIn = ({ contracts }: TestChain["Service"], name: AssetName): string =>
  name === "native" ? name : contracts[name].address

export interface Wish {
  readonly asset?: AssetName
  readonly payer?: Address
  readonly period?: "monthly" | "yearly" | "nft"
}

/** Orders a plan to be paid from a wallet. Returns the answer as it is. */
export const ask = Effect.fnUntraced(function*(
  { somebody }: Pick<Payer, "somebody">,
  { asset = "usdc", payer, period = "monthly" }: Wish = {}
) {
  const chain = yield* TestChain
  return yield* somebody.post(`${root}/create`, {
    tier: "PRO",
    period,
    method: "web3",
    web3: { chainId: chain.chainId, asset: assetIn(chain, asset), ...(payer && { payer }) }
  })
})

/** The id and the quote of a new order. */
export const order = Effect.fnUntraced(function*(payer: Pick<Payer, "somebody">, wish?: Wish) {
  const answer = yield* ask(payer, wish)
  assert.strictEqual(answer.status, 201, answer.text)
  const { id, quote } = answer.json.payment
  return { id: id as string, quote, amount: BigInt(quote.amount), to: quote.recipient as Address }
})

const bodyOf = ({ json }: Answer) => json

export const paymentOf = ({ somebody }: Pick<Payer, "somebody">, id: string) =>
  Effect.map(somebody.get(`${root}/payments/${id}`), bodyOf)

export const planOf = ({ somebody }: Pick<Payer, "somebody">) => Effect.map(somebody.get(`${root}/me`), bodyOf)

export const submit = ({ somebody }: Pick<Payer, "somebody">, id: string, transactionHash: Hash) =>
  somebody.post(`${root}/payments/${id}/submit`, { transactionHash })

/** The inspection of a transaction that a user names. */
export const inspected = (payer: Pick<Payer, "somebody">, id: string, hash: Hash) =>
  Effect.map(submit(payer, id, hash), ({ json }) => json.inspection)

/** The transfers of a transaction that wait in the inbox. */
export const waiting = Effect.fnUntraced(function*(hash: Hash) {
  const transfers = yield* (yield* PaymentInbox).list({ limit: 5000 })
  return transfers.filter(({ moved }) => moved.transactionHash === hash)
})

const reasonOf = ({ verdict }: StoredTransfer) => verdict._tag === "Unmatched" ? verdict.reason : verdict._tag

/** The reasons of the transfers of a transaction that wait in the inbox. */
export const reasons = (hash: Hash) => Effect.map(waiting(hash), (transfers) => transfers.map(reasonOf))

/** Asserts that the payment is settled and that the user has the plan. */
export const assertPaid = Effect.fnUntraced(function*(payer: Pick<Payer, "somebody">, id: string) {
  const payment = yield* paymentOf(payer, id)
  assert.strictEqual(payment.state, "settled", JSON.stringify(payment))
  const plan = yield* planOf(payer)
  assert.strictEqual(plan.tier, "PRO", JSON.stringify(plan))
  return payment
})

/** Asserts that a transaction of a user pays nothing, and waits with this reason. */
export const assertWaits = Effect.fnUntraced(function*(hash: Hash, ...expected: ReadonlyArray<string>) {
  assert.deepStrictEqual(yield* reasons(hash), expected)
})

/** Asserts that the payment has no transfer and that the user has no plan. */
export const assertUnpaid = Effect.fnUntraced(function*(payer: Pick<Payer, "somebody">, id: string) {
  const payment = yield* paymentOf(payer, id)
  assert.include(["quoted", "submitted"], payment.state, JSON.stringify(payment))
  assert.strictEqual((yield* planOf(payer)).source, "none")
})

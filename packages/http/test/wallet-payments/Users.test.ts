import { UserId } from "@dchat/domain/identity"
import { SubscriptionAdministration } from "@dchat/domain/subscription"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { privateKeyToAccount } from "viem/accounts"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import {
  assertPaid,
  assertUnpaid,
  assertWaits,
  later,
  makePayer,
  order,
  type Payer,
  paymentOf,
  planOf,
  root,
  settled
} from "../support/chain/Scene.ts"
import { TestHost } from "../support/TestHost.ts"

/** Links the wallet of this key to a user. */
const link = Effect.fnUntraced(function*({ somebody }: Payer, key: Payer["key"]) {
  const account = privateKeyToAccount(key)
  const nonce = yield* somebody.post("/auth/wallet/nonce", { address: account.address, chainId: 1, purpose: "link" })
  assert.strictEqual(nonce.status, 200, nonce.text)
  const signature = yield* Effect.promise(() => account.signMessage({ message: nonce.json.message }))
  return yield* somebody.post("/auth/wallet/link", { nonceId: nonce.json.nonceId, signature })
})

const cancel = ({ somebody }: Payer) =>
  Effect.map(somebody.post(`${root}/cancel`, {}), (answer) => assert.strictEqual(answer.status, 200, answer.text))

describe.skipIf(isLeftOut)("A payment from a wallet", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("after the user was deleted pays nothing", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const { send } = yield* TestHost
        const payer = yield* makePayer
        const { amount, to } = yield* order(payer)
        const deleted = yield* send("DELETE", "/auth/me", { token: payer.somebody.token })
        assert.isBelow(deleted.status, 300, deleted.text)
        const administration = yield* SubscriptionAdministration
        const by = { actor: "dchat", reason: "the account was deleted" }
        yield* administration.endBilling(UserId.make(payer.somebody.id), yield* DateTime.now, by)
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        yield* assertWaits(hash, "user_deleted")
      }))

    it.effect("that was unlinked after the quote pays that quote", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const second = yield* makePayer
        const { send } = yield* TestHost
        yield* send("DELETE", "/auth/me", { token: second.somebody.token })
        const { amount, id, to } = yield* order(payer)
        const linked = yield* link(payer, second.key)
        assert.strictEqual(linked.status, 200, linked.text)
        const token = linked.json.token ?? payer.somebody.token
        const first = linked.json.user.wallets.find(({ address }: { readonly address: string }) =>
          address.toLowerCase() === payer.account.address.toLowerCase()
        )
        const unlinked = yield* send("POST", "/auth/wallet/unlink", { token, body: { walletId: first.id } })
        assert.strictEqual(unlinked.status, 200, unlinked.text)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        const { signIn } = yield* TestHost
        yield* assertPaid({ somebody: yield* signIn(second.key) }, id)
      }))

    it.effect("of an order that was cancelled starts the plan", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const { amount, id, to } = yield* order(payer)
        yield* cancel(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, to, amount)
        yield* settled
        yield* assertPaid(payer, id)
      }))

    it.effect("of an order that was cancelled becomes a credit if the user has another plan, and pays the next order", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const first = yield* order(payer, { asset: "dai" })
        yield* cancel(payer)
        const second = yield* order(payer)
        yield* chain.transfer(chain.contracts.usdc, payer.account, second.to, second.amount)
        yield* settled
        yield* assertPaid(payer, second.id)
        yield* chain.transfer(chain.contracts.dai, payer.account, first.to, first.amount)
        yield* settled
        assert.strictEqual((yield* paymentOf(payer, first.id)).state, "settled")
        assert.deepStrictEqual((yield* planOf(payer)).credit, { currency: "USD", minorUnits: 499 })
        const lifetime = yield* order(payer, { period: "nft" })
        assert.deepStrictEqual(lifetime.quote.credit, { currency: "USD", minorUnits: 499 })
        yield* chain.transfer(chain.contracts.usdc, payer.account, lifetime.to, lifetime.amount)
        yield* settled
        assert.strictEqual((yield* paymentOf(payer, lifetime.id)).state, "settled")
        assert.isUndefined((yield* planOf(payer)).credit)
      }))

    it.effect("pays for the surviving user after a merge, which no open order allows", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [survivor, absorbed] = [yield* makePayer, yield* makePayer]
        const { amount, id, to } = yield* order(absorbed)
        const open = yield* link(survivor, absorbed.key)
        assert.strictEqual(open.status, 409, open.text)
        const refused = yield* survivor.somebody.post("/auth/merge", { ticket: open.json.ticket })
        assert.strictEqual(refused.status, 409, refused.text)
        yield* cancel(absorbed)
        const { json } = yield* link(survivor, absorbed.key)
        const merged = yield* survivor.somebody.post("/auth/merge", { ticket: json.ticket })
        assert.strictEqual(merged.status, 200, merged.text)
        yield* chain.transfer(chain.contracts.usdc, absorbed.account, to, amount)
        yield* settled
        const { signIn } = yield* TestHost
        yield* assertPaid({ somebody: yield* signIn(survivor.key) }, id)
      }))

    it.effect("without any order waits, and pays nothing later by itself", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const payer = yield* makePayer
        const hash = yield* chain.transfer(chain.contracts.usdc, payer.account, `0x${"5e".repeat(20)}`, 4_990_000n)
        yield* settled
        yield* assertWaits(hash, "unknown_quote")
        yield* later(300)
        const { id } = yield* order(payer)
        yield* settled
        yield* assertUnpaid(payer, id)
      }))
  })
})

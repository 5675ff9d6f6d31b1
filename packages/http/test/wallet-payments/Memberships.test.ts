import { UserId } from "@dchat/domain/identity"
import { TokenMemberships } from "@dchat/domain/onchain"
import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { LocalAccount } from "viem"
import { quietChainHost } from "../support/chain/QuietChainHost.ts"
import { makePayer, makeStranger, mined, type Payer, planOf, root, settled } from "../support/chain/Scene.ts"
import { TestHost } from "../support/TestHost.ts"

let last = 0n
const newToken = () => last += 1n

const mint = Effect.fnUntraced(function*({ account }: { readonly account: LocalAccount }, tokenId: bigint) {
  const chain = yield* TestChain
  const [deployer = assert.fail("no account")] = chain.accounts
  yield* chain.write(deployer, chain.contracts.membership, "mint", [account.address, tokenId])
})

const give = Effect.fnUntraced(function*(from: LocalAccount, to: `0x${string}`, tokenId: bigint) {
  const chain = yield* TestChain
  yield* chain.write(from, chain.contracts.membership, "transferFrom", [from.address, to, tokenId])
})

const claim = Effect.fnUntraced(function*({ somebody }: Payer, tokenId: bigint) {
  const { chainId, contracts } = yield* TestChain
  return yield* somebody.post(`${root}/memberships/claim`, {
    chainId,
    contract: contracts.membership.address,
    tokenId: String(tokenId)
  })
})

const assertHolds = Effect.fnUntraced(function*(payer: Payer, holds: boolean) {
  const plan = yield* planOf(payer)
  assert.strictEqual(plan.source, holds ? "membership" : "none", JSON.stringify(plan))
  if (holds) assert.strictEqual(plan.tier, "PRO")
})

describe.skipIf(isLeftOut)("A membership by a token", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("follows the token to its three owners in turn", () =>
      Effect.gen(function*() {
        const tokenId = newToken()
        const [ann, bob, eve] = [yield* makePayer, yield* makePayer, yield* makePayer]
        yield* mint(ann, tokenId)
        yield* settled
        yield* assertHolds(ann, true)
        yield* give(ann.account, bob.account.address, tokenId)
        yield* settled
        yield* assertHolds(ann, false)
        yield* assertHolds(bob, true)
        yield* give(bob.account, eve.account.address, tokenId)
        yield* settled
        yield* assertHolds(bob, false)
        yield* assertHolds(eve, true)
      }))

    it.effect("goes to the last owner if the token moved through three wallets in one block", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const tokenId = newToken()
        const [ann, bob, eve] = [yield* makePayer, yield* makePayer, yield* makePayer]
        yield* mint(ann, tokenId)
        yield* chain.mine(1)
        yield* give(ann.account, bob.account.address, tokenId)
        yield* give(bob.account, eve.account.address, tokenId)
        yield* settled
        yield* assertHolds(ann, false)
        yield* assertHolds(bob, false)
        yield* assertHolds(eve, true)
      }))

    it.effect("is swapped by two users who swap their tokens", () =>
      Effect.gen(function*() {
        const [one, other] = [newToken(), newToken()]
        const [ann, bob] = [yield* makePayer, yield* makePayer]
        yield* mint(ann, one)
        yield* mint(bob, other)
        yield* settled
        yield* give(ann.account, bob.account.address, one)
        yield* give(bob.account, ann.account.address, other)
        yield* settled
        yield* assertHolds(ann, true)
        yield* assertHolds(bob, true)
        yield* give(ann.account, bob.account.address, other)
        yield* settled
        yield* assertHolds(ann, false)
        yield* assertHolds(bob, true)
      }))

    it.effect("ends with an owner who is no user, and with the burning of the token", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const [sold, burnt] = [newToken(), newToken()]
        const [ann, bob, stranger] = [yield* makePayer, yield* makePayer, yield* makeStranger]
        yield* mint(ann, sold)
        yield* mint(bob, burnt)
        yield* settled
        yield* give(ann.account, stranger.address, sold)
        yield* chain.write(bob.account, chain.contracts.membership, "burn", [burnt])
        yield* settled
        yield* assertHolds(ann, false)
        yield* assertHolds(bob, false)
      }))

    it.effect("rests while the token is in escrow, and returns with the token", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const tokenId = newToken()
        const ann = yield* makePayer
        const { escrow, membership } = chain.contracts
        yield* mint(ann, tokenId)
        yield* settled
        yield* chain.write(ann.account, membership, "safeTransferFrom", [ann.account.address, escrow.address, tokenId])
        yield* settled
        yield* assertHolds(ann, false)
        yield* chain.write(ann.account, escrow, "withdraw", [membership.address, tokenId])
        yield* settled
        yield* assertHolds(ann, true)
      }))

    it.effect("ends when its wallet is unlinked from the user", () =>
      Effect.gen(function*() {
        const tokenId = newToken()
        const { send } = yield* TestHost
        const ann = yield* makePayer
        yield* mint(ann, tokenId)
        yield* settled
        yield* assertHolds(ann, true)
        yield* send("DELETE", "/auth/me", { token: ann.somebody.token })
        yield* (yield* TokenMemberships).review(UserId.make(ann.somebody.id))
        const again = { ...ann, somebody: yield* (yield* TestHost).signIn(ann.key) }
        yield* (yield* TokenMemberships).review(UserId.make(again.somebody.id))
        assert.notStrictEqual(again.somebody.id, ann.somebody.id)
        yield* assertHolds(again, true)
      }))

    it.effect("does not begin before the block is deep enough", () =>
      Effect.gen(function*() {
        const tokenId = newToken()
        const ann = yield* makePayer
        yield* mint(ann, tokenId)
        yield* mined(2)
        yield* assertHolds(ann, false)
        assert.strictEqual((yield* claim(ann, tokenId)).status, 409)
        yield* mined(1)
        yield* assertHolds(ann, true)
      }))

    it.effect("is not given for the token of somebody else, or for a token that was never minted", () =>
      Effect.gen(function*() {
        const tokenId = newToken()
        const [ann, bob] = [yield* makePayer, yield* makePayer]
        yield* mint(ann, tokenId)
        yield* settled
        const refused = yield* claim(bob, tokenId)
        assert.strictEqual(refused.status, 409, refused.text)
        assert.strictEqual((yield* claim(bob, 10_000_000n)).status, 409)
        yield* assertHolds(bob, false)
        yield* assertHolds(ann, true)
      }))
  })
})

describe.skipIf(isLeftOut)("A token from before the chain was read", () => {
  layer(quietChainHost(), { excludeTestServices: true })((it) => {
    it.effect("gives a membership once its owner names it", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const tokenId = newToken()
        const ann = yield* makePayer
        yield* mint(ann, tokenId)
        yield* chain.mine(3)
        yield* assertHolds(ann, false)
        const claimed = yield* claim(ann, tokenId)
        assert.strictEqual(claimed.status, 200, claimed.text)
        assert.strictEqual(claimed.json.source, "membership")
        yield* settled
        yield* assertHolds(ann, true)
      }))
  })
})

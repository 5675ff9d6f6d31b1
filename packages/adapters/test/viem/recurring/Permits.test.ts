import {
  AuthorizationIneffective,
  type AuthorizationWish,
  ChargingUnavailable,
  HexBytes,
  PermitRejected,
  TooManyPermits
} from "@dchat/domain/onchain"
import { AssetNotOffered, UseUndoCancel, WalletNotUsable } from "@dchat/domain/subscription"
import { isLeftOut } from "@dchat/doubles/chain"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { LocalAccount } from "viem"
import { addressOf } from "../endpoint/support/Payments.ts"
import { before, type ChargedInstallation, install, price, sendGrants } from "./support/ChargedInstallation.ts"

const timeout = 60_000

/** The permit of the instructions, signed by the wallet or by another account. */
const signedBy = Effect.fnUntraced(function*(
  { authorizations, userId }: ChargedInstallation,
  wish: AuthorizationWish,
  signer: LocalAccount
) {
  const { amount, permit } = yield* authorizations.instructions(userId, wish, 12)
  const { deadline, expiration, nonce, typedData } = permit ?? assert.fail("the token knows no permits")
  const signature = yield* Effect.promise(() => signer.signTypedData(typedData as never))
  return {
    amount,
    deadline,
    ...(expiration !== undefined && { expiration }),
    ...(nonce !== undefined && { nonce }),
    signature: HexBytes.make(signature)
  }
})

const charged = Effect.fnUntraced(function*({ balanceOf, charging, goTo, recipient, settle }: ChargedInstallation) {
  yield* goTo(before({ days: 1 }))
  yield* charging.sweep
  yield* settle
  assert.strictEqual(yield* balanceOf(recipient), price)
})

describe.skipIf(isLeftOut)("A signed permit", { timeout }, () => {
  it.effect("of a token (EIP-2612) is handed in by the operator, and allows the charge", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, charging, double, mine, operator, payer, sent, subscription, transactions, userId } =
        installation
      const wish = installation.wish()
      const permit = yield* signedBy(installation, wish, payer)
      assert.strictEqual(permit.amount, 12n * price)
      yield* authorizations.authorizeByPermit(userId, wish, permit)
      assert.strictEqual((yield* subscription).authorization?.kind, "allowance")
      yield* mine(4)
      yield* charging.sweep
      assert.deepStrictEqual((yield* transactions).map(({ state }) => state), ["succeeded"])
      const { usdc } = double.contracts
      const allowance = yield* Effect.promise(() =>
        double.client.readContract({ ...usdc, functionName: "allowance", args: [payer.address, operator.address] })
      )
      assert.strictEqual(allowance, 12n * price)
      yield* charged(installation)
      assert.strictEqual(yield* sent, 2)
    }))

  it.effect("of Permit2 needs an allowance of Permit2, and allows the charge", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, double, mine, payer, userId } = installation
      const wish = installation.wish("permit2")
      const early = yield* signedBy(installation, wish, payer)
      const refused = yield* Effect.flip(authorizations.authorizeByPermit(userId, wish, early))
      assert.deepStrictEqual(refused, new PermitRejected())
      const { permit2, usdc } = double.contracts
      yield* double.approve(usdc, payer, permit2.address, 12n * price)
      yield* mine()
      yield* authorizations.authorizeByPermit(userId, wish, yield* signedBy(installation, wish, payer))
      yield* mine()
      yield* charged(installation)
    }))

  it.effect("that somebody else has handed in already does no harm", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, double, mine, operator, payer, sent, subscription, userId } = installation
      const wish = installation.wish()
      const permit = yield* signedBy(installation, wish, payer)
      const [r, s, v] = [permit.signature.slice(2, 66), permit.signature.slice(66, 130), permit.signature.slice(130)]
      const stranger = double.accounts[7] ?? assert.fail("no account")
      yield* double.write(stranger, double.contracts.usdc, "permit", [
        payer.address,
        operator.address,
        permit.amount,
        BigInt(permit.deadline),
        Number.parseInt(v, 16),
        `0x${r}`,
        `0x${s}`
      ])
      yield* mine()
      yield* authorizations.authorizeByPermit(userId, wish, permit)
      assert.isDefined((yield* subscription).authorization)
      assert.strictEqual(yield* sent, 0)
      yield* charged(installation)
    }))

  it.effect("is refused if another account signed it, if it allows too little, or if it is spoilt", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, double, payer, sent, subscription, userId } = installation
      const wish = installation.wish()
      const permit = yield* signedBy(installation, wish, payer)
      const foreign = yield* signedBy(installation, wish, double.accounts[7] ?? assert.fail("no account"))
      const spoilt = { ...permit, signature: HexBytes.make(permit.signature.slice(0, -2)) }
      const other = { ...permit, amount: permit.amount + 1n }
      for (const bad of [foreign, spoilt, other, { ...permit, amount: price - 1n }, { ...permit, deadline: 1 }]) {
        const refused = yield* Effect.flip(authorizations.authorizeByPermit(userId, wish, bad))
        assert.deepStrictEqual(refused, new PermitRejected())
      }
      assert.isUndefined((yield* subscription).authorization)
      assert.strictEqual(yield* sent, 0)
    }))

  it.effect("is handed in at most five times for a subscription", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, charging, double, mine, operator, payer, sent, userId } = installation
      const wish = installation.wish()
      for (let n = 0; n < 5; n++) {
        yield* authorizations.authorizeByPermit(userId, wish, yield* signedBy(installation, wish, payer))
        yield* mine(4)
        yield* charging.sweep
        yield* double.approve(double.contracts.usdc, payer, operator.address, 0n)
        yield* mine()
      }
      const permit = yield* signedBy(installation, wish, payer)
      const refused = yield* Effect.flip(authorizations.authorizeByPermit(userId, wish, permit))
      assert.deepStrictEqual(refused, new TooManyPermits())
      assert.strictEqual(yield* sent, 5)
    }))
})

describe.skipIf(isLeftOut)("To authorise", { timeout }, () => {
  it.effect("needs a linked wallet, an accepted token and the allowance on the chain", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, double, proxy, userId } = installation
      const wish = installation.wish()
      const refusal = (of: AuthorizationWish) => Effect.flip(authorizations.authorize(userId, of))
      const stranger = addressOf(double.accounts[7]?.address ?? "0x")
      assert.deepStrictEqual(yield* refusal({ ...wish, payer: stranger }), new WalletNotUsable())
      const imitation = installation.wish("allowance", double.contracts.imitation)
      assert.deepStrictEqual(yield* refusal(imitation), new AssetNotOffered())
      assert.deepStrictEqual(yield* refusal(wish), new AuthorizationIneffective({ reason: "allowance" }))
      yield* proxy.faults.add({ _tag: "Drop" })
      assert.deepStrictEqual(yield* refusal(wish), new AuthorizationIneffective({ reason: "unavailable" }))
      const unread = yield* Effect.flip(authorizations.instructions(userId, wish, 12))
      assert.deepStrictEqual(unread, new ChargingUnavailable())
    }))

  it.effect("is refused for a subscription that is cancelled", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { act, authorizations, userId } = installation
      const wish = installation.wish()
      yield* sendGrants(installation, wish)
      yield* act({ _tag: "Cancel", when: "period_end" })
      assert.deepStrictEqual(yield* Effect.flip(authorizations.authorize(userId, wish)), new UseUndoCancel())
    }))

  it.effect("and to revoke leaves the allowance to the user, with the call that takes it back", () =>
    Effect.gen(function*() {
      const installation = yield* install
      const { authorizations, double, mine, operator, payer, subscription, userId } = installation
      const wish = installation.wish()
      yield* sendGrants(installation, wish)
      yield* authorizations.authorize(userId, wish)
      yield* authorizations.revoke(userId)
      assert.isUndefined((yield* subscription).authorization)
      const { revocation: { data, to } } = yield* authorizations.instructions(userId, wish, 12)
      yield* double.send({ from: payer, to: `0x${to.slice(2)}`, data: `0x${data.slice(2)}` })
      yield* mine()
      const { usdc } = double.contracts
      const allowance = yield* Effect.promise(() =>
        double.client.readContract({ ...usdc, functionName: "allowance", args: [payer.address, operator.address] })
      )
      assert.strictEqual(allowance, 0n)
    }))
})

import { type Identity, LinkedInClientId, maxWallets, type Merge, merge, walletRefOf } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Result } from "effect"
import { heldBy } from "../credentialOf.ts"
import { account, after, contract, having, person, temporaryRef, userId, wallet, walletId } from "../given.ts"

const formerApplication = LinkedInClientId.make("the-former-application")
const now = after("1 hour")

const merged = (survivor: Identity, absorbed: Identity): Merge =>
  Result.getOrThrow(merge(survivor, absorbed, heldBy(absorbed), now))
const refusal = (survivor: Identity, absorbed: Identity) =>
  Result.match(merge(survivor, absorbed, heldBy(absorbed), now), {
    onSuccess: () => "merged",
    onFailure: ({ _tag }) => _tag
  })

/** Both as they are afterwards. */
const results = (survivor: Identity, absorbed: Identity) => {
  const events = merged(survivor, absorbed)
  return { survivor: having(survivor, ...events.survivor), absorbed: having(absorbed, ...events.absorbed) }
}

describe("Merging two people", () => {
  it("hands wallets and the account of the absorbed over to the survivor, with the ids that they had", () => {
    const ann = person(1, { wallets: [wallet(1)] })
    const bob = person(2, { wallets: [wallet(2), contract(3, 10)], accounts: [account(1)] })
    const { absorbed, survivor } = results(ann, bob)
    assert.deepStrictEqual(survivor.wallets.map(({ id, isPrimary, userId }) => ({ id, isPrimary, userId })), [
      { id: walletId(1), isPrimary: true, userId: ann.id },
      { id: walletId(2), isPrimary: false, userId: ann.id },
      { id: walletId(3), isPrimary: false, userId: ann.id }
    ])
    assert.deepStrictEqual(survivor.accounts.map(({ id, userId }) => ({ id, userId })), [
      { id: account(1).id, userId: ann.id }
    ])
    assert.strictEqual(survivor.displayName, ann.displayName)
    assert.deepStrictEqual(absorbed.wallets, [])
    assert.deepStrictEqual(absorbed.accounts, [])
    assert.strictEqual(absorbed.status, "merged")
    assert.strictEqual(absorbed.mergedInto, ann.id)
  })

  it("is told in the activity of both", () => {
    const events = merged(person(1, { wallets: [wallet(1)] }), person(2, { accounts: [account(1)] }))
    assert.deepStrictEqual(events.survivor.map(({ _tag }) => _tag), ["Absorbed", "AccountLinked"])
    assert.deepStrictEqual(events.absorbed, [
      { _tag: "TemporaryWalletRetired", ref: temporaryRef(2) },
      { _tag: "MergedInto", userId: userId(1) }
    ])
  })

  it("makes the first wallet of a survivor who had none primary, in place of the placeholder", () => {
    const { survivor } = results(person(1, { accounts: [account(1)] }), person(2, { wallets: [wallet(1), wallet(2)] }))
    assert.deepStrictEqual(survivor.wallets.map(({ isPrimary }) => isPrimary), [true, false])
    assert.isUndefined(survivor.temporaryWallet)
    assert.strictEqual(walletRefOf(survivor)?._tag, "Linked")
  })

  it("keeps the survivor's own placeholder when neither has a wallet", () => {
    const ann = person(1, { accounts: [account(1, { clientId: formerApplication })] })
    const { absorbed, survivor } = results(ann, person(2, { accounts: [account(2)] }))
    assert.deepStrictEqual(survivor.temporaryWallet, ann.temporaryWallet)
    assert.lengthOf(survivor.accounts, 2)
    assert.isUndefined(absorbed.temporaryWallet)
  })

  it("is refused when both have an account of the same application", () => {
    const refused = refusal(
      person(1, { wallets: [wallet(1)], accounts: [account(1)] }),
      person(2, { accounts: [account(2)] })
    )
    assert.strictEqual(refused, "MergeTwoLinkedIn")
  })

  it("is refused when the survivor would have too many wallets", () => {
    const many = person(1, { wallets: Array.makeBy(maxWallets - 1, (number) => wallet(number)) })
    assert.strictEqual(refusal(many, person(2, { wallets: [wallet(50)] })), "merged")
    assert.strictEqual(refusal(many, person(2, { wallets: [wallet(50), wallet(51)] })), "TooManyWallets")
  })

  it("is refused when one of them is disabled, merged or deleted", () => {
    const ann = person(1, { wallets: [wallet(1)] })
    const bob = person(2, { wallets: [wallet(2)] })
    const disabled = (some: Identity) => having(some, { _tag: "Disabled", reason: "spam" })
    const gone = (some: Identity) => [
      having(some, { _tag: "MergedInto", userId: userId(9) }),
      having(some, { _tag: "Deleted" })
    ]
    assert.strictEqual(refusal(disabled(ann), bob), "UserDisabled")
    assert.strictEqual(refusal(ann, disabled(bob)), "UserDisabled")
    for (const some of gone(ann)) assert.strictEqual(refusal(some, bob), "UserNotFound")
    for (const some of gone(bob)) assert.strictEqual(refusal(ann, some), "UserNotFound")
  })
})

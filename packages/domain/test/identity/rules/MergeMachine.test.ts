import {
  type Identity,
  LinkedInClientId,
  maxWallets,
  type Merge,
  merge,
  type MergeRefusal,
  MergeTicketInvalid,
  MergeTwoLinkedIn,
  TooManyWallets,
  UserDisabled,
  UserNotFound,
  walletRefOf
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Result } from "effect"
import { comparable } from "../../support/given.ts"
import { heldBy } from "../credentialOf.ts"
import { now } from "../given.ts"
import { account, contract, having, temporaryRef, user, userId, wallet, walletId } from "../identities.ts"

const formerApplication = LinkedInClientId.make("the-former-application")

/** A merge has two histories: the outcome names the events of each user. */
const merging = (survivor: Identity, absorbed: Identity, proved = heldBy(absorbed)) => {
  const outcome = Result.merge(merge(survivor, absorbed, proved, now))
  return {
    yields: (events: Merge) => {
      assert.deepStrictEqual(comparable(outcome), comparable(events))
      return {
        survivor: having(survivor, ...events.survivor),
        absorbed: having(absorbed, ...events.absorbed)
      }
    },
    refuses: (refusal: MergeRefusal) => assert.deepStrictEqual(comparable(outcome), comparable(refusal))
  }
}

describe("Merging two users", () => {
  const ann = user(1, { wallets: [wallet(1)] })
  const linked = (some: ReturnType<typeof wallet>, isPrimary = false) =>
    ({ _tag: "WalletLinked", wallet: { ...some, userId: ann.id, isPrimary } }) as const
  const accountLinked = (some: ReturnType<typeof account>) =>
    ({ _tag: "AccountLinked", account: { ...some, userId: ann.id, lastSyncAt: now } }) as const
  const absorbed = (number: number) => ({ _tag: "Absorbed", userId: userId(number) }) as const
  const mergedInto = { _tag: "MergedInto", userId: ann.id } as const
  const retired = (number: number) => ({ _tag: "TemporaryWalletRetired", ref: temporaryRef(number) }) as const

  it("moves the wallets and the account of the absorbed user to the survivor, with their ids", () => {
    const bob = user(2, { wallets: [wallet(2), contract(3, 10)], accounts: [account(1)] })
    const after = merging(ann, bob).yields({
      survivor: [absorbed(2), linked(wallet(2)), linked(contract(3, 10)), accountLinked(account(1))],
      absorbed: [mergedInto]
    })
    assert.deepStrictEqual(after.survivor.wallets.map(({ id, isPrimary, userId }) => ({ id, isPrimary, userId })), [
      { id: walletId(1), isPrimary: true, userId: ann.id },
      { id: walletId(2), isPrimary: false, userId: ann.id },
      { id: walletId(3), isPrimary: false, userId: ann.id }
    ])
    assert.deepStrictEqual(after.survivor.accounts.map(({ id, userId }) => ({ id, userId })), [
      { id: account(1).id, userId: ann.id }
    ])
    assert.strictEqual(after.survivor.displayName, ann.displayName)
    assert.deepStrictEqual(after.absorbed.wallets, [])
    assert.deepStrictEqual(after.absorbed.accounts, [])
    assert.strictEqual(after.absorbed.status, "merged")
    assert.strictEqual(after.absorbed.mergedInto, ann.id)
  })

  it("is recorded in the activity of both users", () => {
    merging(ann, user(2, { accounts: [account(1)] })).yields({
      survivor: [absorbed(2), accountLinked(account(1))],
      absorbed: [retired(2), mergedInto]
    })
  })

  it("makes the first wallet primary if the survivor had none, in place of the temporary wallet", () => {
    const withoutWallet = user(1, { accounts: [account(1)] })
    const { survivor } = merging(withoutWallet, user(2, { wallets: [wallet(1), wallet(2)] })).yields({
      survivor: [absorbed(2), linked(wallet(1), true), linked(wallet(2)), retired(1)],
      absorbed: [mergedInto]
    })
    assert.deepStrictEqual(survivor.wallets.map(({ isPrimary }) => isPrimary), [true, false])
    assert.isUndefined(survivor.temporaryWallet)
    assert.strictEqual(walletRefOf(survivor)?._tag, "Linked")
  })

  it("keeps the temporary wallet of the survivor if neither user has a wallet", () => {
    const former = user(1, { accounts: [account(1, { clientId: formerApplication })] })
    const after = merging(former, user(2, { accounts: [account(2)] })).yields({
      survivor: [absorbed(2), accountLinked(account(2))],
      absorbed: [retired(2), mergedInto]
    })
    assert.deepStrictEqual(after.survivor.temporaryWallet, former.temporaryWallet)
    assert.lengthOf(after.survivor.accounts, 2)
    assert.isUndefined(after.absorbed.temporaryWallet)
  })

  it("is refused if both users have an account of the same application", () => {
    merging(user(1, { wallets: [wallet(1)], accounts: [account(1)] }), user(2, { accounts: [account(2)] }))
      .refuses(new MergeTwoLinkedIn())
  })

  it("is refused if the survivor would have too many wallets", () => {
    const many = user(1, { wallets: Array.makeBy(maxWallets - 1, (number) => wallet(number)) })
    merging(many, user(2, { wallets: [wallet(50)] })).yields({
      survivor: [absorbed(2), linked(wallet(50))],
      absorbed: [mergedInto]
    })
    merging(many, user(2, { wallets: [wallet(50), wallet(51)] })).refuses(new TooManyWallets({ limit: maxWallets }))
  })

  it("is refused if the absorbed user does not hold the proved credential any more", () => {
    const bob = user(2, { wallets: [wallet(2)] })
    merging(ann, bob, heldBy(user(2, { wallets: [wallet(3)] }))).refuses(new MergeTicketInvalid())
  })

  it("is refused if one of the users is disabled, merged or deleted", () => {
    const bob = user(2, { wallets: [wallet(2)] })
    const disabled = (some: Identity) => having(some, { _tag: "Disabled", reason: "spam" })
    const gone = (some: Identity) => [
      having(some, { _tag: "MergedInto", userId: userId(9) }),
      having(some, { _tag: "Deleted" })
    ]
    merging(disabled(ann), bob).refuses(new UserDisabled({ userId: ann.id }))
    merging(ann, disabled(bob)).refuses(new UserDisabled({ userId: bob.id }))
    for (const some of gone(ann)) merging(some, bob).refuses(new UserNotFound({ userId: ann.id }))
    for (const some of gone(bob)) {
      merging(ann, some, heldBy(bob)).refuses(new UserNotFound({ userId: bob.id }))
    }
  })
})

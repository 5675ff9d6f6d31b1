import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import {
  AccountTokenRepository,
  ChainId,
  DisplayName,
  IdentityRepository,
  isSameWallet,
  LinkedInClientId,
  type UserId
} from "../identity/index.ts"
import {
  after,
  application,
  happened,
  noon,
  signUp,
  someAccount,
  someTemporaryRef,
  someWallet
} from "./support/identityFixtures.ts"
import { absorb, eventsOf, load, type Ports, step, unlinked } from "./support/identitySteps.ts"

/** The part of the contract of `IdentityRepository` about wallets and accounts that change their owner, merges and deletions. */
export const identityHandoverContract = <E>(
  name: string,
  subject: Layer.Layer<Ports, E>
) =>
  layer(subject)(`${name}, handing over`, (it) => {
    it.effect("moves wallets and accounts in one step, with their ids and the sealed token", () =>
      Effect.gen(function*() {
        const tokens = yield* AccountTokenRepository
        const account = someAccount()
        const ann = yield* signUp()
        const bob = yield* signUp({
          wallets: [someWallet(), someWallet({ kind: "contract", chainId: ChainId.make(10) })],
          accounts: [account]
        })
        const token = { accountId: account.id, token: { keyId: "key", ciphertext: "sealed" }, scopes: ["openid"] }
        yield* tokens.put(token)
        yield* absorb(ann.id, bob.id)
        const merged = Option.getOrThrow(yield* load(ann.id))
        assert.deepStrictEqual(
          merged.wallets.map(({ id, isPrimary }) => ({ id, isPrimary })),
          [...ann.wallets, ...bob.wallets].map(({ id }, index) => ({ id, isPrimary: index === 0 }))
        )
        assert.deepStrictEqual(merged.accounts.map(({ id, userId }) => ({ id, userId })), [
          { id: account.id, userId: ann.id }
        ])
        assert.deepStrictEqual(yield* tokens.find(account.id), Option.some(token))
        const tombstone = Option.getOrThrow(yield* load(bob.id))
        assert.deepInclude(tombstone, { status: "merged", mergedInto: ann.id, wallets: [], accounts: [] })
      }))

    it.effect("moves all credentials to a user who had only a temporary wallet, and retires both temporary wallets", () =>
      Effect.gen(function*() {
        const ann = yield* signUp({ accounts: [someAccount()] })
        const bob = yield* signUp()
        yield* absorb(ann.id, bob.id)
        const merged = Option.getOrThrow(yield* load(ann.id))
        assert.isUndefined(merged.temporaryWallet)
        assert.deepStrictEqual(merged.wallets.map(({ isPrimary }) => isPrimary), [true])
        const cat = yield* signUp({ accounts: [someAccount({ clientId: LinkedInClientId.make("another") })] })
        yield* absorb(ann.id, cat.id)
        assert.isUndefined(Option.getOrThrow(yield* load(cat.id)).temporaryWallet)
      }))

    it.effect("lists wallets by the time of their verification and accounts by the time of their link, also after a merge", () =>
      Effect.gen(function*() {
        const earlier = (days: number) => DateTime.subtractDuration(noon, { days })
        const ann = yield* signUp({
          wallets: [someWallet({ verifiedAt: earlier(1) })],
          accounts: [{ ...someAccount(), linkedAt: earlier(1) }]
        })
        const bob = yield* signUp({
          wallets: [someWallet({ verifiedAt: earlier(3) }), someWallet({ verifiedAt: noon })],
          accounts: [{ ...someAccount({ clientId: LinkedInClientId.make("another") }), linkedAt: earlier(2) }]
        })
        yield* absorb(ann.id, bob.id)
        const kept = Option.getOrThrow(yield* load(ann.id))
        assert.deepStrictEqual(kept.wallets.map(({ verifiedAt }) => verifiedAt), [earlier(3), earlier(1), noon])
        assert.deepStrictEqual(kept.wallets.map(({ isPrimary }) => isPrimary), [false, true, false])
        assert.deepStrictEqual(kept.accounts.map(({ linkedAt }) => linkedAt), [earlier(2), earlier(1)])
      }))

    it.effect("changes the primary wallet, back and forth, any number of times", () =>
      Effect.gen(function*() {
        const { id, wallets } = yield* signUp({ wallets: [someWallet(), someWallet(), someWallet()] })
        for (const wallet of [...wallets.toReversed(), ...wallets]) {
          yield* happened(id, { _tag: "PrimaryWalletChanged", walletId: wallet.id })
          const kept = Option.getOrThrow(yield* load(id)).wallets
          assert.deepStrictEqual(kept.filter((it) => it.isPrimary).map((it) => it.id), [wallet.id])
          assert.lengthOf(kept, 3)
        }
      }))

    it.effect("unlinks the primary wallet in the step in which another wallet becomes primary, and links a new one", () =>
      Effect.gen(function*() {
        const { id, wallets: [first = someWallet(), second = someWallet()] } = yield* signUp({
          wallets: [someWallet(), someWallet()]
        })
        yield* happened(id, unlinked(first), { _tag: "PrimaryWalletChanged", walletId: second.id })
        const third = someWallet({ userId: id, isPrimary: true })
        const now = yield* happened(id, { _tag: "WalletLinked", wallet: third }, unlinked(second))
        assert.deepStrictEqual(yield* load(id), Option.some(now))
        assert.deepStrictEqual(now.wallets, [third])
      }))

    it.effect("moves a wallet from one user to another and back within single steps", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* signUp({ wallets: [someWallet(), someWallet()] }), yield* signUp()]
        const handOver = (from: UserId, to: UserId) =>
          step([from, to], (people) => {
            const [giver, taker] = [from, to].map((id) => people.find((it) => it.id === id))
            const wallet = giver?.wallets.at(-1)
            if (giver === undefined || taker === undefined || wallet === undefined) throw new Error("not there")
            return [
              after(giver, [unlinked(wallet)]),
              after(taker, [{ _tag: "WalletLinked", wallet: { ...wallet, userId: to, isPrimary: false } }])
            ]
          }, Effect.void)
        const counts = Effect.gen(function*() {
          const people = [yield* load(ann.id), yield* load(bob.id)]
          return people.map((one) => Option.getOrThrow(one).wallets.length)
        })
        yield* handOver(ann.id, bob.id)
        assert.deepStrictEqual(yield* counts, [1, 2])
        yield* handOver(bob.id, ann.id)
        assert.deepStrictEqual(yield* counts, [2, 1])
      }))

    it.effect("lets another user link a wallet and an account that were unlinked", () =>
      Effect.gen(function*() {
        const account = someAccount()
        const { id, wallets: [wallet = someWallet()] } = yield* signUp({
          wallets: [someWallet(), someWallet()],
          accounts: [account]
        })
        yield* happened(id, unlinked(wallet), { _tag: "AccountUnlinked", accountId: account.id })
        const other = yield* signUp({
          wallets: [someWallet({ address: wallet.address })],
          accounts: [someAccount({ subject: account.profile.subject })]
        })
        const { ownerOfAccount, ownerOfWallet } = yield* IdentityRepository
        assert.deepStrictEqual(yield* ownerOfWallet(wallet), Option.some(other.id))
        assert.deepStrictEqual(yield* ownerOfAccount(application, account.profile.subject), Option.some(other.id))
        assert.isTrue(isSameWallet(other.wallets[0] ?? wallet, wallet))
      }))

    it.effect("stores one active temporary wallet, a different one each time", () =>
      Effect.gen(function*() {
        const { id, temporaryWallet: first } = yield* signUp({ accounts: [someAccount()] })
        const wallet = someWallet({ userId: id, isPrimary: true })
        const linked = yield* happened(
          id,
          { _tag: "WalletLinked", wallet },
          { _tag: "TemporaryWalletRetired", ref: first?.ref ?? someTemporaryRef() }
        )
        assert.deepStrictEqual(yield* load(id), Option.some(linked))
        const temporaryWallet = { ref: someTemporaryRef(), userId: id, createdAt: noon }
        const again = yield* happened(id, unlinked(wallet), { _tag: "TemporaryWalletAssigned", temporaryWallet })
        assert.deepStrictEqual(yield* load(id), Option.some(again))
        assert.deepStrictEqual(again.temporaryWallet, temporaryWallet)
      }))

    it.effect("replaces the LinkedIn profile by the current one", () =>
      Effect.gen(function*() {
        const account = someAccount()
        const { id } = yield* signUp({ accounts: [account] })
        const { subject } = account.profile
        const profile = { subject, name: "Ann Jones", emailVerified: false }
        const now = yield* happened(id, { _tag: "AccountSynced", accountId: account.id, profile })
        assert.deepStrictEqual(yield* load(id), Option.some(now))
        assert.deepStrictEqual(now.accounts[0]?.profile, profile)
      }))

    it.effect("finds all users who were merged into a user, directly or through others", () =>
      Effect.gen(function*() {
        const { absorbedBy } = yield* IdentityRepository
        const [ann, bob, cat, dan] = [yield* signUp(), yield* signUp(), yield* signUp(), yield* signUp()]
        yield* absorb(bob.id, ann.id)
        yield* absorb(cat.id, bob.id)
        yield* absorb(cat.id, dan.id)
        assert.sameMembers([...yield* absorbedBy(cat.id)], [ann.id, bob.id, dan.id])
        assert.deepStrictEqual(yield* absorbedBy(bob.id), [ann.id])
        assert.deepStrictEqual(yield* absorbedBy(ann.id), [])
      }))

    it.effect("deletes the activity of a deleted user, and of all users who were merged into that user", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [yield* signUp(), yield* signUp(), yield* signUp({ accounts: [someAccount()] })]
        const stranger = yield* signUp()
        yield* absorb(bob.id, ann.id)
        yield* absorb(cat.id, bob.id)
        const deleted = yield* happened(cat.id, { _tag: "Deleted" })
        assert.deepStrictEqual(yield* load(cat.id), Option.some(deleted))
        assert.deepStrictEqual(yield* eventsOf(cat.id), ["Deleted"])
        for (const { id } of [ann, bob]) {
          assert.deepStrictEqual(yield* eventsOf(id), [])
          const tombstone = Option.getOrThrow(yield* load(id))
          assert.deepInclude(tombstone, { status: "merged", displayName: DisplayName.make("Deleted user") })
        }
        assert.lengthOf(yield* eventsOf(stranger.id), stranger.version)
      }))
  })

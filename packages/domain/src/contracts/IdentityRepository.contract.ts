import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option, Result } from "effect"
import {
  AccountTokenRepository,
  ChainId,
  DisplayName,
  type Identity,
  type IdentityChange,
  IdentityRepository,
  isSameWallet,
  LinkedInClientId,
  LinkedInSubject,
  merge,
  recordedCauseOf,
  recordOf,
  type UserId,
  UserRepository,
  type Wallet
} from "../identity/index.ts"
import {
  after,
  application,
  byTest,
  happened,
  heldBy,
  newcomer,
  noon,
  signUp,
  someAccount,
  someAddress,
  someProfile,
  someTemporaryRef,
  someUserId,
  someWallet
} from "./support/identityFixtures.ts"

type Ports = IdentityRepository | UserRepository | AccountTokenRepository

const load = (id: UserId) => Effect.flatMap(IdentityRepository, (identities) => identities.load(id))

const create = (change: IdentityChange) =>
  Effect.flatMap(
    IdentityRepository,
    (identities) => identities.create({ changes: [change], cause: byTest, at: noon, alongside: Effect.void })
  )

/** The names of a user's events, the oldest first. */
const eventsOf = Effect.fnUntraced(function*(id: UserId) {
  const activity = yield* (yield* IdentityRepository).activity(id, { limit: 1000 })
  return activity.map(({ event }) => event._tag).toReversed()
})

/** One step that changes these users, and yields to other fibers while it decides. */
const step = <A, E, R>(
  ids: ReadonlyArray<UserId>,
  changesOf: (people: ReadonlyArray<Identity>) => ReadonlyArray<IdentityChange>,
  alongside: Effect.Effect<A, E, R>
) =>
  Effect.flatMap(
    IdentityRepository,
    (identities) =>
      identities.change(ids, (people) =>
        Effect.map(Effect.yieldNow, () => ({ changes: changesOf(people), cause: byTest, at: noon, alongside })))
  )

/** Increments the number in the company of each of these users, read and written in one step. */
const countUp = (...ids: ReadonlyArray<UserId>) =>
  step(
    ids,
    (people) =>
      people.map((one) => after(one, [{ _tag: "ProfileEdited", company: String(Number(one.company ?? 0) + 1) }])),
    Effect.void
  )

const companyOf = (id: UserId) => Effect.map(load(id), Option.flatMapNullishOr(({ company }) => company))

/** Merges two users in one step. */
const absorb = (survivor: UserId, absorbed: UserId) =>
  step([survivor, absorbed], (people) => {
    const [one, other] = [survivor, absorbed].map((id) => people.find((it) => it.id === id))
    if (one === undefined || other === undefined) throw new Error("both have to be there")
    const events = Result.getOrThrow(merge(one, other, heldBy(other), noon))
    return [after(other, events.absorbed), after(one, events.survivor)]
  }, Effect.void)

const unlinked = ({ id }: Wallet) => ({ _tag: "WalletUnlinked", walletId: id } as const)

/**
 * The contract of `IdentityRepository`, for every implementation. `takesBack`: whether a step whose `alongside` fails
 * leaves nothing behind. The store in memory does not undo the step.
 */
export const identityRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<Ports, E>,
  { takesBack }: { readonly takesBack: boolean }
) =>
  layer(subject)(name, (it) => {
    it.effect("gives people back exactly as they were kept", () =>
      Effect.gen(function*() {
        const people = [
          yield* signUp(),
          yield* signUp({
            name: "Ann Ünal 🎈",
            wallets: [
              someWallet(),
              someWallet({ kind: "contract", chainId: ChainId.make(Number.MAX_SAFE_INTEGER) })
            ],
            accounts: [someAccount(), someAccount({ clientId: LinkedInClientId.make("another") })]
          }),
          yield* signUp({ accounts: [bare(someAccount())] }),
          yield* signUp({ status: "disabled" })
        ]
        for (const person of people) assert.deepStrictEqual(yield* load(person.id), Option.some(person))
        assert.deepStrictEqual(yield* load(someUserId()), Option.none())
      }))

    it.effect("keeps what happened with its cause and time, the newest first, in pages", () =>
      Effect.gen(function*() {
        const { activity } = yield* IdentityRepository
        const change = newcomer()
        yield* create(change)
        const { id } = change.identity
        yield* happened(id, { _tag: "SignedIn", method: "wallet" }, { _tag: "ProfileEdited", company: "Acme" })
        const all = [
          ...change.events,
          { _tag: "SignedIn", method: "wallet" } as const,
          { _tag: "ProfileEdited", company: "Acme" } as const
        ].map((event, index) => ({
          userId: id,
          seq: index + 1,
          at: noon,
          event: recordOf(event),
          cause: recordedCauseOf(byTest)
        })).toReversed()
        assert.deepStrictEqual(yield* activity(id, { limit: 10 }), all)
        assert.deepStrictEqual(yield* activity(id, { limit: 2 }), all.slice(0, 2))
        assert.deepStrictEqual(yield* activity(id, { limit: 2, before: 3 }), all.slice(2))
        assert.deepStrictEqual(yield* activity(id, { limit: 2, before: 1 }), [])
        assert.deepStrictEqual(yield* activity(someUserId(), { limit: 2 }), [])
      }))

    it.effect("keeps who did it, with their reason", () =>
      Effect.gen(function*() {
        const identities = yield* IdentityRepository
        const { id } = yield* signUp()
        const cause = { _tag: "Admin", actor: "operator", reason: "it's \"spam\" 🎈 \\ %" } as const
        yield* identities.change([id], ([found]) =>
          Effect.succeed({
            changes: found === undefined ? [] : [after(found, [{ _tag: "Disabled", reason: cause.reason }])],
            cause,
            at: noon,
            alongside: Effect.void
          }))
        assert.deepStrictEqual((yield* identities.activity(id, { limit: 1 }))[0]?.cause, cause)
      }))

    it.effect("takes any characters that a profile may hold; but a NUL or half a character may be lost", () =>
      Effect.gen(function*() {
        const names = [
          "",
          "\0Ann\0",
          "🎈".repeat(150),
          "x".repeat(300),
          "\\u0000 \" ' \n\t %_",
          "\u202eannA",
          "ﷺ".repeat(300)
        ]
        for (const name of names) {
          const { id } = yield* signUp({ accounts: [someAccount({ name })] })
          const found = Option.getOrThrow(yield* load(id))
          assert.strictEqual(writable(found.accounts[0]?.profile.name ?? ""), writable(name))
          assert.lengthOf(yield* eventsOf(id), found.version)
        }
      }))

    it.effect("makes one person of 200 first logins at once with one wallet", () =>
      Effect.gen(function*() {
        const { ownerOfWallet } = yield* IdentityRepository
        const wallet = someWallet()
        const newcomers = Array.makeBy(200, () => newcomer({ wallets: [someWallet({ address: wallet.address })] }))
        yield* oneOf(newcomers, ownerOfWallet(wallet))
      }))

    it.effect("makes one person of 200 first logins at once with one contract wallet", () =>
      Effect.gen(function*() {
        const { ownerOfWallet } = yield* IdentityRepository
        const wallet = someWallet({ kind: "contract", chainId: ChainId.make(10) })
        const newcomers = Array.makeBy(200, () => newcomer({ wallets: [{ ...wallet, id: someWallet().id }] }))
        yield* oneOf(newcomers, ownerOfWallet(wallet))
      }))

    it.effect("makes one person of 200 first logins at once with one LinkedIn account", () =>
      Effect.gen(function*() {
        const { ownerOfAccount } = yield* IdentityRepository
        const { subject } = someProfile()
        const newcomers = Array.makeBy(200, () => newcomer({ accounts: [someAccount({ subject })] }))
        yield* oneOf(newcomers, ownerOfAccount(application, subject))
      }))

    it.effect("keeps nothing of a newcomer whose wallet or account is somebody else's", () =>
      Effect.gen(function*() {
        const wallet = someWallet()
        const account = someAccount()
        yield* signUp({ wallets: [wallet], accounts: [account] })
        const late = [
          newcomer({ wallets: [someWallet({ address: wallet.address })], accounts: [someAccount()] }),
          newcomer({ wallets: [someWallet()], accounts: [someAccount({ subject: account.profile.subject })] })
        ]
        for (const change of late) {
          assert.strictEqual((yield* Effect.flip(create(change)))._tag, "CredentialTaken")
          assert.deepStrictEqual(yield* load(change.identity.id), Option.none())
          assert.deepStrictEqual(yield* eventsOf(change.identity.id), [])
          assert.deepStrictEqual(yield* (yield* UserRepository).findByIds([change.identity.id]), [])
        }
      }))

    it.effect("keeps nothing of a step that takes somebody else's wallet or account", () =>
      Effect.gen(function*() {
        const wallet = someWallet()
        const account = someAccount()
        const owner = yield* signUp({ wallets: [wallet], accounts: [account] })
        const before = yield* signUp()
        const attempts = [
          { _tag: "WalletLinked", wallet: someWallet({ address: wallet.address, userId: before.id }) },
          {
            _tag: "AccountLinked",
            account: { ...someAccount({ subject: account.profile.subject }), userId: before.id }
          }
        ] as const
        for (const event of attempts) {
          const taking = step(
            [before.id],
            (people) => people.map((one) => after(one, [{ _tag: "ProfileEdited", company: "Acme" }, event])),
            Effect.die("nothing may be done alongside")
          )
          assert.strictEqual((yield* Effect.flip(taking))._tag, "CredentialTaken")
        }
        assert.deepStrictEqual(yield* load(before.id), Option.some(before))
        assert.deepStrictEqual(yield* load(owner.id), Option.some(owner))
        assert.lengthOf(yield* eventsOf(before.id), before.version)
      }))

    it.effect("knows an externally owned account on all chains, and a contract on its own only", () =>
      Effect.gen(function*() {
        const { ownerOfWallet } = yield* IdentityRepository
        const address = someAddress()
        const wallets = [
          someWallet({ address }),
          someWallet({ address, kind: "contract", chainId: ChainId.make(1) }),
          someWallet({ address, kind: "contract", chainId: ChainId.make(10) })
        ]
        const owners = yield* Effect.forEach(wallets, (wallet) => signUp({ wallets: [wallet] }))
        const found = yield* Effect.forEach(wallets, ownerOfWallet)
        assert.deepStrictEqual(found, owners.map(({ id }) => Option.some(id)))
        assert.deepStrictEqual(
          yield* ownerOfWallet({ kind: "contract", chainId: ChainId.make(137), address }),
          Option.none()
        )
        assert.deepStrictEqual(yield* ownerOfWallet(someWallet()), Option.none())
      }))

    it.effect("knows an account by its application and subject, letter by letter", () =>
      Effect.gen(function*() {
        const { ownerOfAccount } = yield* IdentityRepository
        const account = someAccount({ subject: LinkedInSubject.make(`aB_${someUserId()}`) })
        const { id } = yield* signUp({ accounts: [account] })
        const { subject } = account.profile
        assert.deepStrictEqual(yield* ownerOfAccount(application, subject), Option.some(id))
        assert.deepStrictEqual(yield* ownerOfAccount(LinkedInClientId.make("another"), subject), Option.none())
        assert.deepStrictEqual(
          yield* ownerOfAccount(application, LinkedInSubject.make(subject.toUpperCase())),
          Option.none()
        )
      }))

    it.effect("hands people to a step once, by id, leaving unknown ids out", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* signUp(), yield* signUp()]
        let handed: ReadonlyArray<Identity> = []
        const answer = yield* step([bob.id, someUserId(), ann.id, bob.id], (people) => {
          handed = people
          return []
        }, Effect.succeed("an answer"))
        assert.deepStrictEqual(handed, [ann, bob])
        assert.strictEqual(answer, "an answer")
        assert.deepStrictEqual(yield* load(ann.id), Option.some(ann))
      }))

    it.effect("does what is to be done alongside after the changes", () =>
      Effect.gen(function*() {
        const { id } = yield* signUp()
        const seen = yield* step(
          [id],
          (people) => people.map((one) => after(one, [{ _tag: "ProfileEdited", company: "Acme" }])),
          companyOf(id)
        )
        assert.deepStrictEqual(seen, Option.some("Acme"))
      }))

    it.effect("counts each of 50 steps at once on one person", () =>
      Effect.gen(function*() {
        const { id, version } = yield* signUp()
        yield* Effect.all(Array.makeBy(50, () => countUp(id)), { concurrency: "unbounded", discard: true })
        assert.deepStrictEqual(yield* companyOf(id), Option.some("50"))
        assert.lengthOf(yield* eventsOf(id), version + 50)
      }))

    it.effect("does not let steps on two people in opposite order block each other", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* signUp(), yield* signUp()]
        const steps = Array.makeBy(40, (index) => index % 2 === 0 ? countUp(ann.id, bob.id) : countUp(bob.id, ann.id))
        yield* Effect.all(steps, { concurrency: "unbounded", discard: true })
        assert.deepStrictEqual([yield* companyOf(ann.id), yield* companyOf(bob.id)], [
          Option.some("40"),
          Option.some("40")
        ])
      }))

    it.effect("keeps nothing of a step that refuses, and passes the refusal on", () =>
      Effect.gen(function*() {
        const before = yield* signUp()
        const identities = yield* IdentityRepository
        const refusing = identities.change<void, string, never, never, never>([before.id], () => Effect.fail("not now"))
        const refusal = yield* Effect.flip(refusing)
        assert.strictEqual(refusal, "not now")
        assert.deepStrictEqual(yield* load(before.id), Option.some(before))
        yield* countUp(before.id)
      }))

    if (takesBack) {
      it.effect("keeps nothing of a step when anything fails alongside", () =>
        Effect.gen(function*() {
          const before = yield* signUp()
          const identities = yield* IdentityRepository
          const failing: ReadonlyArray<Effect.Effect<never, string>> = [
            Effect.fail("not now"),
            Effect.die("a defect"),
            Effect.interrupt
          ]
          for (const alongside of failing) {
            const exit = yield* Effect.exit(identities.change([before.id], (people) =>
              Effect.succeed({
                changes: people.map((one) =>
                  after(one, [
                    { _tag: "ProfileEdited", displayName: DisplayName.make("Nobody"), company: "Acme" },
                    { _tag: "WalletLinked", wallet: someWallet({ userId: one.id }) }
                  ])
                ),
                cause: byTest,
                at: noon,
                alongside
              })))
            assert.strictEqual(exit._tag, "Failure")
            assert.deepStrictEqual(yield* load(before.id), Option.some(before))
            assert.lengthOf(yield* eventsOf(before.id), before.version)
          }
          yield* countUp(before.id)
        }))
    }

    it.effect("hands wallets and accounts over in one step, with their ids and the sealed token", () =>
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

    it.effect("hands everything to somebody who had a placeholder only, and ends both placeholders", () =>
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

    it.effect("shows wallets as they were verified, and accounts as they were linked, also after a merge", () =>
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

    it.effect("swaps the primary wallet, there and back, any number of times", () =>
      Effect.gen(function*() {
        const { id, wallets } = yield* signUp({ wallets: [someWallet(), someWallet(), someWallet()] })
        for (const wallet of [...wallets.toReversed(), ...wallets]) {
          yield* happened(id, { _tag: "PrimaryWalletChanged", walletId: wallet.id })
          const kept = Option.getOrThrow(yield* load(id)).wallets
          assert.deepStrictEqual(kept.filter((it) => it.isPrimary).map((it) => it.id), [wallet.id])
          assert.lengthOf(kept, 3)
        }
      }))

    it.effect("lets the primary wallet go in the step in which another becomes it, and links another in its place", () =>
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

    it.effect("hands a wallet from one person to another and back within single steps", () =>
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

    it.effect("lets somebody else hold a wallet and an account that were let go", () =>
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

    it.effect("keeps one live placeholder, another each time", () =>
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

    it.effect("keeps what LinkedIn says now in place of what it said", () =>
      Effect.gen(function*() {
        const account = someAccount()
        const { id } = yield* signUp({ accounts: [account] })
        const { subject } = account.profile
        const profile = { subject, name: "Ann Jones", emailVerified: false }
        const now = yield* happened(id, { _tag: "AccountSynced", accountId: account.id, profile })
        assert.deepStrictEqual(yield* load(id), Option.some(now))
        assert.deepStrictEqual(now.accounts[0]?.profile, profile)
      }))

    it.effect("knows everybody who has become part of a person, directly or through others", () =>
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

    it.effect("forgets what happened to somebody who is deleted, and to all who had become part of them", () =>
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

/** Runs all of these at once. One is stored and becomes the owner; the others are refused and leave nothing behind. */
const oneOf = Effect.fnUntraced(function*<R>(
  newcomers: ReadonlyArray<IdentityChange>,
  owner: Effect.Effect<Option.Option<UserId>, never, R>
) {
  const answers = yield* Effect.forEach(newcomers, (change) => Effect.result(create(change)), {
    concurrency: "unbounded"
  })
  const refused = answers.flatMap((answer) => Result.isFailure(answer) ? answer.failure._tag : [])
  assert.deepStrictEqual(refused, Array.makeBy(newcomers.length - 1, () => "CredentialTaken" as const))
  const kept = yield* (yield* UserRepository).findByIds(newcomers.map(({ identity }) => identity.id))
  assert.deepStrictEqual(kept.map(({ id }) => Option.some(id)), [yield* owner])
  const winner = newcomers.find(({ identity }) => identity.id === kept[0]?.id)
  assert.deepStrictEqual(yield* load(winner?.identity.id ?? someUserId()), Option.fromUndefinedOr(winner?.identity))
})

/** The text without the characters that some stores cannot hold. */
const writable = (text: string) => text.toWellFormed().replaceAll("\0", "")

/** An account for which LinkedIn gives only the subject. */
const bare = (account: ReturnType<typeof someAccount>) => ({
  ...account,
  profile: { subject: account.profile.subject, name: "", emailVerified: false }
})

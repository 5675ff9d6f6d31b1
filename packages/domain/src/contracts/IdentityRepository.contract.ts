import { assert, layer } from "@effect/vitest"
import { Array, Effect, type Layer, Option } from "effect"
import {
  ChainId,
  DisplayName,
  type Identity,
  IdentityRepository,
  LinkedInClientId,
  LinkedInSubject,
  recordedCauseOf,
  recordOf
} from "../identity/index.ts"
import { identityHandoverContract } from "./IdentityHandover.contract.ts"
import { identityNewcomersContract } from "./IdentityNewcomers.contract.ts"
import {
  after,
  application,
  byTest,
  happened,
  newcomer,
  noon,
  signUp,
  someAccount,
  someAddress,
  someUserId,
  someWallet
} from "./support/identityFixtures.ts"
import {
  bare,
  companyOf,
  countUp,
  create,
  eventsOf,
  load,
  type Ports,
  step,
  writable
} from "./support/identitySteps.ts"

/**
 * The contract of `IdentityRepository`, for every implementation. `takesBack`: whether a step whose `alongside` fails
 * leaves nothing behind. The store in memory does not undo the step.
 */
export const identityRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<Ports, E>,
  { takesBack }: { readonly takesBack: boolean }
): void => {
  layer(subject)(name, (it) => {
    it.effect("returns users exactly as they were stored", () =>
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

    it.effect("stores the activity with its cause and time, and lists the newest first, in pages", () =>
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

    it.effect("stores the administrator who caused an event, and the reason", () =>
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

    it.effect("stores any characters of a profile, but may lose a NUL or half of a surrogate pair", () =>
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

    it.effect("stores nothing of a step that links a wallet or an account of another user", () =>
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

    it.effect("finds an externally owned account on all chains, and a contract on its own chain only", () =>
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

    it.effect("finds an account by its application and subject, case-sensitively", () =>
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

    it.effect("passes each user to a step once, by id, without unknown ids", () =>
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

    it.effect("runs the accompanying work of a step after the changes", () =>
      Effect.gen(function*() {
        const { id } = yield* signUp()
        const seen = yield* step(
          [id],
          (people) => people.map((one) => after(one, [{ _tag: "ProfileEdited", company: "Acme" }])),
          companyOf(id)
        )
        assert.deepStrictEqual(seen, Option.some("Acme"))
      }))

    it.effect("stores each of 50 concurrent steps on one user", () =>
      Effect.gen(function*() {
        const { id, version } = yield* signUp()
        yield* Effect.all(Array.makeBy(50, () => countUp(id)), { concurrency: "unbounded", discard: true })
        assert.deepStrictEqual(yield* companyOf(id), Option.some("50"))
        assert.lengthOf(yield* eventsOf(id), version + 50)
      }))

    it.effect("does not deadlock on steps that lock two users in opposite order", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* signUp(), yield* signUp()]
        const steps = Array.makeBy(40, (index) => index % 2 === 0 ? countUp(ann.id, bob.id) : countUp(bob.id, ann.id))
        yield* Effect.all(steps, { concurrency: "unbounded", discard: true })
        assert.deepStrictEqual([yield* companyOf(ann.id), yield* companyOf(bob.id)], [
          Option.some("40"),
          Option.some("40")
        ])
      }))

    it.effect("stores nothing of a step that refuses, and returns the refusal", () =>
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
      it.effect("stores nothing of a step if its accompanying work fails", () =>
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
  })
  identityNewcomersContract(name, subject)
  identityHandoverContract(name, subject)
}

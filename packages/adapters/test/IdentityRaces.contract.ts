import {
  CodeChallenge,
  Identities,
  type IdentityRepository,
  loginCount,
  Merging,
  type NativeCode,
  nativeCodes,
  type Proved,
  Sessions,
  type SignedIn,
  SignIn,
  SingleUse,
  type TokenHash,
  type UserId,
  type WalletProofs
} from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import {
  happened,
  signUp,
  someAccount,
  someHash,
  someWallet
} from "../../domain/src/contracts/support/identityFixtures.ts"
import { credentialOf } from "../../domain/test/identity/credentialOf.ts"
import { application, grantOf, someProfile } from "../../domain/test/identity/LinkedInAnswers.ts"
import { addressOf, newAccount, signedBy } from "../../domain/test/identity/provedWallet.ts"

type Services = Identities | IdentityRepository | Merging | Sessions | SignIn | SingleUse | WalletProofs

const sessionOf = Effect.fnUntraced(function*(id: UserId) {
  const sessions = yield* Sessions
  const { session } = yield* sessions.issue(id)
  return yield* sessions.find(session.id)
})

const me = (id: UserId) => Effect.flatMap(Identities, (identities) => identities.me(id))

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: ({ _tag }) => _tag })

const atOnce = <A, E, R>(attempts: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(attempts, { concurrency: "unbounded" })

/** A code that is earned by a proof. */
const someCode = (hash: TokenHash, { at, credential, userId }: Proved): NativeCode => ({
  hash,
  userId,
  proved: credential,
  provedAt: at,
  redirectUri: "http://127.0.0.1:4711/callback",
  codeChallenge: CodeChallenge.make("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
  expiresAt: DateTime.addDuration(at, "1 minute")
})

const offerTo = Effect.fnUntraced(function*({ session }: SignedIn, absorbed: UserId) {
  return (yield* (yield* Merging).offer(session, absorbed, yield* credentialOf(absorbed))).ticket
})

/** What holds of the identity services when much happens at once, whatever they are built on. */
export const identityRacesContract = <E>(name: string, subject: Layer.Layer<Services, E>) =>
  layer(subject)(name, (it) => {
    it.effect("create one user from 200 concurrent first sign-ins with one LinkedIn account", () =>
      Effect.gen(function*() {
        const { byLinkedIn } = yield* SignIn
        const grant = grantOf(someProfile())
        const opened = yield* atOnce(Array.makeBy(200, () => byLinkedIn(grant, application, {})))
        const ids = opened.map(({ session }) => session.userId)
        const [id] = ids
        if (id === undefined) return assert.fail("nobody")
        assert.strictEqual(new Set(ids).size, 1)
        const { accounts, temporaryWallet, version } = yield* me(id)
        assert.lengthOf(accounts, 1)
        assert.isDefined(temporaryWallet)
        // Registered, linked, given a placeholder, signed in; then a profile and a sign-in for each of the others.
        assert.strictEqual(version, 4 + 199 * 2)
      }))

    it.effect("create one user from 200 concurrent first sign-ins with one wallet", () =>
      Effect.gen(function*() {
        const { byWallet } = yield* SignIn
        const { address } = someWallet()
        const opened = yield* atOnce(Array.makeBy(200, () => byWallet({ kind: "eoa", address }, {})))
        assert.strictEqual(new Set(opened.map(({ session }) => session.userId)).size, 1)
      }))

    it.effect("leave one of two logins in 50 concurrent attempts to unlink both", () =>
      Effect.gen(function*() {
        const { unlinkLinkedIn, unlinkWallet } = yield* Identities
        const { id, wallets: [wallet = someWallet()] } = yield* signUp({
          wallets: [someWallet()],
          accounts: [someAccount({ clientId: application })]
        })
        const who = yield* sessionOf(id)
        const answers = yield* atOnce(
          Array.makeBy(
            50,
            (index) => index % 2 === 0 ? tagOf(unlinkWallet(who, wallet.id, {})) : tagOf(unlinkLinkedIn(who, {}))
          )
        )
        assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
        const identity = yield* me(id)
        assert.strictEqual(loginCount(identity, application), 1)
        assert.strictEqual(identity.temporaryWallet === undefined, identity.wallets.length > 0)
      }))

    it.effect("leave one of two wallets in 50 concurrent attempts from several sessions", () =>
      Effect.gen(function*() {
        const { unlinkWallet } = yield* Identities
        const { id, wallets } = yield* signUp({ wallets: [someWallet(), someWallet()] })
        const sessions = yield* Effect.forEach(Array.range(1, 5), () => sessionOf(id))
        const attempts = Array.makeBy(50, (index) => {
          const [wallet, who] = [wallets[index % 2], sessions[index % 5]]
          return wallet === undefined || who === undefined
            ? Effect.die("none")
            : tagOf(unlinkWallet(who, wallet.id, {}))
        })
        const answers = yield* atOnce(attempts)
        assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
        const left = (yield* me(id)).wallets
        assert.deepStrictEqual(left.map(({ isPrimary }) => isPrimary), [true])
        // The session that did it goes on, and no other.
        assert.lengthOf(yield* (yield* Sessions).listOf(id), 1)
      }))

    it.effect("leave no session of an unlinked wallet alive in 60 sign-ins concurrent with the unlinking", () =>
      Effect.gen(function*() {
        const { unlinkWallet } = yield* Identities
        const { byWallet, earnByWallet } = yield* SignIn
        const sessions = yield* Sessions
        const store = yield* SingleUse
        for (const _ of Array.range(1, 3)) {
          const { id, wallets: [wallet = someWallet()] } = yield* signUp({ wallets: [someWallet(), someWallet()] })
          const who = yield* sessionOf(id)
          const hashes = Array.makeBy(10, someHash)
          const unlink = Effect.asVoid(unlinkWallet(who, wallet.id, {}))
          yield* atOnce([
            ...Array.makeBy(30, () => Effect.asVoid(byWallet(wallet, {}))),
            unlink,
            ...Array.makeBy(30, () => Effect.asVoid(byWallet(wallet, {}))),
            ...hashes.map((hash) =>
              earnByWallet(wallet, {}, (proved) => store.put(nativeCodes, someCode(hash, proved)))
            )
          ])
          // Sign-ins that came later made somebody new of the wallet.
          assert.deepStrictEqual((yield* sessions.listOf(id)).map((session) => session.id), [who.session.id])
          const left = yield* Effect.forEach(hashes, (hash) => store.consume(nativeCodes, hash))
          assert.notInclude(left.flatMap(Option.toArray).map(({ userId }) => userId), id)
        }
      }))

    it.effect("leave no session with a fresh proof in 20 renewals concurrent with the unlinking", () =>
      Effect.gen(function*() {
        const { reauthenticateByWallet, unlinkWallet } = yield* Identities
        const account = newAccount()
        const { id, wallets: [wallet = someWallet()] } = yield* signUp({
          wallets: [someWallet({ address: addressOf(account) }), someWallet()]
        })
        const [who, ...others] = yield* Effect.forEach(Array.range(0, 20), () => sessionOf(id))
        if (who === undefined) return assert.fail("nobody")
        const renewals = yield* Effect.forEach(others, (other) =>
          Effect.map(
            signedBy(account, { purpose: "reauth", session: other.session }),
            (proof) => tagOf(reauthenticateByWallet(other, proof, {}))
          ))
        yield* atOnce([...renewals, tagOf(unlinkWallet(who, wallet.id, {}))])
        assert.deepStrictEqual((yield* (yield* Sessions).listOf(id)).map((session) => session.id), [who.session.id])
      }))

    it.effect("give the new token to one of 20 concurrent rotations of a session, and report the conflict to the others", () =>
      Effect.gen(function*() {
        const sessions = yield* Sessions
        const { id } = yield* signUp()
        const { session } = yield* sessionOf(id)
        const rotate = Effect.result(sessions.rotate(session))
        const answers = yield* atOnce(Array.makeBy(20, () => rotate))
        const tokens = Array.getSuccesses(answers)
        assert.lengthOf(tokens, 1)
        assert.deepStrictEqual(new Set(Array.getFailures(answers).map(({ _tag }) => _tag)), new Set(["TokenReplaced"]))
        for (const token of tokens) {
          assert.strictEqual((yield* sessions.authenticate(token)).session.generation, 1)
        }
      }))

    it.effect("refuse a merge ticket whose proof is unlinked at the same time", () =>
      Effect.gen(function*() {
        const { unlinkWallet } = yield* Identities
        const { merge } = yield* Merging
        for (const _ of Array.range(1, 5)) {
          const [thief, victim] = [
            yield* sessionOf((yield* signUp()).id),
            yield* signUp({
              wallets: [someWallet(), someWallet()]
            })
          ]
          const owner = yield* sessionOf(victim.id)
          const ticket = yield* offerTo(thief, victim.id)
          const [stolen = someWallet()] = victim.wallets
          const [merged, unlinked] = yield* atOnce([
            tagOf(merge(thief, ticket, {})),
            tagOf(unlinkWallet(owner, stolen.id, {}))
          ])
          // One of the two came first, and the other one found that it did.
          assert.strictEqual(merged === "accepted", unlinked !== "accepted", `${merged} ${unlinked}`)
          assert.strictEqual((yield* me(victim.id)).status, unlinked === "accepted" ? "active" : "merged")
        }
      }))

    it.effect("give a wallet to one of two users who link it concurrently, and offer the other user a merge", () =>
      Effect.gen(function*() {
        const { linkWallet } = yield* Identities
        for (const _ of Array.range(1, 5)) {
          const account = newAccount()
          const people = [yield* sessionOf((yield* signUp()).id), yield* sessionOf((yield* signUp()).id)]
          const proofs = yield* Effect.forEach(people, (who) =>
            Effect.map(
              signedBy(account, { purpose: "link", session: who.session }),
              (proof) => ({ proof, who })
            ))
          const answers = yield* atOnce(proofs.map(({ proof, who }) => tagOf(linkWallet(who, proof, {}))))
          assert.sameMembers(answers, ["accepted", "OwnedByOther"])
        }
      }))

    it.effect("let one of two users absorb the other when both try concurrently", () =>
      Effect.gen(function*() {
        const { merge } = yield* Merging
        for (const _ of Array.range(1, 5)) {
          const [ann, bob] = [yield* sessionOf((yield* signUp()).id), yield* sessionOf((yield* signUp()).id)]
          const [one, other] = [yield* offerTo(ann, bob.user.id), yield* offerTo(bob, ann.user.id)]
          const answers = yield* atOnce([tagOf(merge(ann, one, {})), tagOf(merge(bob, other, {}))])
          assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
          // The first one has ended the session of the second, and voided its ticket.
          assert.includeMembers(["accepted", "SessionInvalid", "MergeTicketInvalid"], answers)
          const people = [yield* me(ann.user.id), yield* me(bob.user.id)]
          assert.sameMembers(people.map(({ status }) => status), ["active", "merged"])
          assert.lengthOf(people.flatMap(({ wallets }) => wallets), 2)
        }
      }))

    it.effect("accept a merge ticket once in 20 concurrent attempts", () =>
      Effect.gen(function*() {
        const { merge } = yield* Merging
        const [ann, bob] = [yield* sessionOf((yield* signUp()).id), yield* signUp()]
        const ticket = yield* offerTo(ann, bob.id)
        const answers = yield* atOnce(Array.makeBy(20, () => tagOf(merge(ann, ticket, {}))))
        assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
      }))

    it.effect("find the surviving user for a user who signs in during the merge", () =>
      Effect.gen(function*() {
        const { byWallet } = yield* SignIn
        const { merge } = yield* Merging
        const ann = yield* sessionOf((yield* signUp()).id)
        const wallet = someWallet()
        const bob = yield* signUp({ wallets: [wallet] })
        const ticket = yield* offerTo(ann, bob.id)
        const signIn = Effect.map(byWallet({ kind: "eoa", address: wallet.address }, {}), ({ session }) =>
          session.userId as string)
        const [, ...ids] = yield* atOnce([
          Effect.map(merge(ann, ticket, {}), ({ userId }) =>
            userId as string),
          ...Array.makeBy(20, () => signIn)
        ])
        for (const id of ids) assert.include([ann.user.id, bob.id], id)
        assert.strictEqual(yield* signIn, ann.user.id)
      }))

    it.effect("end no session of one user by an action of another, and keep the sockets of ended sessions apart", () =>
      Effect.gen(function*() {
        const { unlinkWallet } = yield* Identities
        const sessions = yield* Sessions
        const people = yield* Effect.forEach(Array.range(1, 10), () =>
          Effect.gen(function*() {
            const { id, wallets: [wallet = someWallet()] } = yield* signUp({ wallets: [someWallet(), someWallet()] })
            return { wallet, who: yield* sessionOf(id), other: yield* sessionOf(id) }
          }))
        yield* atOnce(people.map(({ wallet, who }) => unlinkWallet(who, wallet.id, {})))
        const ids = people.flatMap(({ other, who }) => [who.session.id, other.session.id])
        assert.sameMembers(
          (yield* sessions.keepAlive(ids)).map(({ id }) => id),
          people.map(({ who }) => who.session.id)
        )
      }))

    it.effect("keep some sessions alive while others end, without deadlocks", () =>
      Effect.gen(function*() {
        const { unlinkWallet } = yield* Identities
        const { keepAlive } = yield* Sessions
        for (const _ of Array.range(1, 5)) {
          const people = yield* Effect.forEach(Array.range(1, 5), () =>
            Effect.gen(function*() {
              const { id, wallets: [wallet = someWallet()] } = yield* signUp({ wallets: [someWallet(), someWallet()] })
              const who = yield* sessionOf(id)
              const others = yield* Effect.forEach(Array.range(1, 4), () => sessionOf(id))
              return { wallet, who, ids: [who, ...others].map(({ session }) => session.id) }
            }))
          const all = people.flatMap(({ ids }) => ids)
          // They have to be written down as used by now, and are still fresh.
          yield* TestClock.adjust("6 minutes")
          yield* atOnce([
            ...Array.makeBy(20, (index) => Effect.asVoid(keepAlive(index % 2 === 0 ? all : all.toReversed()))),
            ...people.map(({ wallet, who }) => Effect.asVoid(unlinkWallet(who, wallet.id, {})))
          ])
          assert.sameMembers((yield* keepAlive(all)).map(({ id }) => id), people.map(({ who }) => who.session.id))
        }
      }))

    it.effect("count every event of a user in concurrent steps", () =>
      Effect.gen(function*() {
        const { activity, editProfile, setPrimaryWallet } = yield* Identities
        const { byWallet } = yield* SignIn
        const { id, wallets } = yield* signUp({ wallets: [someWallet(), someWallet()] })
        const who = yield* sessionOf(id)
        yield* atOnce(Array.makeBy(40, (index): Effect.Effect<unknown, unknown, IdentityRepository> => {
          const wallet = wallets[index % 2] ?? someWallet()
          if (index % 4 === 0) return editProfile(who, { company: `Acme ${index}` }, {})
          if (index % 4 === 1) return setPrimaryWallet(who, wallet.id, {})
          if (index % 4 === 2) return byWallet({ kind: "eoa", address: wallet.address }, {})
          return happened(id, { _tag: "Reauthenticated", method: "wallet" })
        }))
        const { version } = yield* me(id)
        const events = yield* activity(id, { limit: 1000 })
        assert.deepStrictEqual(events.map(({ seq }) => seq), Array.range(1, version).toReversed())
      }))
  })

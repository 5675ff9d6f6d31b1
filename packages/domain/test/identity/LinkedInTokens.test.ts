import { MemoryIdentity } from "@dchat/adapters/memory"
import {
  AccountTokenRepository,
  Identities,
  LinkedInFailed,
  type LinkedInGrant,
  LinkedInProfiles,
  LinkedInTokens,
  Sessions
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Effect, Layer, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { identityTestLayer, identityTestServices } from "./IdentityTestLayer.ts"
import { grantOf, LinkedInAnswers, someProfile } from "./LinkedInAnswers.ts"
import { unwrap } from "./sessionsAlive.ts"
import { signedIn } from "./signedIn.ts"
import { signedUp, signedUpByLinkedIn } from "./signedUp.ts"

const origin = { userAgent: "Firefox" }

/** A user who has signed in by LinkedIn with this grant. */
const come = Effect.fnUntraced(function*(grant: LinkedInGrant) {
  const who = yield* signedUpByLinkedIn(grant)
  const account = yield* unwrap(Array.head((yield* (yield* Identities).me(who.user.id)).accounts))
  return { who, accountId: account.id }
})

const opened = Effect.fnUntraced(function*(accountId: Effect.Success<ReturnType<typeof come>>["accountId"]) {
  return Redacted.value(yield* (yield* LinkedInTokens).open(accountId))
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: ({ _tag }) => _tag })

describe("LinkedInTokens", () => {
  it.effect("seal and store the token of each sign-in", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const { accountId } = yield* come(grantOf(profile, { accessToken: Redacted.make("first secret") }))
      assert.strictEqual(yield* opened(accountId), "first secret")
      yield* come(grantOf(profile, { accessToken: Redacted.make("second secret") }))
      assert.strictEqual(yield* opened(accountId), "second secret")
      const kept = yield* (yield* AccountTokenRepository).find(accountId)
      assert.notInclude(JSON.stringify(kept), "secret")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("store no token if the configuration forbids it", () =>
    Effect.gen(function*() {
      const { accountId, who } = yield* come(grantOf(someProfile()))
      assert.isTrue(Option.isNone(yield* (yield* AccountTokenRepository).find(accountId)))
      const { sync } = yield* LinkedInProfiles
      assert.strictEqual(yield* tagOf(sync(who, origin)), "LinkedInReauthorizationRequired")
    }).pipe(Effect.provide(identityTestLayer({ keepTokens: false }))))

  it.effect("do not open an expired token", () =>
    Effect.gen(function*() {
      const tokenExpiresAt = Option.some(DateTime.makeUnsafe(60_000))
      const { accountId } = yield* come(grantOf(someProfile(), { tokenExpiresAt }))
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(yield* tagOf(opened(accountId)), "accepted")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* tagOf(opened(accountId)), "LinkedInReauthorizationRequired")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("do not open a seal that was moved from another account", () =>
    Effect.gen(function*() {
      const [ann, bob] = [yield* come(grantOf(someProfile())), yield* come(grantOf(someProfile()))]
      const tokens = yield* AccountTokenRepository
      const ofAnn = yield* unwrap(yield* tokens.find(ann.accountId))
      yield* tokens.put({ ...ofAnn, accountId: bob.accountId })
      assert.strictEqual(yield* tagOf(opened(bob.accountId)), "LinkedInReauthorizationRequired")
      assert.strictEqual(yield* tagOf(opened(ann.accountId)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("open after they are sealed again, at most as many at a time as the limit", () =>
    Effect.gen(function*() {
      // Hosts that share what is kept, one after another, while the secret is changed.
      const store = yield* Layer.build(MemoryIdentity.layer)
      const on = (...secrets: Array.NonEmptyReadonlyArray<string>) =>
        Effect.provide(identityTestServices({ secrets }).pipe(Layer.provideMerge(Layer.succeedContext(store))))
      const people = yield* Effect.forEach(Array.range(1, 5), () => come(grantOf(someProfile()))).pipe(on("old"))
      const reseal = (limit: number) => Effect.flatMap(LinkedInTokens, (tokens) => tokens.reseal(limit))
      yield* Effect.gen(function*() {
        const before = yield* Effect.forEach(people, ({ accountId }) => opened(accountId))
        assert.strictEqual(yield* reseal(3), 3)
        assert.strictEqual(yield* reseal(3), 2)
        assert.strictEqual(yield* reseal(3), 0)
        assert.deepStrictEqual(yield* Effect.forEach(people, ({ accountId }) => opened(accountId)), before)
      }).pipe(on("new", "old"))
      yield* Effect.forEach(people, ({ accountId }) => opened(accountId)).pipe(on("new"))
    }).pipe(Effect.scoped))

  it.effect("are deleted once no secret opens them", () =>
    Effect.gen(function*() {
      const store = yield* Layer.build(MemoryIdentity.layer)
      const on = (secret: string) =>
        Effect.provide(
          identityTestServices({ secrets: [secret] }).pipe(Layer.provideMerge(Layer.succeedContext(store)))
        )
      const { accountId } = yield* come(grantOf(someProfile())).pipe(on("lost"))
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* tagOf(opened(accountId)), "LinkedInReauthorizationRequired")
        assert.strictEqual(yield* (yield* LinkedInTokens).reseal(10), 1)
        assert.isTrue(Option.isNone(yield* (yield* AccountTokenRepository).find(accountId)))
        assert.strictEqual(yield* (yield* LinkedInTokens).reseal(10), 0)
      }).pipe(on("new"))
    }).pipe(Effect.scoped))
})

describe("LinkedInProfiles", () => {
  it.effect("return the last LinkedIn profile, and read it again", () =>
    Effect.gen(function*() {
      const profile = someProfile({ name: "Ann Smith" })
      const grant = grantOf(profile)
      const { who } = yield* come(grant)
      const { get, sync } = yield* LinkedInProfiles
      assert.deepStrictEqual((yield* get(who)).profile, profile)
      const changed = { ...profile, name: "Ann Jones", locale: "de-DE" }
      const answers = yield* LinkedInAnswers
      answers.onToken(grant.accessToken, changed)
      yield* TestClock.adjust("1 day")
      const synced = yield* sync(who, origin)
      assert.deepStrictEqual(synced.profile, changed)
      assert.strictEqual(synced.lastSyncAt.epochMilliseconds, 86_400_000)
      assert.deepStrictEqual(yield* get(who), synced)
      assert.strictEqual((yield* (yield* Identities).me(who.user.id)).displayName, "Ann Jones")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("end no session", () =>
    Effect.gen(function*() {
      const profile = someProfile()
      const grant = grantOf(profile)
      const { who } = yield* come(grant)
      const other = yield* signedIn(who.user.id)
      const answers = yield* LinkedInAnswers
      answers.onToken(grant.accessToken, profile)
      yield* (yield* LinkedInProfiles).sync(who, origin)
      for (const { token } of [who, other]) yield* (yield* Sessions).authenticate(token)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("require a sign-in by LinkedIn if the token is dead, and delete that token", () =>
    Effect.gen(function*() {
      const grant = grantOf(someProfile())
      const { accountId, who } = yield* come(grant)
      const answers = yield* LinkedInAnswers
      answers.onToken(grant.accessToken, new LinkedInFailed({ reason: "reauthorization_required" }))
      const { get, sync } = yield* LinkedInProfiles
      assert.strictEqual(yield* tagOf(sync(who, origin)), "LinkedInReauthorizationRequired")
      assert.isTrue(Option.isNone(yield* (yield* AccountTokenRepository).find(accountId)))
      assert.deepStrictEqual((yield* get(who)).profile, grant.profile)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("keep the token if LinkedIn is not available at the moment", () =>
    Effect.gen(function*() {
      const grant = grantOf(someProfile())
      const { accountId, who } = yield* come(grant)
      const answers = yield* LinkedInAnswers
      for (const reason of ["unavailable", "invalid_response"] as const) {
        answers.onToken(grant.accessToken, new LinkedInFailed({ reason }))
        const failure = yield* Effect.flip((yield* LinkedInProfiles).sync(who, origin))
        assert.deepInclude(failure, { _tag: "LinkedInFailed", reason })
      }
      assert.strictEqual(yield* tagOf(opened(accountId)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are refused to a user without an account, and to a session that has ended", () =>
    Effect.gen(function*() {
      const { get, sync } = yield* LinkedInProfiles
      const without = yield* signedIn((yield* signedUp()).id)
      assert.strictEqual(yield* tagOf(get(without)), "LinkedInNotLinked")
      assert.strictEqual(yield* tagOf(sync(without, origin)), "LinkedInNotLinked")
      const grant = grantOf(someProfile())
      const { who } = yield* come(grant)
      const answers = yield* LinkedInAnswers
      answers.onToken(grant.accessToken, grant.profile)
      yield* (yield* Sessions).revoke(who.session.id)
      assert.strictEqual(yield* tagOf(sync(who, origin)), "SessionInvalid")
    }).pipe(Effect.provide(identityTestLayer())))
})

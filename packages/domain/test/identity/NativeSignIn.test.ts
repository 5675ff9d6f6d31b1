import {
  hashToken,
  Identities,
  IdentityAdministration,
  isLoopbackRedirect,
  nativeCodes,
  NativeFlowId,
  NativeSignIn,
  Sessions,
  type SignedIn,
  SingleUse,
  type UserId
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { BeforeLock, beforeLockLayer } from "./BeforeLock.ts"
import { challengeOf } from "./challengeOf.ts"
import { provedBy } from "./credentialOf.ts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { application, grantOf, someProfile } from "./LinkedInAnswers.ts"
import { unwrap } from "./sessionsAlive.ts"
import { signedIn } from "./signedIn.ts"
import { signedUp } from "./signedUp.ts"

const redirectUri = "http://127.0.0.1:4711/callback"
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const origin = { userAgent: "dchat" }

const started = Effect.fnUntraced(function*(uri: string, codeVerifier = verifier) {
  const codeChallenge = yield* challengeOf(codeVerifier)
  return yield* (yield* NativeSignIn).start({ redirectUri: uri, codeChallenge, state: "a state & more=1" })
})

/** A code for a user who has just signed in. */
const coded = Effect.suspend(() => Effect.flatMap(signedUp(), ({ id }) => codedFor(id)))

const codedFor = Effect.fnUntraced(function*(id: UserId) {
  const { flowId } = yield* started(redirectUri)
  const location = new URL(yield* (yield* NativeSignIn).finish(flowId, yield* provedBy(id)))
  return { id, code: location.searchParams.get("code") ?? "" }
})

const exchange = Effect.fnUntraced(function*(code: string, { codeVerifier = verifier, uri = redirectUri } = {}) {
  return yield* (yield* NativeSignIn).exchange({
    code: Redacted.make(code),
    codeVerifier: Redacted.make(codeVerifier),
    redirectUri: uri,
    origin
  })
})

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onSuccess: () => "accepted", onFailure: ({ _tag }) => _tag })

describe("isLoopbackRedirect", () => {
  it.each([
    "http://127.0.0.1",
    "http://127.0.0.1/",
    "http://127.0.0.1:1/callback",
    "http://127.0.0.1:65535/a/b-c_d.e~f",
    "http://[::1]",
    "http://[::1]:4711/callback"
  ])("accepts %s", (uri) => {
    assert.isTrue(isLoopbackRedirect(uri))
  })

  it.each([
    "http://localhost/callback",
    "http://localhost:4711",
    "https://127.0.0.1/callback",
    "http://127.0.0.1.evil.com/",
    "http://127.0.0.1.evil.com:4711/callback",
    "http://127.0.0.1@evil.com/",
    "http://127.0.0.1:4711@evil.com/",
    "http://user@127.0.0.1/",
    "http://user:password@127.0.0.1/",
    "http://127.0.0.1/#fragment",
    "http://127.0.0.1/callback#",
    "http://127.0.0.1/?code=mine",
    "http://127.0.0.1\\@evil.com/",
    "http://127.0.0.1/\\evil.com",
    "http://127.0.0.1%2eevil.com/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:99999/callback",
    "http://127.0.0.1:/callback",
    "http://127.0.0.1:123456/",
    "http://127.0.0.2/",
    "http://127.1/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1].evil.com/",
    "http://[::1%25lo0]/",
    "http://10.0.0.1/",
    "HTTP://127.0.0.1/",
    "//127.0.0.1/",
    " http://127.0.0.1/",
    "http://127.0.0.1/\n",
    "http://127.0.0.1/\r\nset-cookie: a=b",
    "http://127.0.0.1/ü",
    "javascript:alert(1)//127.0.0.1",
    "data:text/html,http://127.0.0.1/",
    "com.example.app:/callback",
    ""
  ])("refuses %j", (uri) => {
    assert.isFalse(isLoopbackRedirect(uri))
  })
})

describe("NativeSignIn", () => {
  it.effect("gives the application a code and its own state, and a session for the code", () =>
    Effect.gen(function*() {
      const { id } = yield* signedUp()
      const { expiresIn, flowId } = yield* started(redirectUri)
      assert.strictEqual(expiresIn, 600)
      const location = new URL(yield* (yield* NativeSignIn).finish(flowId, yield* provedBy(id)))
      assert.strictEqual(location.origin + location.pathname, redirectUri)
      assert.deepStrictEqual([...location.searchParams.keys()].toSorted(), ["code", "state"])
      assert.strictEqual(location.searchParams.get("state"), "a state & more=1")
      const code = location.searchParams.get("code") ?? ""
      assert.match(code, /^dcc_[A-Za-z0-9_-]{43}$/)
      const { session, token, userId } = yield* exchange(code)
      assert.strictEqual(userId, id)
      assert.strictEqual(session.userAgent, "dchat")
      assert.deepStrictEqual((yield* (yield* Sessions).authenticate(token)).session, session)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("ends at any loopback address that is allowed", () =>
    Effect.gen(function*() {
      const { id } = yield* signedUp()
      for (const uri of ["http://127.0.0.1:1", "http://127.0.0.1:65535/cb", "http://[::1]:4711/a/b"]) {
        const { flowId } = yield* started(uri)
        const location = new URL(yield* (yield* NativeSignIn).finish(flowId, yield* provedBy(id)))
        assert.strictEqual(location.host, new URL(uri).host)
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accepts the configured redirect URIs exactly, and no others", () =>
    Effect.gen(function*() {
      const configured = "com.example.app:/callback"
      assert.strictEqual(yield* tagOf(started(configured)), "accepted")
      for (const uri of [`${configured}/`, "com.example.app:/", "COM.example.app:/callback", "https://evil.com/"]) {
        assert.strictEqual(yield* tagOf(started(uri)), "NativeRedirectNotAllowed", uri)
      }
      const { flowId } = yield* started(configured)
      const location = yield* (yield* NativeSignIn).finish(flowId, yield* provedBy((yield* signedUp()).id))
      assert.isTrue(location.startsWith(`${configured}?code=dcc_`), location)
    }).pipe(Effect.provide(identityTestLayer({ redirects: ["com.example.app:/callback"] }))))

  it.effect("lets only the browser that began the flow sign in", () =>
    Effect.gen(function*() {
      const { check } = yield* NativeSignIn
      const { cookie, flowId } = yield* started(redirectUri)
      const other = yield* started(redirectUri)
      assert.strictEqual(yield* tagOf(check(flowId, Redacted.value(cookie))), "accepted")
      for (const wrong of [undefined, "", Redacted.value(other.cookie), `${Redacted.value(cookie)} `]) {
        assert.strictEqual(yield* tagOf(check(flowId, wrong)), "NativeFlowInvalid")
      }
      const unknown = NativeFlowId.make(SecureRandom.uuidV7Unsafe())
      assert.strictEqual(yield* tagOf(check(unknown, Redacted.value(cookie))), "NativeFlowInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("issues one code for a flow, within ten minutes", () =>
    Effect.gen(function*() {
      const { check, finish } = yield* NativeSignIn
      const proved = yield* provedBy((yield* signedUp()).id)
      const [one, late] = [yield* started(redirectUri), yield* started(redirectUri)]
      const answers = yield* Effect.all(Array.makeBy(20, () => tagOf(finish(one.flowId, proved))), {
        concurrency: "unbounded"
      })
      assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* tagOf(check(late.flowId, Redacted.value(late.cookie))), "NativeFlowInvalid")
      assert.strictEqual(yield* tagOf(finish(late.flowId, proved)), "NativeFlowInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("exchanges a code once, also under concurrent requests", () =>
    Effect.gen(function*() {
      const { code } = yield* coded
      const answers = yield* Effect.all(Array.makeBy(20, () => tagOf(exchange(code))), { concurrency: "unbounded" })
      assert.lengthOf(answers.filter((answer) => answer === "accepted"), 1)
      assert.strictEqual(yield* tagOf(exchange(code)), "NativeCodeInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("exchanges a code for 60 seconds", () =>
    Effect.gen(function*() {
      const [early, late] = [yield* coded, yield* coded]
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(yield* tagOf(exchange(early.code)), "accepted")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* tagOf(exchange(late.code)), "NativeCodeInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("exchanges a code for its own verifier and redirect URI only, and any attempt uses the code up", () =>
    Effect.gen(function*() {
      const attempts = [
        { codeVerifier: "x".repeat(43) },
        { codeVerifier: verifier.slice(0, -1) },
        { codeVerifier: `${verifier}=` },
        { codeVerifier: "" },
        { codeVerifier: "v".repeat(129) },
        { codeVerifier: yield* challengeOf(verifier) },
        { uri: `${redirectUri}/` },
        { uri: "http://127.0.0.1:4712/callback" },
        { uri: "" }
      ]
      for (const attempt of attempts) {
        const { code } = yield* coded
        assert.strictEqual(yield* tagOf(exchange(code, attempt)), "NativeCodeInvalid", JSON.stringify(attempt))
        assert.strictEqual(yield* tagOf(exchange(code)), "NativeCodeInvalid")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("computes the challenge as in the example of RFC 7636", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* challengeOf(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
      const { code } = yield* coded
      assert.strictEqual(yield* tagOf(exchange(code)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("exchanges no other text for a session", () =>
    Effect.gen(function*() {
      const { code, id } = yield* coded
      const { token } = yield* signedIn(id)
      for (const other of ["", `${code} `, code.slice(4), Redacted.value(token), `dcc_${"A".repeat(43)}`]) {
        assert.strictEqual(yield* tagOf(exchange(other)), "NativeCodeInvalid")
      }
      assert.strictEqual(yield* tagOf(exchange(code)), "accepted")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a user who was disabled or deleted in the meantime", () =>
    Effect.gen(function*() {
      const disabled = yield* coded
      yield* (yield* IdentityAdministration).disable(disabled.id, { actor: "somebody", reason: "spam" })
      assert.strictEqual(yield* tagOf(exchange(disabled.code)), "NativeCodeInvalid")
      const deleted = yield* coded
      yield* (yield* Identities).delete(yield* signedIn(deleted.id), origin)
      assert.strictEqual(yield* tagOf(exchange(deleted.code)), "NativeCodeInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("opens a session whose proof is as old as that of the code", () =>
    Effect.gen(function*() {
      const { code } = yield* coded
      yield* TestClock.adjust("40 seconds")
      const { session } = yield* exchange(code)
      assert.strictEqual(session.authenticatedAt.epochMilliseconds, 0)
      assert.strictEqual(session.createdAt.epochMilliseconds, 40_000)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a code once the ways to sign in of its user have changed", () =>
    Effect.gen(function*() {
      const { linkLinkedIn, unlinkLinkedIn, unlinkWallet } = yield* Identities
      const { disable, enable } = yield* IdentityAdministration
      const by = { actor: "somebody", reason: "a test" }
      const changes: Record<string, (who: SignedIn) => Effect.Effect<unknown, unknown, Identities>> = {
        "the wallet that was proved is unlinked": Effect.fnUntraced(function*({ session, user }) {
          const { wallets: [wallet] } = yield* (yield* Identities).me(user.id)
          if (wallet !== undefined) yield* unlinkWallet({ session, user }, wallet.id, origin)
        }),
        "another credential is unlinked": (who) => unlinkLinkedIn(who, origin),
        "somebody was disabled and enabled again": ({ user }) =>
          Effect.andThen(disable(user.id, by), enable(user.id, by))
      }
      for (const [name, change] of Object.entries(changes)) {
        const { id } = yield* signedUp()
        yield* linkLinkedIn(yield* signedIn(id), grantOf(someProfile()), application, origin)
        const { code } = yield* codedFor(id)
        yield* change(yield* signedIn(id))
        assert.strictEqual(yield* tagOf(exchange(code)), "NativeCodeInvalid", name)
      }
      const { id } = yield* signedUp()
      const { code } = yield* codedFor(id)
      yield* linkLinkedIn(yield* signedIn(id), grantOf(someProfile()), application, origin)
      assert.strictEqual(yield* tagOf(exchange(code)), "NativeCodeInvalid", "another credential is linked")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a code whose user is disabled and enabled just before the lock", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const by = { actor: "somebody", reason: "a test" }
      const { code, id } = yield* coded
      const twice = Effect.andThen(disable(id, by), enable(id, by)).pipe(Effect.orDie, Effect.asVoid)
      yield* (yield* BeforeLock).next(twice)
      assert.strictEqual(yield* tagOf(exchange(code)), "NativeCodeInvalid")
      assert.deepStrictEqual(yield* (yield* Sessions).listOf(id), [])
    }).pipe(Effect.provide(beforeLockLayer)))

  it.effect("refuses a code if its user no longer has the proved credential, even though the code is not void", () =>
    Effect.gen(function*() {
      const { code, id } = yield* coded
      const store = yield* SingleUse
      const kept = yield* unwrap(yield* store.consume(nativeCodes, yield* hashToken(code)))
      const who = yield* signedIn(id)
      yield* (yield* Identities).linkLinkedIn(who, grantOf(someProfile()), application, origin)
      const { wallets: [wallet] } = yield* (yield* Identities).me(id)
      assert.isDefined(wallet)
      yield* (yield* Identities).unlinkWallet(yield* signedIn(id), wallet.id, origin)
      yield* store.put(nativeCodes, kept)
      assert.strictEqual(yield* tagOf(exchange(code)), "NativeCodeInvalid")
    }).pipe(Effect.provide(identityTestLayer())))
})

import {
  ChainId,
  People,
  Sessions,
  SiweNonceId,
  WalletAddress,
  WalletProof,
  WalletSignIn
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { signedUp } from "./signedUp.ts"

const newAccount = () => privateKeyToAccount(generatePrivateKey())
type Account = ReturnType<typeof newAccount>

const addressOf = (account: Account) => WalletAddress.make(account.address.toLowerCase())

const requestNonce = Effect.fnUntraced(function*(account: Account) {
  const signIn = yield* WalletSignIn
  return yield* signIn.requestNonce({
    address: addressOf(account),
    chainId: ChainId.make(1),
    domain: "chat.example",
    uri: "https://chat.example"
  })
})

const sign = (account: Account, message: string) => Effect.promise(() => account.signMessage({ message }))

const signIn = Effect.fnUntraced(function*(account: Account) {
  const { message, nonceId } = yield* requestNonce(account)
  return yield* (yield* WalletSignIn).verify({ nonceId, signature: yield* sign(account, message) })
})

describe("WalletSignIn", () => {
  it.effect("hands out a message that names the wallet, the host, the chain and five minutes", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { expiresIn, message } = yield* requestNonce(account)
      assert.strictEqual(expiresIn, 300)
      const lines = message.split("\n")
      assert.strictEqual(lines[0], "chat.example wants you to sign in with your Ethereum account:")
      assert.strictEqual(lines[1], account.address)
      assert.include(lines, "URI: https://chat.example")
      assert.include(lines, "Chain ID: 1")
      assert.match(message, /^Nonce: [0-9a-f]{32}$/m)
      assert.match(message, /^Issued At: 1970-01-01T00:00:00.000Z\nExpiration Time: 1970-01-01T00:05:00.000Z$/m)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("makes a user of a new wallet, named after it, with a session", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { session, token, user } = yield* signIn(account)
      assert.strictEqual(user.displayName, `${addressOf(account).slice(0, 6)}…${addressOf(account).slice(-4)}`)
      assert.deepStrictEqual(yield* (yield* Sessions).authenticate(token), { session, user })
      const me = yield* (yield* People).me(user.id)
      assert.deepStrictEqual(me.wallets.map(({ address, isPrimary }) => ({ address, isPrimary })), [
        { address: addressOf(account), isPrimary: true }
      ])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("finds the same user again, with another session", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const first = yield* signIn(account)
      const second = yield* signIn(account)
      assert.deepStrictEqual(second.user, first.user)
      assert.notStrictEqual(second.session.id, first.session.id)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("makes one user of many first sign-ins at once", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const all = yield* Effect.all(Array.makeBy(20, () => signIn(account)), { concurrency: "unbounded" })
      assert.strictEqual(new Set(all.map(({ user }) => user.id)).size, 1)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accepts a signature once, also when sent many times at once", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { message, nonceId } = yield* requestNonce(account)
      const signature = yield* sign(account, message)
      const { verify } = yield* WalletSignIn
      const answers = yield* Effect.all(
        Array.makeBy(20, () => Effect.result(verify({ nonceId, signature, message }))),
        { concurrency: "unbounded" }
      )
      const [accepted, refused] = Array.separate(answers)
      assert.lengthOf(accepted, 1)
      assert.deepStrictEqual(new Set(refused.map((error) => error._tag)), new Set(["NonceInvalid"]))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses an unknown message", () =>
    Effect.gen(function*() {
      const { verify } = yield* WalletSignIn
      const nonceId = SiweNonceId.make(SecureRandom.uuidV7Unsafe())
      assert.strictEqual((yield* Effect.flip(verify({ nonceId, signature: "0x" })))._tag, "NonceInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accepts a message until its five minutes are over", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { verify } = yield* WalletSignIn
      const early = yield* requestNonce(account)
      const late = yield* requestNonce(account)
      yield* TestClock.adjust("299999 millis")
      yield* verify({ nonceId: early.nonceId, signature: yield* sign(account, early.message) })
      yield* TestClock.adjust("1 millis")
      const signature = yield* sign(account, late.message)
      assert.strictEqual((yield* Effect.flip(verify({ nonceId: late.nonceId, signature })))._tag, "NonceInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses another message than the one handed out, and the attempt uses it up", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { verify } = yield* WalletSignIn
      const { message, nonceId } = yield* requestNonce(account)
      const foreign = message.replaceAll("chat.example", "evil.example")
      const proof = { nonceId, message: foreign, signature: yield* sign(account, foreign) }
      assert.strictEqual((yield* Effect.flip(verify(proof)))._tag, "SiweMismatch")
      const signature = yield* sign(account, message)
      assert.strictEqual((yield* Effect.flip(verify({ nonceId, message, signature })))._tag, "NonceInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a message that differs in its line ends or its last byte only", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { verify } = yield* WalletSignIn
      for (const change of [(text: string) => text.replaceAll("\n", "\r\n"), (text: string) => `${text}\n`]) {
        const { message, nonceId } = yield* requestNonce(account)
        const proof = { nonceId, message: change(message), signature: yield* sign(account, message) }
        assert.strictEqual((yield* Effect.flip(verify(proof)))._tag, "SiweMismatch")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses the signature of another wallet, of another message, and no signature at all", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { verify } = yield* WalletSignIn
      const other = yield* requestNonce(account)
      const signatures = [
        (message: string) => sign(newAccount(), message),
        () => sign(account, other.message),
        () => Effect.succeed("")
      ]
      for (const signatureOf of signatures) {
        const { message, nonceId } = yield* requestNonce(account)
        const refusal = yield* Effect.flip(verify({ nonceId, message, signature: yield* signatureOf(message) }))
        assert.strictEqual(refusal._tag, "SignatureInvalid")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("has used the message up before it examines the signature", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { verify } = yield* WalletSignIn
      const { nonceId } = yield* requestNonce(account)
      yield* verify({ nonceId, signature: "0x" }).pipe(Effect.exit)
      assert.strictEqual((yield* Effect.flip(verify({ nonceId, signature: "0x" })))._tag, "NonceInvalid")
    }).pipe(
      Effect.provide(identityTestLayer(
        Layer.mock(WalletProof)({
          checksummed: (address) => address,
          signerOf: () => Effect.die("the examination breaks")
        })
      ))
    ))

  it.effect("makes no user of a refused proof", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { verify } = yield* WalletSignIn
      const { message, nonceId } = yield* requestNonce(account)
      yield* Effect.flip(verify({ nonceId, signature: yield* sign(newAccount(), message) }))
      assert.deepStrictEqual(yield* (yield* People).find(account.address), [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses a disabled user", () =>
    Effect.gen(function*() {
      const account = newAccount()
      yield* signedUp({ status: "disabled", address: addressOf(account) })
      assert.strictEqual((yield* Effect.flip(signIn(account)))._tag, "UserDisabled")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("shows its token to nobody by accident", () =>
    Effect.gen(function*() {
      const { token } = yield* signIn(newAccount())
      assert.notInclude(`${token}${JSON.stringify({ token })}`, Redacted.value(token).slice(4))
    }).pipe(Effect.provide(identityTestLayer())))
})

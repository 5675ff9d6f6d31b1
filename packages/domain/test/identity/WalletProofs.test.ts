import {
  ChainId,
  type ProofUse,
  type SignedMessage,
  SiweNonceId,
  WalletProof,
  WalletProofs
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { type Account, newAccount, requested, sign, signedBy } from "./provedWallet.ts"
import { signedIn } from "./signedIn.ts"
import { signedUp } from "./signedUp.ts"

const login: ProofUse = { purpose: "login" }

const requestNonce = (account: Account) => requested(account, login)

/** To sign in. */
const accepting = Effect.map(WalletProofs, ({ accept }) => (proof: SignedMessage) => accept(proof, login))

describe("WalletProofs", () => {
  it.effect("issue a message that names the wallet, the host, the chain and five minutes", () =>
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

  it.effect("accept a signature once, also under concurrent requests", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const { message, nonceId } = yield* requestNonce(account)
      const signature = yield* sign(account, message)
      const verify = yield* accepting
      const answers = yield* Effect.all(
        Array.makeBy(20, () => Effect.result(verify({ nonceId, signature, message }))),
        { concurrency: "unbounded" }
      )
      const [accepted, refused] = Array.separate(answers)
      assert.lengthOf(accepted, 1)
      assert.deepStrictEqual(new Set(refused.map((error) => error._tag)), new Set(["NonceInvalid"]))
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse an unknown message", () =>
    Effect.gen(function*() {
      const verify = yield* accepting
      const nonceId = SiweNonceId.make(SecureRandom.uuidV7Unsafe())
      assert.strictEqual((yield* Effect.flip(verify({ nonceId, signature: "0x" })))._tag, "NonceInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("accept a message for five minutes", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const verify = yield* accepting
      const early = yield* requestNonce(account)
      const late = yield* requestNonce(account)
      yield* TestClock.adjust("299999 millis")
      yield* verify({ nonceId: early.nonceId, signature: yield* sign(account, early.message) })
      yield* TestClock.adjust("1 millis")
      const signature = yield* sign(account, late.message)
      assert.strictEqual((yield* Effect.flip(verify({ nonceId: late.nonceId, signature })))._tag, "NonceInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse a message that differs from the issued one, and the attempt uses it up", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const verify = yield* accepting
      const { message, nonceId } = yield* requestNonce(account)
      const foreign = message.replaceAll("chat.example", "evil.example")
      const proof = { nonceId, message: foreign, signature: yield* sign(account, foreign) }
      assert.strictEqual((yield* Effect.flip(verify(proof)))._tag, "SiweMismatch")
      const signature = yield* sign(account, message)
      assert.strictEqual((yield* Effect.flip(verify({ nonceId, message, signature })))._tag, "NonceInvalid")
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse a message that differs in its line ends or its last byte only", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const verify = yield* accepting
      for (const change of [(text: string) => text.replaceAll("\n", "\r\n"), (text: string) => `${text}\n`]) {
        const { message, nonceId } = yield* requestNonce(account)
        const proof = { nonceId, message: change(message), signature: yield* sign(account, message) }
        assert.strictEqual((yield* Effect.flip(verify(proof)))._tag, "SiweMismatch")
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuse the signature of another wallet, of another message, and a missing signature", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const verify = yield* accepting
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

  it.effect("use the message up before they verify the signature", () =>
    Effect.gen(function*() {
      const account = newAccount()
      const verify = yield* accepting
      const { nonceId } = yield* requestNonce(account)
      yield* verify({ nonceId, signature: "0x" }).pipe(Effect.exit)
      assert.strictEqual((yield* Effect.flip(verify({ nonceId, signature: "0x" })))._tag, "NonceInvalid")
    }).pipe(
      Effect.provide(identityTestLayer({
        proof: Layer.mock(WalletProof)({
          checksummed: (address) => address,
          verify: () => Effect.die("the examination breaks")
        })
      }))
    ))

  it.effect("state the purpose in the message, and that linking can merge two accounts", () =>
    Effect.gen(function*() {
      const { session } = yield* signedIn((yield* signedUp()).id)
      const lineOf = (use: ProofUse) =>
        Effect.map(requested(newAccount(), use), ({ message }) => message.split("\n")[3])
      assert.match((yield* lineOf(login)) ?? "", /^Sign in /)
      assert.match(
        (yield* lineOf({ purpose: "link", session })) ?? "",
        /^Add this wallet .* take over that other account with all it has\./
      )
      assert.match((yield* lineOf({ purpose: "reauth", session })) ?? "", /^Show that it is still you/)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("are valid only for the purpose and the session of the message", () =>
    Effect.gen(function*() {
      const { accept } = yield* WalletProofs
      const { id } = yield* signedUp()
      const [one, other] = [(yield* signedIn(id)).session, (yield* signedIn(id)).session]
      const uses: ReadonlyArray<ProofUse> = [
        login,
        { purpose: "link", session: one },
        { purpose: "link", session: other },
        { purpose: "reauth", session: one },
        { purpose: "reauth", session: other }
      ]
      for (const asked of uses) {
        for (const used of uses) {
          const account = newAccount()
          const answer = yield* Effect.result(accept(yield* signedBy(account, asked), used))
          assert.strictEqual(answer._tag, asked === used ? "Success" : "Failure", JSON.stringify({ asked, used }))
        }
      }
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("name the chain of a contract wallet, and no chain of an externally owned account", () =>
    Effect.gen(function*() {
      const verify = yield* accepting
      const account = newAccount()
      const { nonceId } = yield* requestNonce(account)
      assert.deepInclude(yield* verify({ nonceId, signature: "0x" }), {
        kind: "contract" as const,
        chainId: ChainId.make(1)
      })
    }).pipe(
      Effect.provide(identityTestLayer({
        proof: Layer.mock(WalletProof)({
          checksummed: (address) => address,
          verify: () => Effect.succeed("contract" as const)
        })
      }))
    ))
})

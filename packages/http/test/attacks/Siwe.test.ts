import { SingleUse, SiweNonceId, siweNonces } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Option } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { assertProblem, newBrowser } from "../support/Browser.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

const someone = () => privateKeyToAccount(generatePrivateKey())
type Account = ReturnType<typeof someone>

/** A message to be signed by this account. */
const asked = Effect.fnUntraced(function*(account: Account, fields: object = {}) {
  const { send } = yield* TestHost
  const { json } = yield* send("POST", "/auth/wallet/nonce", {
    body: { address: account.address, chainId: 1, ...fields }
  })
  return json as { readonly nonceId: string; readonly message: string }
})

const sign = (account: Account, message: string) => Effect.promise(() => account.signMessage({ message }))

const verify = Effect.fnUntraced(function*(body: object) {
  const { send } = yield* TestHost
  return yield* send("POST", "/auth/wallet/verify", { body })
})

layer(memoryHost(), { excludeTestServices: true })("Signing in with Ethereum", (it) => {
  it.effect("refuses a message for a foreign domain or URI", () =>
    Effect.gen(function*() {
      const account = someone()
      for (
        const change of [
          (message: string) => message.replace(/^\S+/, "evil.example"),
          (message: string) => message.replace(/URI: \S+/, "URI: https://evil.example")
        ]
      ) {
        const { message, nonceId } = yield* asked(account)
        const forged = change(message)
        const signature = yield* sign(account, forged)
        assertProblem(yield* verify({ nonceId, signature, message: forged }), 401, "siwe_mismatch")
        const silent = yield* asked(account)
        const signed = yield* sign(account, change(silent.message))
        assertProblem(yield* verify({ nonceId: silent.nonceId, signature: signed }), 401, "signature_invalid")
      }
    }))

  it.effect("accepts a message once, also under concurrent requests, and uses up an invalid one", () =>
    Effect.gen(function*() {
      const account = someone()
      const { message, nonceId } = yield* asked(account)
      const signature = yield* sign(account, message)
      const answers = yield* Effect.all(Array.from({ length: 8 }, () => verify({ nonceId, signature })), {
        concurrency: "unbounded"
      })
      assert.strictEqual(answers.filter(({ status }) => status === 200).length, 1)
      for (const answer of answers.filter(({ status }) => status !== 200)) assertProblem(answer, 401, "nonce_invalid")
      const spoilt = yield* asked(account)
      assertProblem(yield* verify({ nonceId: spoilt.nonceId, signature: "0x" }), 401, "signature_invalid")
      const late = yield* sign(account, spoilt.message)
      assertProblem(yield* verify({ nonceId: spoilt.nonceId, signature: late }), 401, "nonce_invalid")
    }))

  it.effect("refuses a nonce that is unknown or expired", () =>
    Effect.gen(function*() {
      const account = someone()
      const unknown = "019a0000-0000-7000-8000-000000000000"
      const signature = yield* sign(account, "x")
      assertProblem(yield* verify({ nonceId: unknown, signature }), 401, "nonce_invalid")
      const { message, nonceId } = yield* asked(account)
      const store = yield* SingleUse
      const kept = Option.getOrThrow(yield* store.consume(siweNonces, SiweNonceId.make(nonceId)))
      const expiresAt = DateTime.subtractDuration(yield* DateTime.now, Duration.millis(1))
      yield* store.put(siweNonces, { ...kept, expiresAt })
      assertProblem(yield* verify({ nonceId, signature: yield* sign(account, message) }), 401, "nonce_invalid")
    }))

  it.effect("refuses a message of another purpose or another session", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const [ann, bob] = [yield* signIn(), yield* signIn()]
      const account = someone()
      const request = { address: account.address, chainId: 1, purpose: "link" }
      assertProblem(yield* send("POST", "/auth/wallet/nonce", { body: request }), 401, "unauthenticated")
      const linking = (yield* ann.post("/auth/wallet/nonce", request)).json
      const proof = { nonceId: linking.nonceId, signature: yield* sign(account, linking.message) }
      assertProblem(yield* verify(proof), 401, "nonce_invalid")
      const again = (yield* ann.post("/auth/wallet/nonce", request)).json
      const stolen = { nonceId: again.nonceId, signature: yield* sign(account, again.message) }
      assertProblem(yield* bob.post("/auth/wallet/link", stolen), 401, "nonce_invalid")
      const login = yield* asked(account)
      const forLogin = { nonceId: login.nonceId, signature: yield* sign(account, login.message) }
      assertProblem(yield* ann.post("/auth/wallet/link", forLogin), 401, "nonce_invalid")
    }))

  it.effect("lets no field inject lines into a message", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const { address } = someone()
      for (
        const fields of [
          { address: `${address}\n\nURI: https://evil.example` },
          { address: `${address}\r\n` },
          { address, chainId: "1\nNonce: 0" },
          { address, chainId: 1, purpose: "login\nURI: x" }
        ]
      ) {
        const answer = yield* send("POST", "/auth/wallet/nonce", { body: { chainId: 1, ...fields } })
        assertProblem(answer, 400, "invalid_request")
      }
      const { message, nonceId } = yield* asked(someone())
      const withCrLf = message.replaceAll("\n", "\r\n")
      assertProblem(yield* verify({ nonceId, signature: "0x00", message: withCrLf }), 401, "siwe_mismatch")
    }))

  it.effect("refuses unknown chains", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      for (const chainId of [0, -1, 1.5, 2 ** 53, "1", null, Infinity]) {
        const answer = yield* send("POST", "/auth/wallet/nonce", { body: { address: someone().address, chainId } })
        assertProblem(answer, 400, "invalid_request")
      }
    }))

  it.effect("answers malformed signatures of any kind with 401", () =>
    Effect.gen(function*() {
      const account = someone()
      const good = yield* sign(account, "x")
      for (
        const signature of [
          "",
          "0x",
          "0x0",
          "x",
          "🎈",
          good.slice(0, -2),
          `${good}00`,
          `${good.slice(0, -2)}1d`,
          `${good.slice(0, -2)}ff`,
          `0x${"0".repeat(130)}`,
          `0x${"f".repeat(130)}`,
          good.slice(2),
          good.toUpperCase(),
          `0x${"ab".repeat(2000)}`
        ]
      ) {
        const { nonceId } = yield* asked(account)
        assertProblem(yield* verify({ nonceId, signature }), 401, "signature_invalid")
      }
      const { nonceId } = yield* asked(account)
      assertProblem(yield* verify({ nonceId, signature: "0x".padEnd(100_000, "a") }), 400, "invalid_request")
    }))

  it.effect("refuses the zero address", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const answer = yield* send("POST", "/auth/wallet/nonce", { body: { address: `0x${"0".repeat(40)}`, chainId: 1 } })
      assertProblem(answer, 400, "invalid_request")
    }))

  it.effect("finds one user by an address in any letter case", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const account = someone()
      const ids = new Set<string>()
      for (
        const address of [account.address, account.address.toLowerCase(), `0x${account.address.slice(2).toUpperCase()}`]
      ) {
        const { json } = yield* send("POST", "/auth/wallet/nonce", { body: { address, chainId: 1 } })
        assert.include(json.message, account.address)
        const answer = yield* verify({ nonceId: json.nonceId, signature: yield* sign(account, json.message) })
        ids.add(answer.json.user.id)
      }
      assert.strictEqual(ids.size, 1)
    }))

  it.effect("refuses contract signatures if no chain is configured", () =>
    Effect.gen(function*() {
      const { message, nonceId } = yield* asked(someone())
      const signature = yield* sign(someone(), message)
      assertProblem(yield* verify({ nonceId, signature }), 401, "signature_invalid")
    }))

  it.effect("renews the proof by a wallet of the user", () =>
    Effect.gen(function*() {
      const browser = yield* newBrowser
      const key = generatePrivateKey()
      yield* browser.signInByWallet(key)
      const before = (yield* browser.get("/auth/me")).json.session.authenticatedAt
      const answer = yield* browser.post("/auth/wallet/verify", {
        ...yield* browser.proof("reauth", key),
        purpose: "reauth"
      })
      assert.strictEqual(answer.status, 200, answer.text)
      assert.isAtLeast(Date.parse(answer.json.session.authenticatedAt), Date.parse(before))
      assert.notProperty(answer.json, "token")
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { privateKeyToAccount } from "viem/accounts"
import * as Anvil from "../../../adapters/test/support/Anvil.ts"
import { MemoryPorts } from "../../src/host/Layers.ts"
import { assertProblem } from "../support/Browser.ts"
import { TestHost, testHost } from "../support/TestHost.ts"

const owner = privateKeyToAccount("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
const closedPort = "http://127.0.0.1:9"

/** A host that can ask two chains, and one that is down. */
const start = Effect.gen(function*() {
  const home = yield* Anvil.start({ chainId: 31_337 })
  const other = yield* Anvil.start({ chainId: 31_338 })
  const chains = [
    ...[home, other].map(({ chainId, url }) => ({ chainId, rpcUrls: [url] as const })),
    { chainId: 31_339 as never, rpcUrls: [closedPort] as const }
  ]
  const context = yield* Layer.build(testHost(MemoryPorts, { identity: { chains } }))
  return { home, other, host: Context.get(context, TestHost) }
})

/** Signs a message for a wallet at this address on this chain by the owner's key. */
const signIn = Effect.fnUntraced(function*({ send }: TestHost["Service"], address: string, chainId: number) {
  const { json } = yield* send("POST", "/auth/wallet/nonce", { body: { address, chainId } })
  const signature = yield* Effect.promise(() => owner.signMessage({ message: json.message }))
  return yield* send("POST", "/auth/wallet/verify", { body: { nonceId: json.nonceId, signature } })
})

describe.skipIf(Anvil.isLeftOut)("A contract wallet", () => {
  it.live("signs its owner in, on its own chain only", () =>
    Effect.gen(function*() {
      const { home, host, other } = yield* start
      const address = yield* home.deployWallet(owner.address)
      const answer = yield* signIn(host, address, home.chainId)
      assert.strictEqual(answer.status, 200, answer.text)
      const [wallet] = answer.json.user.wallets
      assert.deepInclude(wallet, { kind: "contract", chainId: home.chainId, address, isPrimary: true })
      assert.strictEqual((yield* signIn(host, address, home.chainId)).json.user.id, answer.json.user.id)

      assertProblem(yield* signIn(host, address, other.chainId), 401, "signature_invalid")
      const twin = yield* other.deployWallet(owner.address)
      assert.strictEqual(twin, address, "the first contract of one deployer has the same address on every chain")
      const elsewhere = yield* signIn(host, twin, other.chainId)
      assert.strictEqual(elsewhere.status, 200, elsewhere.text)
      assert.notStrictEqual(elsewhere.json.user.id, answer.json.user.id)
    }).pipe(Effect.scoped))

  it.live("causes 503 while its chain does not answer, and signs no user in", () =>
    Effect.gen(function*() {
      const { home, host } = yield* start
      const address = yield* home.deployWallet(owner.address)
      assertProblem(yield* signIn(host, address, 31_339), 503, "chain_unavailable")
      assertProblem(yield* signIn(host, address, 1), 401, "signature_invalid")
      assert.strictEqual((yield* signIn(host, owner.address, 31_339)).status, 200)
    }).pipe(Effect.scoped))
})

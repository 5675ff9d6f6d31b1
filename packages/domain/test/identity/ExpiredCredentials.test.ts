import {
  ChainId,
  purgeExpiredCredentials,
  RealtimeTickets,
  Sessions,
  WalletAddress,
  WalletProofs
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { signedUp } from "./signedUp.ts"

describe("purgeExpiredCredentials", () => {
  it.effect("forgets what has expired, in batches, and nothing that can still be used", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const { session } = yield* sessions.issue(user.id)
      yield* Effect.forEach([1, 2, 3], () => (Effect.flatMap(RealtimeTickets, (tickets) => tickets.issue(session.id))))
      yield* Effect.flatMap(WalletProofs, (proofs) =>
        proofs.request({
          address: WalletAddress.make("0x12ab567890123456789012345678901234567cd3"),
          chainId: ChainId.make(1),
          domain: "chat.example",
          uri: "https://chat.example",
          use: { purpose: "login" }
        }))

      assert.strictEqual(yield* purgeExpiredCredentials(2), 0)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* purgeExpiredCredentials(2), 2)
      assert.strictEqual(yield* purgeExpiredCredentials(2), 1)
      yield* TestClock.adjust("4 minutes")
      assert.strictEqual(yield* purgeExpiredCredentials(2), 1)
      assert.deepStrictEqual(yield* sessions.keepAlive([session.id]), [session.id])
      yield* TestClock.adjust("7 days")
      assert.strictEqual(yield* purgeExpiredCredentials(2), 1)
    }).pipe(Effect.provide(identityTestLayer())))
})

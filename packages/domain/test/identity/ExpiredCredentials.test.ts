import {
  ChainId,
  LinkedInFlows,
  Merging,
  NativeSignIn,
  purgeExpiredCredentials,
  RealtimeTickets,
  Sessions,
  WalletAddress,
  WalletProofs
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { challengeOf } from "./challengeOf.ts"
import { credentialOf, provedBy } from "./credentialOf.ts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { grantOf, someProfile } from "./LinkedInAnswers.ts"
import { signedUp, signedUpByLinkedIn } from "./signedUp.ts"

describe("purgeExpiredCredentials", () => {
  it.effect("purges expired records in batches, and no usable record", () =>
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const user = yield* signedUp()
      const { session } = yield* sessions.issue(user.id)
      yield* Effect.forEach([1, 2, 3], () => (Effect.flatMap(RealtimeTickets, (tickets) => tickets.issue(session))))
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
      assert.lengthOf(yield* sessions.keepAlive([session.id]), 1)
      yield* TestClock.adjust("7 days")
      assert.strictEqual(yield* purgeExpiredCredentials(2), 1)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("purges flows, codes, merge tickets and access tokens at their own times", () =>
    Effect.gen(function*() {
      const who = yield* signedUpByLinkedIn(grantOf(someProfile(), {
        tokenExpiresAt: Option.some(DateTime.makeUnsafe(11 * 60_000))
      }))
      const native = yield* NativeSignIn
      const request = {
        redirectUri: "http://127.0.0.1/",
        codeChallenge: yield* challengeOf("v".repeat(43)),
        state: "state"
      }
      yield* native.finish((yield* native.start(request)).flowId, yield* provedBy(who.user.id))
      yield* native.start(request)
      yield* (yield* LinkedInFlows).begin({ purpose: "login", returnTo: "/", redirectUri: "https://chat.example/" })
      const other = yield* signedUp()
      yield* (yield* Merging).offer(who.session, other.id, yield* credentialOf(other.id))
      const purged = purgeExpiredCredentials(10)

      assert.strictEqual(yield* purged, 0)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* purged, 1)
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(yield* purged, 3)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* purged, 1)
      yield* TestClock.adjust("6 days")
      assert.strictEqual(yield* purged, 0)
    }).pipe(Effect.provide(identityTestLayer())))
})

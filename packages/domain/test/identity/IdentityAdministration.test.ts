import {
  DisplayName,
  Identities,
  IdentityAdministration,
  People,
  RealtimeTickets,
  Sessions,
  SignIn
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { userId } from "./identities.ts"
import { identityTestLayer } from "./IdentityTestLayer.ts"
import { isAccepted, noticesDuring } from "./sessionsAlive.ts"
import { signedIn } from "./signedIn.ts"
import { signedUp, signedUpByLinkedIn, someAddress } from "./signedUp.ts"

const by = { actor: "operator", reason: "spam" }

describe("IdentityAdministration", () => {
  it.effect("ends every session of a disabled user, and notifies the hosts", () =>
    Effect.gen(function*() {
      const { disable } = yield* IdentityAdministration
      const { id } = yield* signedUp()
      const [one, other] = [yield* signedIn(id), yield* signedIn(id)]
      const stranger = yield* signedUpByLinkedIn()
      const { notices, result } = yield* noticesDuring(disable(id, by))
      assert.strictEqual(result.status, "disabled")
      for (const { token } of [one, other]) assert.isFalse(yield* isAccepted(token))
      assert.isTrue(yield* isAccepted(stranger.token))
      const ended = notices.flatMap((notice) => notice._tag === "SessionsEnded" ? notice.sessions : [])
      assert.sameMembers(ended, [one.session.id, other.session.id])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("hides a disabled user, and shows the user unchanged after enabling", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const address = someAddress()
      const { id } = yield* signedUp({ address, displayName: DisplayName.make("Ann") })
      const before = yield* (yield* Identities).me(id)
      yield* disable(id, by)
      assert.deepStrictEqual(yield* (yield* People).find("ann"), [])
      assert.deepStrictEqual(yield* (yield* People).getAll([id]), [])
      const enabled = yield* enable(id, { actor: "operator", reason: "a mistake" })
      assert.deepStrictEqual(enabled, { ...before, version: before.version + 2 })
      assert.strictEqual((yield* (yield* SignIn).byWallet({ kind: "eoa", address }, {})).session.userId, id)
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("records the administrator and the reason", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const { id } = yield* signedUp()
      yield* disable(id, by)
      yield* enable(id, { actor: "another", reason: "a mistake" })
      const activity = yield* (yield* Identities).activity(id, { limit: 2 })
      assert.deepStrictEqual(activity.map(({ cause, event }) => ({ cause, event })), [
        {
          event: { _tag: "Enabled" },
          cause: { _tag: "Admin", actor: "another", reason: "a mistake" }
        },
        { event: { _tag: "Disabled" }, cause: { _tag: "Admin", ...by } }
      ])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("changes and publishes nothing the second time", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const { id } = yield* signedUp()
      const disabled = yield* disable(id, by)
      const again = yield* noticesDuring(disable(id, by))
      assert.deepStrictEqual(again, { result: disabled, notices: [] })
      const enabled = yield* enable(id, by)
      assert.deepStrictEqual(yield* noticesDuring(enable(id, by)), { result: enabled, notices: [] })
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("lets a disabled user use nothing that was issued before", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const { id } = yield* signedUp()
      const who = yield* signedIn(id)
      const { ticket } = yield* (yield* RealtimeTickets).issue(who.session)
      yield* disable(id, by)
      assert.strictEqual((yield* Effect.flip((yield* RealtimeTickets).redeem(ticket)))._tag, "TicketInvalid")
      yield* enable(id, by)
      assert.isFalse(yield* isAccepted(who.token))
      assert.deepStrictEqual(yield* (yield* Sessions).listOf(id), [])
    }).pipe(Effect.provide(identityTestLayer())))

  it.effect("refuses an unknown or deleted user", () =>
    Effect.gen(function*() {
      const { disable, enable } = yield* IdentityAdministration
      const { id } = yield* signedUp()
      yield* (yield* Identities).delete(yield* signedIn(id), {})
      for (const gone of [id, userId(1)]) {
        assert.strictEqual((yield* Effect.flip(disable(gone, by)))._tag, "UserNotFound")
        assert.strictEqual((yield* Effect.flip(enable(gone, by)))._tag, "UserNotFound")
      }
    }).pipe(Effect.provide(identityTestLayer())))
})

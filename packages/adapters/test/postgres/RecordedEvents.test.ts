import { PgIdentity } from "@dchat/adapters/postgres"
import {
  type AuditCause,
  DisplayName,
  type IdentityEvent,
  IdentityRepository,
  recordedCauseOf,
  recordOf
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import {
  byTest,
  noon,
  signUp,
  someAccount,
  someProfile,
  someSessionId,
  someTemporaryRef,
  someUserId,
  someWallet
} from "../../../domain/src/contracts/support/identityFixtures.ts"
import { backends } from "../support/TestDatabase.ts"

/** One event of each kind, with every member present. */
const everything = (): ReadonlyArray<IdentityEvent> => {
  const userId = someUserId()
  const wallet = someWallet()
  const account = someAccount()
  const temporaryWallet = { ref: someTemporaryRef(), userId, createdAt: noon }
  const displayName = DisplayName.make("Ann Smith")
  return [
    { _tag: "Registered", userId, displayName, method: "linkedin" },
    { _tag: "SignedIn", method: "wallet" },
    { _tag: "Reauthenticated", method: "linkedin" },
    { _tag: "WalletLinked", wallet },
    { _tag: "WalletUnlinked", walletId: wallet.id },
    { _tag: "PrimaryWalletChanged", walletId: wallet.id },
    { _tag: "TemporaryWalletAssigned", temporaryWallet },
    { _tag: "TemporaryWalletRetired", ref: temporaryWallet.ref },
    { _tag: "AccountLinked", account },
    { _tag: "AccountUnlinked", accountId: account.id },
    { _tag: "AccountSynced", accountId: account.id, profile: someProfile() },
    { _tag: "NameFollowed", displayName },
    { _tag: "ProfileEdited", displayName, company: "Example", position: "" },
    { _tag: "ProfileEdited", position: "Engineer" },
    { _tag: "ProfileEdited" },
    { _tag: "Absorbed", userId },
    { _tag: "MergedInto", userId },
    { _tag: "Disabled", reason: "spam of Ann Smith" },
    { _tag: "Enabled", reason: "an error" },
    { _tag: "Deleted" }
  ]
}

for (const backend of backends) {
  describe(`The stored activity of a user, on ${backend.name}`, () => {
    it.live("holds ids and nothing personal of every event", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const { activity, change } = yield* IdentityRepository
        const { id } = yield* signUp()
        const causes: ReadonlyArray<AuditCause> = [
          byTest,
          { _tag: "User", sessionId: someSessionId(), origin: { userAgent: "Firefox" } },
          { _tag: "System" },
          { _tag: "Admin", actor: "somebody", reason: "their own words" }
        ]
        const events = everything().map((event, index) => ({ event, cause: causes[index % causes.length] ?? byTest }))
        for (const { cause, event } of events) {
          yield* change([id], ([found]) =>
            Effect.succeed({
              changes: found === undefined
                ? []
                : [{ identity: { ...found, version: found.version + 1 }, events: [event] }],
              cause,
              at: noon,
              alongside: Effect.void
            }))
        }
        assert.deepStrictEqual(
          (yield* activity(id, { limit: events.length })).map(({ cause, event }) => ({ cause, event })),
          events.toReversed().map(({ cause, event }) => ({ event: recordOf(event), cause: recordedCauseOf(cause) }))
        )
        const kept = JSON.stringify(yield* sql`SELECT event, cause FROM identity_events WHERE user_id = ${id}`)
        for (const personal of ["Smith", "example", "0x", "Firefox", "::1", "Engineer"]) {
          assert.notInclude(kept, personal)
        }
      }).pipe(Effect.provide(PgIdentity.layer.pipe(Layer.provideMerge(backend.layer)))))
  })
}

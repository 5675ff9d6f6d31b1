import { migrations, PgIdentity } from "@dchat/adapters/postgres"
import {
  AuditCause,
  DisplayName,
  IdentityEvent,
  IdentityRepository,
  recordedCauseOf,
  recordOf
} from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import {
  byTest,
  noon,
  someAccount,
  someProfile,
  someSessionId,
  someTemporaryRef,
  someUserId,
  someWallet
} from "../../../domain/src/contracts/support/identityFixtures.ts"
import { backends } from "../support/TestDatabase.ts"

const encodeEvent = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(IdentityEvent)))
const encodeCause = Schema.encodeSync(Schema.fromJsonString(Schema.toCodecJson(AuditCause)))

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
  describe(`What happened to people before it was kept by ids, on ${backend.name}`, () => {
    it.live("is read as what is kept of it now, and nothing personal is left", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* sql`DROP SCHEMA public CASCADE`
        yield* sql`CREATE SCHEMA public`
        const [before, after] = [
          Object.keys(migrations).filter((name) => name < "0011_proofs"),
          Object.keys(migrations).filter((name) => name >= "0011_proofs")
        ].map((names) => Effect.forEach(names.toSorted(), (name) => migrations[name] ?? Effect.void))
        yield* before ?? Effect.void
        const [id, merged] = [someUserId(), someUserId()]
        yield* sql`INSERT INTO users (id, status, display_name, search_name, created_at, version, name_edited)
          VALUES (${id}, 'active', 'Ann Smith', 'ann smith', now(), 1, true)`
        yield* sql`INSERT INTO users (id, status, display_name, search_name, created_at, version, name_edited, merged_into)
          VALUES (${merged}, 'merged', 'Ann Smith', 'ann smith', now(), 1, true, ${id})`
        const causes: ReadonlyArray<AuditCause> = [
          byTest,
          { _tag: "User", sessionId: someSessionId(), origin: { userAgent: "Firefox" } },
          { _tag: "System" },
          { _tag: "Admin", actor: "somebody", reason: "their own words" }
        ]
        const events = everything().map((event, index) => ({
          seq: index + 1,
          event,
          cause: causes[index % causes.length] ?? byTest
        }))
        for (const { cause, event, seq } of events) {
          yield* sql`INSERT INTO identity_events (user_id, seq, at, event, cause) VALUES (${id}, ${seq},
            ${DateTime.toDateUtc(noon)}, ${encodeEvent(event)}::jsonb, ${encodeCause(cause)}::jsonb)`
        }
        yield* after ?? Effect.void

        const { activity } = yield* IdentityRepository
        assert.deepStrictEqual(
          yield* activity(id, { limit: 100 }),
          events.toReversed().map(({ cause, event, seq }) => ({
            userId: id,
            seq,
            at: noon,
            event: recordOf(event),
            cause: recordedCauseOf(cause)
          }))
        )
        const kept = JSON.stringify(yield* sql`SELECT event, cause FROM identity_events`)
        for (const personal of ["Smith", "example", "0x", "Firefox", "::1", "Engineer"]) {
          assert.notInclude(kept, personal)
        }
        const [tombstone] = yield* sql<{ readonly name: string }>`
          SELECT display_name AS name FROM users WHERE id = ${merged}`
        assert.strictEqual(tombstone?.name, "Merged user")
      }).pipe(Effect.provide(PgIdentity.layer.pipe(Layer.provideMerge(backend.layer)))))
  })
}

import {
  PgBilling,
  PgCalls,
  PgIdentity,
  PgSecretCheckRepository,
  PgSubscriptionRepository
} from "@dchat/adapters/postgres"
import { BillingOutbox, WebhookInbox } from "@dchat/domain/billing"
import { CallLeases, CallRepository, ConnectionId, HostId } from "@dchat/domain/call"
import { buyer } from "@dchat/domain/contracts"
import {
  AccountTokenRepository,
  IdentityRepository,
  SecretCheckRepository,
  SecretFingerprint,
  SessionRepository,
  UserRepository
} from "@dchat/domain/identity"
import { ExternalId, SubscriptionRepository } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Layer, Result } from "effect"
import { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import { append } from "../../../domain/src/contracts/support/callAppends.ts"
import { initiate, leaseOf, someCallId, someone, step } from "../../../domain/src/contracts/support/callSteps.ts"
import {
  happened,
  noon,
  sessionOf,
  signUp,
  someAccount,
  someHash,
  userOf
} from "../../../domain/src/contracts/support/identityFixtures.ts"
import { logged } from "../support/logged.ts"
import { backends } from "../support/TestDatabase.ts"

const Ports = Layer.mergeAll(
  PgBilling.layer,
  PgCalls.layer,
  PgIdentity.layer,
  PgSecretCheckRepository.layer,
  PgSubscriptionRepository.layer
)

/** A call of two people, in which something has happened. */
const busyCall = Effect.fnUntraced(function*() {
  const [ann, bob] = [someone(), someone()]
  let next = initiate(ann, [bob])
  yield* append(next)
  const commands = [
    { _tag: "Accept", by: bob },
    { _tag: "ChangeMedia", by: ann, changes: { hold: true } },
    { _tag: "ChangeMedia", by: ann, changes: { hold: false } },
    { _tag: "ChangeMedia", by: ann, changes: { hold: true } }
  ] as const
  for (const command of commands) {
    next = step(next.call, command)
    yield* append(next)
  }
  return { ann, bob, call: next.call }
})

for (const { layer: database, name } of backends) {
  layer(Layer.provideMerge(Ports, database), { excludeTestServices: true })(
    `An unreadable row on ${name}`,
    (it) => {
      it.effect("is left out of the events of a call, and reported once", () =>
        Effect.gen(function*() {
          const { deliveries } = yield* CallRepository
          const sql = yield* SqlClient.SqlClient
          const { ann, call } = yield* busyCall()
          const all = yield* deliveries(call.id, ann, 0)
          yield* sql`UPDATE call_events SET event = '{"_tag": "OfTomorrow"}' WHERE call_id = ${call.id} AND seq = 3`
          const errors = yield* logged(Effect.gen(function*() {
            const others = all.filter(({ record }) => record.seq !== 3)
            assert.deepStrictEqual(yield* deliveries(call.id, ann, 0), others)
            assert.deepStrictEqual(yield* deliveries(call.id, ann, 0), others)
          }))
          assert.lengthOf(errors, 1)
          assert.include(errors[0], `event 3 of the call ${call.id}`)
        }))

      it.effect("makes no page of calls shorter", () =>
        Effect.gen(function*() {
          const { history } = yield* CallRepository
          const sql = yield* SqlClient.SqlClient
          const [ann, bob] = [someone(), someone()]
          const calls = []
          for (let hours = 0; hours < 5; hours += 1) {
            const begun = initiate(ann, [bob], { at: DateTime.add(noon, { hours }) })
            yield* append(begun)
            const ended = step(begun.call, { _tag: "End" })
            yield* append(ended)
            calls.unshift(ended.call)
          }
          const [, second, third] = calls
          for (const damaged of [second, third]) {
            yield* sql`UPDATE calls SET state = '{}' WHERE id = ${damaged?.id ?? ""}`
          }
          const readable = calls.filter((call) => call !== second && call !== third)
          assert.deepStrictEqual(yield* history([ann], {}, { limit: 2 }), readable.slice(0, 2))
          assert.deepStrictEqual(yield* history([ann], {}, { limit: 10 }), readable)
        }))

      it.effect("blocks no other lease and no host when it is a lease", () =>
        Effect.gen(function*() {
          const { bind, heldOn, lost, renewHost } = yield* CallLeases
          const sql = yield* SqlClient.SqlClient
          const hostId = HostId.make(`dead ${randomUUID()}`)
          const { ann, bob, call } = yield* busyCall()
          const of = (minutes: number) => ({
            connection: { id: ConnectionId.make(randomUUID()), hostId },
            seenAt: DateTime.subtract(noon, { minutes })
          })
          const foreign = { ...leaseOf(call, ann, of(3)), callId: someCallId() }
          const connected = of(2)
          const [strange, whole] = [leaseOf(call, ann, connected), leaseOf(call, bob, of(1))]
          for (const lease of [foreign, strange, whole]) yield* bind(lease)
          yield* sql`UPDATE leases SET user_id = ${randomUUID()} WHERE call_id = ${foreign.callId}`
          yield* sql`UPDATE leases SET device = 'not a device' WHERE holder = ${connected.connection.id}`
          const { device: _, ...unknown } = strange
          const self = HostId.make("self")
          const found = (yield* lost(self, noon, { limit: 1000 })).filter(({ connection }) =>
            connection?.hostId === hostId
          )
          assert.deepStrictEqual(found, [unknown, whole])
          assert.deepStrictEqual(yield* heldOn(hostId), [unknown, whole])
          assert.deepStrictEqual((yield* lost(self, noon, { limit: 1 })).length, 1)

          yield* sql`INSERT INTO hosts (id, beat) VALUES ('', 1)`
          const other = HostId.make(randomUUID())
          yield* renewHost(other, 0)
          assert.include((yield* renewHost(self, 0)).others.map(({ id }) => id), other)
        }))

      it.effect("leaves the other users in their lists when it is a user", () =>
        Effect.gen(function*() {
          const { findByIds, findByNamePrefix, walletsOf } = yield* UserRepository
          const sql = yield* SqlClient.SqlClient
          const name = `Zoe ${randomUUID().slice(0, 8)}`
          const [damaged, whole] = [yield* signUp({ name }), yield* signUp({ name })]
          yield* sql`UPDATE users SET display_name = ' ' WHERE id = ${damaged.id}`
          assert.deepStrictEqual(yield* findByIds([damaged.id, whole.id]), [userOf(whole)])
          assert.deepStrictEqual(yield* findByNamePrefix(name.toLowerCase(), 10), [userOf(whole)])
          assert.deepStrictEqual(yield* findByNamePrefix(name.toLowerCase(), 1), [userOf(whole)])
          yield* sql`UPDATE wallets SET id = ${randomUUID()} WHERE user_id = ${damaged.id}`
          assert.deepStrictEqual(yield* walletsOf([damaged.id, whole.id]), whole.wallets)
        }))

      it.effect("ends no session of other users when it is the user of a session", () =>
        Effect.gen(function*() {
          const { findByIds, insert } = yield* SessionRepository
          const sql = yield* SqlClient.SqlClient
          const [damaged, whole] = [yield* signUp(), yield* signUp()]
          const [one, other] = [sessionOf(damaged), sessionOf(whole)]
          for (const session of [one, other]) yield* insert(session, someHash())
          yield* sql`UPDATE users SET display_name = ' ' WHERE id = ${damaged.id}`
          const found = yield* findByIds([one.id, other.id])
          assert.deepStrictEqual(found.map(({ session }) => session), [other])
        }))

      it.effect("makes no page of the activity shorter", () =>
        Effect.gen(function*() {
          const { activity } = yield* IdentityRepository
          const sql = yield* SqlClient.SqlClient
          const { id, version } = yield* signUp()
          for (let time = 0; time < 4; time += 1) yield* happened(id, { _tag: "SignedIn", method: "wallet" })
          yield* sql`UPDATE identity_events SET event = '{"_tag": "OfTomorrow"}'
          WHERE user_id = ${id} AND seq IN (${version + 4}, ${version + 2})`
          const seqs = (before: number | undefined, limit: number) =>
            Effect.map(activity(id, { before, limit }), (page) => page.map(({ seq }) => seq))
          assert.deepStrictEqual(yield* seqs(undefined, 2), [version + 3, version + 1])
          assert.deepStrictEqual(
            yield* seqs(version + 1, 100),
            Array.from({ length: version }, (_, at) => version - at)
          )
        }))

      it.effect("keeps no other token from being sealed again when it is a sealed token", () =>
        Effect.gen(function*() {
          const { put, sealedByOthers } = yield* AccountTokenRepository
          const sql = yield* SqlClient.SqlClient
          const [ann, bob] = [
            yield* signUp({ accounts: [someAccount()] }),
            yield* signUp({ accounts: [someAccount()] })
          ]
          for (const { accounts: [account = assert.fail("no account")] } of [ann, bob]) {
            yield* put({ accountId: account.id, token: { keyId: "older", ciphertext: "c2VhbGVk" }, scopes: [] })
          }
          yield* sql`UPDATE linked_account_tokens SET scopes = ARRAY[NULL]::text[] WHERE account_id = ${
            ann.accounts[0]!.id
          }`
          const found = yield* sealedByOthers("newer", 10)
          assert.deepStrictEqual(found.map(({ accountId }) => accountId), [bob.accounts[0]!.id])
        }))

      it.effect("matches no secret when it is a fingerprint", () =>
        Effect.gen(function*() {
          const { replace } = yield* SecretCheckRepository
          const sql = yield* SqlClient.SqlClient
          const own = SecretFingerprint.make("a".repeat(64))
          yield* sql`DELETE FROM secret_checks`
          yield* sql`INSERT INTO secret_checks (fingerprint, seen_at) VALUES ('damaged', now())`
          const seen: Array<number> = []
          const look = replace((stored) => {
            seen.push(stored.length)
            return Result.succeed(stored.some((it) => it === own) ? [own] : [...stored, own])
          }, noon)
          yield* look
          yield* look
          assert.deepStrictEqual(seen, [1, 2])
          yield* sql`DELETE FROM secret_checks`
        }))

      it.effect("is reported once, blocks no sweep, and is listed when it is a billing account", () =>
        Effect.gen(function*() {
          const { moveDue, tiersHeld, unreadable } = yield* SubscriptionRepository
          const sql = yield* SqlClient.SqlClient
          const [damaged, whole] = [yield* buyer(0), yield* buyer(0)]
          yield* sql`UPDATE subscription_accounts SET state = state - 'payments' WHERE user_id = ${damaged.id}`
          yield* sql`UPDATE purchases SET tier = 'no tier' WHERE user_id = ${damaged.id}`
          const due = { now: DateTime.add(noon, { days: 400 }), retryAt: noon, limit: 100 }
          const errors = yield* logged(Effect.gen(function*() {
            for (let time = 0; time < 3; time += 1) {
              const seen: Array<string> = []
              yield* moveDue(due, (accounts) => {
                seen.push(...accounts.map(({ userId }) => userId))
                return Effect.succeed([])
              })
              assert.include(seen, whole.id)
              assert.notInclude(seen, damaged.id)
            }
            assert.include<string>([...yield* tiersHeld].join(), "PRO")
          }))
          assert.lengthOf(errors.filter((error) => error.includes(damaged.id)), 1)
          const first = yield* unreadable(undefined, 1)
          const rest = yield* unreadable(first.last, 1000)
          assert.deepStrictEqual([...first.unreadable, ...rest.unreadable], [damaged.id])
          assert.isUndefined(rest.last)
        }))

      it.effect("makes no page of a billing account's history shorter", () =>
        Effect.gen(function*() {
          const { events } = yield* SubscriptionRepository
          const sql = yield* SqlClient.SqlClient
          const { id } = yield* buyer(0)
          const all = yield* events(id, { limit: 100 })
          const [{ seq } = assert.fail("nothing happened")] = all
          yield* sql`INSERT INTO subscription_events (user_id, seq, at, event, cause)
          SELECT user_id, seq + added, at, '{"_tag": "OfTomorrow"}', cause FROM subscription_events,
            generate_series(1, 3) AS added WHERE user_id = ${id} AND seq = ${seq}`
          assert.deepStrictEqual(yield* events(id, { limit: 1 }), all.slice(0, 1))
          assert.deepStrictEqual(yield* events(id, { limit: 100 }), all)
        }))

      it.effect("is handed out as unreadable beside the others when it is a message of the provider", () =>
        Effect.gen(function*() {
          const { accept, claim } = yield* WebhookInbox
          const sql = yield* SqlClient.SqlClient
          const [damaged, whole] = [`evt_${randomUUID()}`, `evt_${randomUUID()}`]
          const concern = { references: [ExternalId.make("sub_1")] }
          for (const externalId of [damaged, whole]) yield* accept({ externalId, type: "a.type", concern }, noon)
          yield* sql`UPDATE webhook_events SET concern = '{"references": 1}' WHERE external_id = ${damaged}`
          const claimed = yield* claim(noon, DateTime.add(noon, { minutes: 1 }), 100)
          const concernOf = (id: string) => claimed.find(({ externalId }) => externalId === id)?.concern
          assert.lengthOf(claimed, 2)
          assert.isUndefined(concernOf(damaged))
          assert.deepStrictEqual(concernOf(whole), concern)
        }))

      it.effect("is handed out as unreadable beside the others, and listed, when it is a request to the provider", () =>
        Effect.gen(function*() {
          const outbox = yield* BillingOutbox
          const sql = yield* SqlClient.SqlClient
          const [strange, ...others] = yield* Effect.all([buyer(0), buyer(0), buyer(0)])
          yield* sql`UPDATE billing_outbox SET intent = '{"_tag": "OfTomorrow"}' WHERE purchase_id = ${strange.purchaseId}`
          const own = new Set([strange, ...others].map(({ purchaseId }) => purchaseId))
          const claimed = (yield* outbox.claim(noon, DateTime.add(noon, { minutes: 1 }), 100)).filter((entry) =>
            own.has(entry.purchaseId)
          )
          const readable = claimed.filter(({ intent }) => intent !== undefined).map(({ purchaseId }) => purchaseId)
          assert.sameMembers(readable, others.map(({ purchaseId }) => purchaseId))
          const unreadable = claimed.find(({ intent }) => intent === undefined) ?? assert.fail("not handed out")
          assert.deepInclude(unreadable, { userId: strange.id, attempts: 1 })
          assert.strictEqual(unreadable.id, strange.outbox[0])
          const listed = Effect.map(outbox.dead(1000), (entries) => entries.find(({ id }) => id === unreadable.id))
          assert.isUndefined(yield* listed)
          yield* outbox.postpone(unreadable, DateTime.add(noon, { minutes: 1 }), "cannot be read")
          assert.deepInclude(yield* listed, { intent: undefined, isGivenUp: false, error: "cannot be read" })
          yield* outbox.deadLetter(unreadable, noon, "cannot be read")
          assert.deepInclude(yield* listed, { intent: undefined, isGivenUp: true, error: "cannot be read" })
          yield* sql`UPDATE billing_outbox SET intent = '{"_tag": "OpenCheckout"}' WHERE id = ${unreadable.id}`
          assert.strictEqual(yield* outbox.replay({ purchaseId: strange.purchaseId }, noon), 0)
          assert.strictEqual(yield* outbox.replay({ id: unreadable.id }, noon), 1)
        }))
    }
  )
}

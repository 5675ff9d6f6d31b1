import { assert, describe, layer } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, type Layer, Option } from "effect"
import {
  mergeTickets,
  nativeCodes,
  NativeFlowId,
  nativeFlows,
  oauthFlows,
  realtimeTickets,
  SingleUse,
  type SingleUseKind,
  type SingleUseRecord,
  siweNonces
} from "../identity/index.ts"
import { noon, someSessionId } from "./support/identityFixtures.ts"
import {
  someLinkingNonce,
  someLoginFlow,
  someMergeTicket,
  someNativeCode,
  someNativeFlow,
  someNonce,
  someOAuthFlow,
  someRealtimeTicket
} from "./support/singleUseFixtures.ts"

const soon = DateTime.addDuration(noon, "10 minutes")
const longAgo = DateTime.subtractDuration(noon, Duration.days(3650))

/** The contract of `SingleUse`, for every implementation. */
export const singleUseContract = <E>(name: string, subject: Layer.Layer<SingleUse, E>) =>
  layer(subject)(name, (it) => {
    /** The promises that hold for every kind. */
    const ofKind = <A extends SingleUseRecord, Key extends string>(
      records: string,
      kind: SingleUseKind<A, Key>,
      some: (expiresAt: DateTime.Utc) => A
    ) =>
      describe(`with ${records}`, () => {
        it.effect("returns a record once, exactly as the record was stored, expired or not", () =>
          Effect.gen(function*() {
            const store = yield* SingleUse
            for (const record of [some(soon), some(DateTime.subtractDuration(noon, "1 hour"))]) {
              yield* store.put(kind, record)
              assert.deepStrictEqual(yield* store.consume(kind, kind.keyOf(record)), Option.some(record))
              assert.deepStrictEqual(yield* store.consume(kind, kind.keyOf(record)), Option.none())
            }
            assert.deepStrictEqual(yield* store.consume(kind, kind.keyOf(some(soon))), Option.none())
          }))

        it.effect("finds a record any number of times until the record is consumed", () =>
          Effect.gen(function*() {
            const store = yield* SingleUse
            const record = some(noon)
            yield* store.put(kind, record)
            for (const _ of [1, 2]) {
              assert.deepStrictEqual(yield* store.find(kind, kind.keyOf(record)), Option.some(record))
            }
            yield* store.consume(kind, kind.keyOf(record))
            assert.deepStrictEqual(yield* store.find(kind, kind.keyOf(record)), Option.none())
          }))

        it.effect("gives a record to one of 50 concurrent consumers", () =>
          Effect.gen(function*() {
            const store = yield* SingleUse
            const record = some(soon)
            yield* store.put(kind, record)
            const answers = yield* Effect.all(
              Array.makeBy(50, () => store.consume(kind, kind.keyOf(record))),
              { concurrency: "unbounded" }
            )
            assert.lengthOf(answers.filter(Option.isSome), 1)
          }))

        it.effect("purges expired records, at most as many as the limit, and no other records", () =>
          Effect.gen(function*() {
            const store = yield* SingleUse
            const waiting = some(DateTime.addDuration(longAgo, "1 millis"))
            const expired = Array.makeBy(3, () => some(longAgo))
            yield* Effect.forEach([waiting, ...expired], (record) => store.put(kind, record))
            assert.strictEqual(yield* store.purge(longAgo, 2), 2)
            assert.strictEqual(yield* store.purge(longAgo, 2), 1)
            assert.strictEqual(yield* store.purge(longAgo, 2), 0)
            assert.deepStrictEqual(yield* store.consume(kind, kind.keyOf(waiting)), Option.some(waiting))
          }))
      })

    ofKind("messages to sign in", siweNonces, someNonce)
    ofKind("messages to link", siweNonces, someLinkingNonce)
    ofKind("flows at LinkedIn to sign in", oauthFlows, someLoginFlow)
    ofKind("flows at LinkedIn to link", oauthFlows, someOAuthFlow)
    ofKind("flows of applications", nativeFlows, someNativeFlow)
    ofKind("codes of applications", nativeCodes, someNativeCode)
    ofKind("merge tickets", mergeTickets, someMergeTicket)
    ofKind("realtime tickets", realtimeTickets, someRealtimeTicket)

    it.effect("keeps kinds apart, even if their keys are equal", () =>
      Effect.gen(function*() {
        const store = yield* SingleUse
        const flow = someOAuthFlow(noon)
        const other = { ...someNativeFlow(noon), id: NativeFlowId.make(flow.id) }
        yield* store.put(oauthFlows, flow)
        assert.deepStrictEqual(yield* store.find(nativeFlows, other.id), Option.none())
        yield* store.put(nativeFlows, other)
        assert.deepStrictEqual(yield* store.consume(nativeFlows, other.id), Option.some(other))
        assert.deepStrictEqual(yield* store.consume(oauthFlows, flow.id), Option.some(flow))
      }))

    it.effect("reports the use of a traced record and its first outcome, until the record is purged", () =>
      Effect.gen(function*() {
        const store = yield* SingleUse
        const [well, badly] = [someOAuthFlow(longAgo), someOAuthFlow(longAgo)]
        const failure = "linkedin_denied"
        const [finishedBy, another] = [someSessionId(), someSessionId()]
        for (const record of [well, badly]) {
          yield* store.put(oauthFlows, record)
          yield* store.finish(oauthFlows, record.id, { finishedBy: another })
          const outcome = Option.none()
          assert.deepStrictEqual(
            yield* store.trace(oauthFlows, record.id),
            Option.some({ record, isUsed: false, outcome })
          )
          yield* store.consume(oauthFlows, record.id)
          assert.deepStrictEqual(
            yield* store.trace(oauthFlows, record.id),
            Option.some({ record, isUsed: true, outcome })
          )
        }
        yield* store.finish(oauthFlows, well.id, { finishedBy })
        yield* store.finish(oauthFlows, badly.id, { failure })
        for (const { id } of [well, badly]) {
          yield* store.finish(oauthFlows, id, { finishedBy: another })
          assert.deepStrictEqual(yield* store.consume(oauthFlows, id), Option.none())
          yield* store.voidOf([well, badly].flatMap(({ userId }) => userId ?? []))
        }
        for (const [record, outcome] of [[well, { finishedBy }], [badly, { failure }]] as const) {
          assert.deepStrictEqual(
            yield* store.trace(oauthFlows, record.id),
            Option.some({ record, isUsed: true, outcome: Option.some(outcome) })
          )
        }
        const unknown = someOAuthFlow(noon).id
        yield* store.finish(oauthFlows, unknown, { finishedBy })
        assert.deepStrictEqual(yield* store.trace(oauthFlows, unknown), Option.none())
        assert.strictEqual(yield* store.purge(longAgo, 3), 2)
        assert.deepStrictEqual(yield* store.trace(oauthFlows, well.id), Option.none())
      }))

    it.effect("distinguishes an empty outcome from a missing outcome", () =>
      Effect.gen(function*() {
        const store = yield* SingleUse
        const record = someLoginFlow(noon)
        yield* store.put(oauthFlows, record)
        yield* store.consume(oauthFlows, record.id)
        yield* store.finish(oauthFlows, record.id, {})
        assert.deepStrictEqual(
          yield* store.trace(oauthFlows, record.id),
          Option.some({ record, isUsed: true, outcome: Option.some({}) })
        )
      }))

    it.effect("voids every unused record of some users, and no record of other users", () =>
      Effect.gen(function*() {
        const store = yield* SingleUse
        const make = () => ({
          flow: someOAuthFlow(noon),
          code: someNativeCode(noon),
          ticket: someMergeTicket(noon),
          nonce: someLinkingNonce(noon)
        })
        const [voided, kept] = [make(), make()]
        const [absorbing, login] = [someMergeTicket(noon), someLoginFlow(noon)]
        yield* store.put(oauthFlows, login)
        yield* store.put(mergeTickets, absorbing)
        for (const { code, flow, nonce, ticket } of [voided, kept]) {
          yield* store.put(oauthFlows, flow)
          yield* store.put(nativeCodes, code)
          yield* store.put(mergeTickets, ticket)
          yield* store.put(siweNonces, nonce)
        }
        const users = [voided.flow, voided.code, voided.nonce].flatMap(({ userId }) => userId ?? [])
        yield* store.voidOf([...users, voided.ticket.absorbed, absorbing.survivor])
        yield* store.voidOf([])
        assert.deepStrictEqual(yield* store.consume(oauthFlows, voided.flow.id), Option.none())
        assert.deepStrictEqual(yield* store.consume(nativeCodes, voided.code.hash), Option.none())
        assert.deepStrictEqual(yield* store.consume(mergeTickets, voided.ticket.hash), Option.none())
        assert.deepStrictEqual(yield* store.consume(mergeTickets, absorbing.hash), Option.none())
        assert.deepStrictEqual(yield* store.consume(siweNonces, voided.nonce.id), Option.none())
        assert.deepStrictEqual(yield* store.consume(oauthFlows, login.id), Option.some(login))
        assert.deepStrictEqual(yield* store.consume(oauthFlows, kept.flow.id), Option.some(kept.flow))
        assert.deepStrictEqual(yield* store.consume(nativeCodes, kept.code.hash), Option.some(kept.code))
        assert.deepStrictEqual(yield* store.consume(mergeTickets, kept.ticket.hash), Option.some(kept.ticket))
        assert.deepStrictEqual(yield* store.consume(siweNonces, kept.nonce.id), Option.some(kept.nonce))
      }))

    it.effect("stores one record a slot: the last one", () =>
      Effect.gen(function*() {
        const store = yield* SingleUse
        const first = someMergeTicket(noon)
        const second = { ...someMergeTicket(noon), sessionId: first.sessionId }
        const other = someMergeTicket(noon)
        for (const ticket of [first, other, second]) yield* store.put(mergeTickets, ticket)
        assert.deepStrictEqual(yield* store.consume(mergeTickets, first.hash), Option.none())
        assert.deepStrictEqual(yield* store.findInSlot(mergeTickets, first.sessionId), Option.some(second))
        // The users of the replaced record have no part in the new one.
        yield* store.voidOf([first.survivor, first.absorbed])
        assert.deepStrictEqual(yield* store.consume(mergeTickets, second.hash), Option.some(second))
        assert.deepStrictEqual(yield* store.findInSlot(mergeTickets, first.sessionId), Option.none())
        assert.deepStrictEqual(yield* store.findInSlot(mergeTickets, other.sessionId), Option.some(other))
      }))
  })

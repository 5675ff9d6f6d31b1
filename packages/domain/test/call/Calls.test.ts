import {
  type Actor,
  CallClock,
  CallConnections,
  CallEntitlement,
  CallId,
  CallLeases,
  CallPolicy,
  CallRepository,
  Calls,
  ConnectionId,
  participation,
  RingingTooOften,
  RingLimit
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { ann, bob, by, callTestLayer, cat, dan, sdp, stranger } from "./support/callTestLayer.ts"

const place = Effect.fnUntraced(function*(from: Actor, to: UserId, ...more: ReadonlyArray<UserId>) {
  const { initiate } = yield* Calls
  return (yield* initiate(from, { type: "audio", participants: [to, ...more] })).call
})

const answered = Effect.fnUntraced(function*(from: Actor, to: Actor) {
  const { execute } = yield* Calls
  const { id } = yield* place(from, to.userId)
  return yield* execute(to, id, { _tag: "Accept" })
})

const connected = Effect.fnUntraced(function*(actor: Actor, name: string) {
  const { hostId } = yield* CallClock
  return { ...actor, connection: { id: ConnectionId.make(name), hostId } }
})

const sweepAfter = Effect.fnUntraced(function*(time: "20 seconds" | "31 seconds" | "61 seconds") {
  const { sweep } = yield* CallClock
  yield* TestClock.adjust(time)
  yield* sweep
})

const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<ReturnType<typeof callTestLayer>>>) =>
  it.effect(name, () => body.pipe(Effect.provide(callTestLayer())))

describe("Calls", () => {
  describe("placing a call", () => {
    test(
      "shows the call to both users, and to no other user",
      Effect.gen(function*() {
        const { get, openCallsOf } = yield* Calls
        const { id } = yield* place(by(ann), bob)
        assert.strictEqual((yield* openCallsOf(bob))[0]?.id, id)
        assert.strictEqual((yield* get(by(bob), id)).initiatorId, ann)
        assert.strictEqual((yield* Effect.flip(get(by(cat), id)))._tag, "CallNotFound")
      })
    )

    test(
      "refuses unknown users",
      Effect.gen(function*() {
        const error = yield* Effect.flip(place(by(ann), stranger))
        assert.deepInclude(error, { _tag: "UnknownParticipant", userIds: [stranger] })
      })
    )

    test(
      "answers the call of the callee who is calling the caller",
      Effect.gen(function*() {
        const first = yield* place(by(ann), bob)
        const { call, created } = yield* (yield* Calls).initiate(by(bob), { type: "audio", participants: [ann] })
        assert.isFalse(created)
        assert.strictEqual(call.id, first.id)
        assert.strictEqual(call.phase, "connected")
      })
    )

    it.effect("answers the call that the callee places while the facts about the callee are read", () => {
      let meanwhile: Effect.Effect<unknown> = Effect.void
      const entitlement = Layer.effect(
        CallEntitlement,
        Effect.map(CallEntitlement, ({ limitsFor }) => ({
          limitsFor: (user) =>
            Effect.suspend(() => {
              const first = meanwhile
              meanwhile = Effect.void
              return Effect.andThen(first, limitsFor(user))
            })
        }))
      ).pipe(Layer.provide(CallEntitlement.layerUnlimited))
      return Effect.gen(function*() {
        const { initiate } = yield* Calls
        const own = yield* Deferred.make<CallId>()
        meanwhile = Effect.orDie(
          Effect.flatMap(
            initiate(by(ann), { type: "audio", participants: [bob] }),
            ({ call }) => Deferred.succeed(own, call.id)
          )
        )
        const { call, created } = yield* initiate(by(bob), { type: "audio", participants: [ann] })
        assert.strictEqual(call.id, yield* Deferred.await(own))
        assert.isFalse(created)
        assert.strictEqual(call.phase, "connected")
      }).pipe(Effect.provide(callTestLayer(CallPolicy.layerOpen, entitlement)))
    })

    test(
      "creates one connected call when two users call each other at once",
      Effect.gen(function*() {
        const [one, other] = yield* Effect.all([place(by(ann), bob), place(by(bob), ann)], { concurrency: 2 })
        assert.strictEqual(one?.id, other?.id)
        const { openCallsOf } = yield* Calls
        assert.deepStrictEqual((yield* openCallsOf(ann)).map(({ phase }) => phase), ["connected"])
      })
    )

    test(
      "finds a callee busy who is in another call",
      Effect.gen(function*() {
        yield* answered(by(ann), by(bob))
        const call = yield* place(by(cat), bob)
        assert.deepInclude(call, { phase: "disconnected", endReason: "busy" })
      })
    )

    test(
      "refuses a caller who is in another call, and names that call",
      Effect.gen(function*() {
        const { id } = yield* answered(by(ann), by(bob))
        assert.deepInclude(yield* Effect.flip(place(by(ann), cat)), { _tag: "InAnotherCall", callId: id })
      })
    )

    test(
      "happens once for one idempotency key, and is refused for another request with the key",
      Effect.gen(function*() {
        const { initiate, openCallsOf } = yield* Calls
        const request = (participant: UserId) =>
          initiate(by(ann), { type: "audio", participants: [participant] }, "key-1")
        const both = yield* Effect.all([request(bob), request(bob)], { concurrency: 2 })
        const again = yield* request(bob)
        assert.deepStrictEqual(both.map(({ created }) => created).toSorted(), [false, true])
        assert.strictEqual(again.call.id, both[0]?.call.id)
        assert.strictEqual((yield* openCallsOf(ann)).length, 1)
        assert.strictEqual((yield* Effect.flip(request(cat)))._tag, "IdempotencyConflict")
      })
    )
  })

  describe("a user who is called twice", () => {
    const ringing = Effect.gen(function*() {
      const { execute } = yield* Calls
      const [one, other] = [yield* place(by(ann), bob), yield* place(by(cat), bob)]
      yield* Effect.forEach([one, other], ({ id }) => execute(by(bob), id, { _tag: "Alert" }))
      return { one, other }
    })

    test(
      "is busy for one caller as soon as the user answers the other",
      Effect.gen(function*() {
        const { execute, get } = yield* Calls
        const { one, other } = yield* ringing
        yield* execute(by(bob), one.id, { _tag: "Accept" })
        const over = yield* get(by(cat), other.id)
        assert.deepInclude(over, { phase: "disconnected", endReason: "busy" })
        assert.strictEqual((yield* get(by(ann), one.id)).phase, "connected")
      })
    )

    test(
      "is busy for both callers after calling a third user",
      Effect.gen(function*() {
        const { get } = yield* Calls
        const { one, other } = yield* ringing
        yield* place(by(bob), dan)
        assert.deepInclude(yield* get(by(ann), one.id), { phase: "disconnected", endReason: "busy" })
        assert.deepInclude(yield* get(by(cat), other.id), { phase: "disconnected", endReason: "busy" })
      })
    )

    it.effect("continues to be rung if call waiting is enabled", () =>
      Effect.gen(function*() {
        const { execute, get } = yield* Calls
        const { one, other } = yield* ringing
        yield* execute(by(bob), one.id, { _tag: "Accept" })
        assert.strictEqual((yield* get(by(cat), other.id)).phase, "ringing")
      }).pipe(Effect.provide(callTestLayer(Layer.succeed(CallPolicy, {
        blockedBy: () => Effect.succeed(new Set()),
        mayJoin: () => Effect.succeed(false),
        withCallWaiting: (users) => Effect.succeed(new Set(users))
      })))))
  })

  describe("ringing", () => {
    it.effect("uses the limit once for a call and once for an invitation, and is refused by the limit", () => {
      const rung: Array<ReadonlyArray<UserId>> = []
      const limit = Layer.succeed(RingLimit, {
        admit: (caller, callees) =>
          Effect.suspend(() =>
            rung.push([caller, ...callees]) > 3
              ? Effect.fail(new RingingTooOften({ retryAfterSeconds: 7 }))
              : Effect.void
          ),
        ring: () => Effect.void
      })
      return Effect.gen(function*() {
        const { execute, initiate } = yield* Calls
        // Both at once: one is tried again, as an answer to the other.
        const [call] = yield* Effect.all([place(by(ann), bob), place(by(bob), ann)], { concurrency: 2 })
        assert.strictEqual(rung.length, 2)
        yield* execute(by(ann), call.id, { _tag: "Invite", userId: cat })
        assert.deepStrictEqual(rung.at(-1), [ann, cat])
        const refusals = [
          yield* Effect.flip(execute(by(ann), call.id, { _tag: "Invite", userId: cat })),
          yield* Effect.flip(initiate(by(cat), { type: "audio", participants: [ann] }, "key-1"))
        ]
        for (const refusal of refusals) assert.deepInclude(refusal, { _tag: "RingingTooOften", retryAfterSeconds: 7 })
        assert.strictEqual(rung.length, 5)
      }).pipe(Effect.provide(callTestLayer(undefined, undefined, limit)))
    })

    it.effect("counts the users who are actually rung, each once", () => {
      const rung: Array<UserId> = []
      const limit = Layer.succeed(RingLimit, {
        admit: () => Effect.void,
        ring: (callees) =>
          Effect.suspend(() =>
            rung.push(...callees) > 3 ? Effect.fail(new RingingTooOften({ retryAfterSeconds: 7 })) : Effect.void
          )
      })
      const policy = Layer.succeed(CallPolicy, {
        blockedBy: (users, caller) => Effect.succeed(new Set(caller === dan ? users : [])),
        mayJoin: () => Effect.succeed(false),
        withCallWaiting: () => Effect.succeed(new Set())
      })
      return Effect.gen(function*() {
        const { execute, initiate, openCallsOf } = yield* Calls
        const nowhere = CallId.make("01984ab2-0000-7000-8000-0000000000ff")
        const invite = (actor: UserId, id: CallId, userId: UserId) =>
          Effect.flip(execute(by(actor), id, { _tag: "Invite", userId }))
        assert.strictEqual((yield* invite(cat, nowhere, bob))._tag, "CallNotFound")
        yield* place(by(dan), bob)
        yield* Effect.flip(place(by(cat), bob, stranger))
        assert.deepStrictEqual(rung, [], "none of these rings")

        const { id } = yield* answered(by(ann), by(bob))
        assert.deepStrictEqual(rung, [bob])
        assert.strictEqual((yield* invite(cat, id, bob))._tag, "CallNotFound")
        assert.strictEqual((yield* place(by(cat), bob)).endReason, "busy")
        yield* execute(by(ann), id, { _tag: "Invite", userId: cat })
        yield* execute(by(ann), id, { _tag: "Invite", userId: cat })
        assert.deepStrictEqual(rung, [bob, cat], "who rings already is not rung again")

        yield* execute(by(cat), id, { _tag: "Decline" })
        yield* execute(by(ann), id, { _tag: "Invite", userId: cat })
        yield* execute(by(cat), id, { _tag: "Decline" })
        assert.deepInclude(yield* invite(ann, id, cat), { _tag: "RingingTooOften", retryAfterSeconds: 7 })
        const refusal = yield* Effect.flip(initiate(by(dan), { type: "audio", participants: [stranger] }))
        assert.strictEqual(refusal._tag, "UnknownParticipant")
        assert.deepStrictEqual(yield* openCallsOf(cat), [])
      }).pipe(Effect.provide(callTestLayer(policy, undefined, limit)))
    })
  })

  describe("during a call", () => {
    test(
      "one of two devices of a user that try at once can answer",
      Effect.gen(function*() {
        const { execute } = yield* Calls
        const { id } = yield* place(by(ann), bob)
        const outcomes = yield* Effect.forEach(
          ["phone", "desk"],
          (device) =>
            execute(by(bob, device), id, { _tag: "Accept" }).pipe(
              Effect.as("ok"),
              Effect.catch((e) => Effect.succeed(e._tag))
            ),
          { concurrency: 2 }
        )
        assert.deepStrictEqual(outcomes.toSorted(), ["AnsweredElsewhere", "ok"])
      })
    )

    test(
      "a user can answer one of two calls only",
      Effect.gen(function*() {
        const { execute } = yield* Calls
        const [one, other] = [yield* place(by(ann), bob), yield* place(by(cat), bob)]
        const outcomes = yield* Effect.forEach(
          [one, other],
          ({ id }) =>
            execute(by(bob), id, { _tag: "Accept" }).pipe(Effect.as("ok"), Effect.catch((e) => Effect.succeed(e._tag))),
          { concurrency: 2 }
        )
        assert.lengthOf(outcomes.filter((outcome) => outcome === "ok"), 1)
        assert.lengthOf(yield* (yield* Calls).openCallsOf(bob), 1)
      })
    )

    test(
      "an offer reaches its addressee only, and is deleted when the call is over",
      Effect.gen(function*() {
        const { deliveries, execute } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        yield* execute(by(ann), id, { _tag: "Offer", sdp: sdp("1") })
        const signals = (user: UserId) =>
          Effect.map(
            deliveries(by(user), id, 0),
            (seen) => seen.deliveries.flatMap(({ signal }) => Option.toArray(signal))
          )
        assert.deepStrictEqual(yield* signals(bob), [{ sdp: sdp("1") }])
        assert.deepStrictEqual(yield* signals(ann), [])
        yield* execute(by(bob), id, { _tag: "Leave" })
        assert.deepStrictEqual(yield* signals(bob), [])
      })
    )

    test(
      "candidates that were sent before are dropped",
      Effect.gen(function*() {
        const { deliveries, execute } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        yield* execute(by(ann), id, { _tag: "Offer", sdp: sdp("1") })
        const candidate = (port: number) => ({
          candidate: `candidate:1 1 udp 1 127.0.0.1 ${port} typ host`,
          sdpMid: "0"
        })
        yield* execute(by(ann), id, { _tag: "Candidates", candidates: [candidate(1)] })
        yield* execute(by(ann), id, { _tag: "Candidates", candidates: [candidate(1), candidate(2)] })
        const seen = yield* deliveries(by(bob), id, 0)
        const sent = seen.deliveries.flatMap(({ signal }) => Option.toArray(signal)).flatMap((signal) =>
          "candidates" in signal ? signal.candidates : []
        )
        assert.deepStrictEqual(sent, [candidate(1), candidate(2)])
      })
    )

    test(
      "candidates are delivered after their offer or answer, in whatever order they arrive",
      Effect.gen(function*() {
        const { deliveries, execute } = yield* Calls
        const { id } = yield* place(by(ann), bob)
        const candidates = [{ candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0" }]
        const seenBy = Effect.fnUntraced(function*(reader: Actor) {
          const seen = (yield* deliveries(reader, id, 0)).deliveries
          return seen.filter(({ record: { event } }) => "to" in event).map(({ record: { event }, signal }) =>
            [event._tag, Option.getOrThrow(signal)] as const
          )
        })
        yield* execute(by(ann), id, { _tag: "Candidates", candidates })
        assert.deepStrictEqual(yield* seenBy(by(bob)), [])
        yield* execute(by(ann), id, { _tag: "Offer", sdp: sdp("1") })
        assert.deepStrictEqual(yield* seenBy(by(bob)), [["Offer", { sdp: sdp("1") }], ["Candidates", { candidates }]])
        yield* execute(by(bob), id, { _tag: "Candidates", candidates })
        assert.deepStrictEqual(yield* seenBy(by(ann)), [])
        yield* execute(by(bob), id, { _tag: "Answer", sdp: sdp("2") })
        assert.deepStrictEqual(yield* seenBy(by(ann)), [["Answer", { sdp: sdp("2") }], ["Candidates", { candidates }]])
      })
    )

    test(
      "a session description without a fingerprint, or of 65 KiB, is refused",
      Effect.gen(function*() {
        const { execute } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        for (const bad of [sdp("1").replace(/a=fingerprint.*\r\n/, ""), sdp("1") + "a=x\r\n".repeat(14_000), "hello"]) {
          assert.strictEqual((yield* Effect.flip(execute(by(ann), id, { _tag: "Offer", sdp: bad })))._tag, "InvalidSdp")
        }
      })
    )

    test(
      "an unusable session description is refused before the call is loaded",
      Effect.gen(function*() {
        const { execute } = yield* Calls
        const unknown = CallId.make("01984ab2-0000-7000-8000-0000000000ff")
        for (const _tag of ["Offer", "Answer"] as const) {
          const refusal = yield* Effect.flip(execute(by(ann), unknown, { _tag, sdp: "v=0\r\nm=audio 9 X 0\r\n" }))
          assert.strictEqual(refusal._tag, "InvalidSdp")
        }
      })
    )

    test(
      "a user who was never invited gets the answer that the call does not exist",
      Effect.gen(function*() {
        const { execute } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        const unknown = CallId.make("01984ab2-0000-7000-8000-0000000000ff")
        assert.strictEqual((yield* Effect.flip(execute(by(cat), id, { _tag: "Leave" })))._tag, "CallNotFound")
        assert.strictEqual((yield* Effect.flip(execute(by(cat), id, { _tag: "Join" })))._tag, "CallNotFound")
        assert.strictEqual((yield* Effect.flip(execute(by(ann), unknown, { _tag: "Leave" })))._tag, "CallNotFound")
      })
    )

    it.effect("a caller who was blocked sees an unreachable callee, who does not see the call", () =>
      Effect.gen(function*() {
        const { get, openCallsOf } = yield* Calls
        const { id } = yield* place(by(ann), bob)
        assert.deepStrictEqual(yield* openCallsOf(bob), [])
        assert.strictEqual((yield* Effect.flip(get(by(bob), id)))._tag, "CallNotFound")
        yield* sweepAfter("61 seconds")
        assert.strictEqual((yield* get(by(ann), id)).endReason, "unreachable")
      }).pipe(Effect.provide(callTestLayer(Layer.succeed(CallPolicy, {
        blockedBy: (callees) => Effect.succeed(new Set(callees)),
        mayJoin: () => Effect.succeed(false),
        withCallWaiting: () => Effect.succeed(new Set())
      })))))
  })

  describe("as time passes", () => {
    test(
      "an alerted call without an answer ends as not answered",
      Effect.gen(function*() {
        const { execute, get } = yield* Calls
        const { id } = yield* place(by(ann), bob)
        yield* execute(by(bob), id, { _tag: "Alert" })
        yield* (yield* CallConnections).connect(yield* connected(by(ann), "c1"), id, false)
        yield* sweepAfter("61 seconds")
        assert.strictEqual((yield* get(by(ann), id)).endReason, "no_answer")
      })
    )

    test(
      "a user whose connection closed is lost, and can return",
      Effect.gen(function*() {
        const connections = yield* CallConnections
        const { get } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        yield* connections.connect(yield* connected(by(bob), "c1"), id, false)
        yield* connections.disconnect(ConnectionId.make("c1"))
        const state = Effect.map(
          get({ ...by(ann), connection: (yield* connected(by(ann), "x")).connection }, id),
          (call) => participation(call, bob)?.state
        )
        assert.strictEqual(yield* state, "reconnecting")
        yield* connections.connect(yield* connected(by(bob), "c2"), id, false)
        assert.strictEqual(yield* state, "joining")
      })
    )

    test(
      "a user whose old connection closes after the new one has opened is not lost",
      Effect.gen(function*() {
        const connections = yield* CallConnections
        const { get } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        yield* connections.connect(yield* connected(by(bob), "c1"), id, false)
        yield* connections.connect(yield* connected(by(bob), "c2"), id, false)
        yield* connections.disconnect(ConnectionId.make("c1"))
        assert.strictEqual(participation(yield* get(by(bob), id), bob)?.state, "joining")
      })
    )

    test(
      "the other users are told that a reloaded client has replaced its own connection",
      Effect.gen(function*() {
        const connections = yield* CallConnections
        const { deliveries } = yield* Calls
        const { id } = yield* answered(by(ann), by(bob))
        yield* connections.connect(yield* connected(by(bob), "c1"), id, false)
        yield* connections.connect(yield* connected(by(bob), "c2"), id, true)
        const seen = (yield* deliveries(by(ann), id, 0)).deliveries.map(({ record }) => record.event)
        assert.deepInclude(seen.at(-1), { _tag: "Resumed", userId: bob, fresh: true })
      })
    )

    test(
      "a REST client is lost after a minute of silence, and the call ends half a minute later",
      Effect.gen(function*() {
        const { get } = yield* Calls
        const ringing = yield* connected(by(ann), "c1")
        const { id } = yield* answered(by(ann), by(bob))
        const leases = yield* CallLeases
        yield* (yield* CallConnections).connect(ringing, id, false)
        for (let minute = 0; minute < 3; minute++) {
          yield* get(by(bob), id)
          yield* sweepAfter("20 seconds")
        }
        assert.strictEqual(participation(yield* get(ringing, id), bob)?.state, "joining")
        yield* sweepAfter("61 seconds")
        assert.strictEqual(participation(yield* get(ringing, id), bob)?.state, "reconnecting")
        yield* sweepAfter("31 seconds")
        assert.deepInclude(yield* get(ringing, id), { phase: "disconnected", endReason: "connection_lost" })
        assert.deepStrictEqual(yield* leases.heldBy(ringing.connection.id), [])
      })
    )
  })

  test(
    "deletes the claim and the leases of a call that is over",
    Effect.gen(function*() {
      const { execute, history } = yield* Calls
      const repository = yield* CallRepository
      const { id } = yield* answered(by(ann), by(bob))
      yield* execute(by(bob), id, { _tag: "Leave" })
      assert.lengthOf(yield* repository.openEntries([ann, bob]), 0)
      yield* answered(by(ann), by(bob))
      assert.strictEqual((yield* history(bob, {}, { limit: 10 })).length, 2)
    })
  )
})

import { assert, layer } from "@effect/vitest"
import { DateTime, type Duration, Effect, type Layer, Option } from "effect"
import { type Call, CallLeases, CallRepository, type CallRequestKey, DeviceId } from "../call/index.ts"
import type { UserId } from "../identity/index.ts"
import { assertConsistent, StoredCalls } from "./StoredCalls.ts"
import {
  decided,
  initiate,
  leaseOf,
  noon,
  plainReason,
  someCallId,
  someConnection,
  someone,
  step
} from "./support/callSteps.ts"

const append = Effect.fnUntraced(function*(next: ReturnType<typeof step>) {
  const repository = yield* CallRepository
  yield* repository.append(next)
  return next.call
})

/** Checks that no part of this step is stored, and returns the conflict. */
const refused = Effect.fnUntraced(function*(next: ReturnType<typeof step>) {
  const { everything } = yield* StoredCalls
  const before = yield* everything
  const { reason } = yield* Effect.flip(append(next))
  assert.deepStrictEqual(yield* everything, before)
  return plainReason(reason)
})

/** A direct call that was answered, or a group in which every callee answered. */
const connected = Effect.fnUntraced(function*(by: UserId, ...callees: readonly [UserId, ...ReadonlyArray<UserId>]) {
  let call = yield* append(initiate(by, callees))
  for (const callee of callees) call = yield* append(step(call, { _tag: "Accept", by: callee }))
  return call
})

const requestOf = (userId: UserId, more: Partial<CallRequestKey> = {}): CallRequestKey => ({
  userId,
  operation: "initiate",
  key: "key",
  fingerprint: "fingerprint",
  at: noon,
  ...more
})

const after = (amount: Duration.Input) => DateTime.addDuration(noon, amount)

/** The contract of `CallRepository` for storing a step: all of the step, or nothing and the reason. */
export const callAppendContract = <E>(
  name: string,
  subject: Layer.Layer<CallRepository | CallLeases | StoredCalls, E>
) =>
  layer(subject)(`${name}, appending`, (it) => {
    it.effect("keeps a step and everything derived from it", () =>
      Effect.gen(function*() {
        const { everything } = yield* StoredCalls
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const rings = step(yield* append(initiate(ann, [bob])), { _tag: "Alert", by: bob })
        const offered = step(yield* append(rings), { _tag: "Offer", by: ann, digest: "offer" })
        const answered = step(yield* append(offered), { _tag: "Answer", by: bob, digest: "answer" })
        const invited = step(yield* append(answered), {
          _tag: "Invite",
          by: ann,
          callee: { userId: cat, busy: false, blocked: true }
        })
        const call = yield* append(invited)
        const stored = yield* everything
        assertConsistent(stored)
        assert.deepStrictEqual(stored.calls.find(({ id }) => id === call.id), call)
        assert.deepStrictEqual(
          stored.signals.filter(({ callId }) => callId === call.id).map(({ signal }) => signal),
          [...offered.signals, ...answered.signals].map(({ signal }) => signal)
        )
        assertConsistent(yield* Effect.andThen(append(step(call, { _tag: "End" })), everything))
      }))

    it.effect("refuses a step that was decided on another version than the newest", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        const placed = initiate(ann, [bob])
        const rings = step(placed.call, { _tag: "Alert", by: bob })
        assert.deepStrictEqual(yield* refused(rings), { _tag: "VersionConflict" })
        yield* append(placed)
        assert.deepStrictEqual(yield* refused(placed), { _tag: "VersionConflict" })
        yield* append(rings)
        const cancelled = step(placed.call, { _tag: "Leave", by: ann })
        assert.deepStrictEqual(yield* refused(cancelled), { _tag: "VersionConflict" })
        yield* append(step(rings.call, { _tag: "Leave", by: ann }))
      }))

    it.effect("lets two people have one direct call open, and names it", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const taken = { _tag: "PairTaken", callId: call.id }
        assert.deepStrictEqual(yield* refused(initiate(bob, [ann])), taken)
        assert.deepStrictEqual(yield* refused(initiate(ann, [bob])), taken)
        yield* append(initiate(bob, [cat]))
      }))

    it.effect("lets two people call again once their call has ended, or never began", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        yield* append(initiate(ann, [bob], { busy: true }))
        const call = yield* append(initiate(ann, [bob]))
        yield* append(step(call, { _tag: "Leave", by: ann }))
        yield* append(initiate(bob, [ann]))
      }))

    it.effect("lets two people call again once their call has become a group", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const callee = { userId: cat, busy: false, blocked: false }
        const call = yield* append(step(yield* connected(ann, bob), { _tag: "Invite", by: ann, callee }))
        yield* append(step(call, { _tag: "Leave", by: bob }))
        yield* append(initiate(bob, [ann]))
      }))

    it.effect("lets a person be active in one call, and names both", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        assert.deepStrictEqual(
          yield* refused(initiate(ann, [cat])),
          { _tag: "UserActive", userId: ann, callId: call.id }
        )
        const other = yield* append(initiate(cat, [ann]))
        assert.deepStrictEqual(
          yield* refused(step(other, { _tag: "Accept", by: ann })),
          { _tag: "UserActive", userId: ann, callId: call.id }
        )
        yield* append(step(call, { _tag: "Leave", by: ann }))
        yield* append(step(other, { _tag: "Accept", by: ann }))
      }))

    it.effect("lets a person be asked into many calls", () =>
      Effect.gen(function*() {
        const bob = someone()
        yield* Effect.forEach([someone(), someone(), someone()], (caller) => append(initiate(caller, [bob])))
        assert.lengthOf(yield* (yield* CallRepository).openCallsOf(bob), 3)
      }))

    it.effect("takes a suppressed invitation out of sight, also of one who was in the call before", () =>
      Effect.gen(function*() {
        const { history } = yield* CallRepository
        const { everything } = yield* StoredCalls
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const left = yield* append(step(yield* connected(ann, bob, cat), { _tag: "Leave", by: cat }))
        assert.lengthOf(yield* history([cat], {}, { limit: 9 }), 1)
        const callee = { userId: cat, busy: false, blocked: true }
        yield* append(step(left, { _tag: "Invite", by: ann, callee }))
        assert.lengthOf(yield* history([cat], {}, { limit: 9 }), 0)
        assertConsistent(yield* everything)
      }))

    it.effect("remembers a request with the step it led to, for 24 hours", () =>
      Effect.gen(function*() {
        const { findRequest } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const request = requestOf(ann)
        const call = yield* append(initiate(ann, [bob], { request }))
        const again = (more: Partial<CallRequestKey>) =>
          step(call, { _tag: "Leave", by: ann }, { request: { ...request, ...more } })

        const known = Option.some({ callId: call.id, fingerprint: "fingerprint" })
        assert.deepStrictEqual(yield* refused(again({ fingerprint: "another" })), { _tag: "RequestKnown" })
        assert.deepStrictEqual(yield* refused(again({ at: after("86399999 millis") })), { _tag: "RequestKnown" })
        assert.deepStrictEqual(yield* findRequest(request, after("86399999 millis")), known)
        assert.deepStrictEqual(yield* findRequest(request, after("24 hours")), Option.none())
        assert.deepStrictEqual(yield* findRequest({ ...request, userId: bob }, noon), Option.none())
        assert.deepStrictEqual(yield* findRequest({ ...request, operation: "another" }, noon), Option.none())
        assert.deepStrictEqual(yield* findRequest({ ...request, key: "another" }, noon), Option.none())

        yield* append(again({ fingerprint: "tomorrow", at: after("24 hours") }))
        assert.deepStrictEqual(
          yield* findRequest(request, after("24 hours")),
          Option.some({ callId: call.id, fingerprint: "tomorrow" })
        )
      }))

    it.effect("says that a request is known before anything else that stands in the way", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        yield* append(initiate(ann, [bob], { request: requestOf(ann) }))
        assert.deepStrictEqual(
          yield* refused(initiate(ann, [bob], { request: requestOf(ann) })),
          { _tag: "RequestKnown" }
        )
        assert.strictEqual(
          (yield* refused(initiate(ann, [bob], { request: requestOf(ann, { key: "2" }) })))._tag,
          "PairTaken"
        )
      }))

    it.effect("purges requests after 24 hours, no more than the limit at a time, and nothing else", () =>
      Effect.gen(function*() {
        const { findRequest, purgeRequests } = yield* CallRepository
        const longAgo = DateTime.subtract(noon, { days: 3650 })
        const at = (millis: number) => DateTime.addDuration(longAgo, `${millis} millis`)
        const requests = [0, 1, 2, 3].map((millis) => requestOf(someone(), { at: at(millis) }))
        yield* Effect.forEach(requests, (request) => append(initiate(request.userId, [someone()], { request })))
        const nextDay = DateTime.addDuration(at(2), "24 hours")
        assert.strictEqual(yield* purgeRequests(nextDay, 2), 2)
        assert.strictEqual(yield* purgeRequests(nextDay, 2), 1)
        assert.strictEqual(yield* purgeRequests(nextDay, 2), 0)
        const left = yield* Effect.filter(
          requests,
          (request) => Effect.map(findRequest(request, longAgo), Option.isSome)
        )
        assert.deepStrictEqual(left, requests.slice(3))
      }))

    it.effect("binds a lease with a step: beside those of other connections, in place of one that REST keeps", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [ann, bob] = [someone(), someone()]
        const placed = initiate(ann, [bob])
        const { everything } = yield* StoredCalls
        let call = yield* append({ ...placed, lease: { bind: leaseOf(placed.call, ann) } })
        const first = leaseOf(call, ann, { connection: someConnection() })
        call = yield* append(step(call, { _tag: "Alert", by: bob }, { lease: { bind: first } }))
        const ofCall = Effect.map(everything, ({ leases }) => leases.filter(({ callId }) => callId === call.id))
        assert.deepStrictEqual(yield* ofCall, [first])
        const second = leaseOf(call, ann, { connection: someConnection() })
        const accepted = step(call, { _tag: "Accept", by: bob }, { lease: { bind: second } })
        yield* append(accepted)
        assert.deepStrictEqual(yield* leases.heldBy(first.connection!.id), [first])
        assert.deepStrictEqual(yield* leases.heldBy(second.connection!.id), [second])
      }))

    it.effect("releases a lease that has not moved, or is gone already", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const { everything } = yield* StoredCalls
        const [ann, bob] = [someone(), someone()]
        let call = yield* connected(ann, bob)
        const byConnection = leaseOf(call, ann, { connection: someConnection() })
        const byRest = leaseOf(call, bob)
        yield* Effect.forEach([byConnection, byRest], leases.bind)
        const release = { ...byConnection, seenAt: after("1 hour") }
        call = yield* append(step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release } }))
        call = yield* append(step(call, { _tag: "LeaseLost", userId: bob }, { lease: { release: byRest } }))
        assert.lengthOf((yield* everything).leases.filter(({ callId }) => callId === call.id), 0)
        call = yield* append(step(call, { _tag: "Resume", by: ann, fresh: false }))
        yield* append(step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release } }))
      }))

    it.effect("refuses to release a lease that is not the last of its device, or was renewed by REST", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [ann, bob] = [someone(), someone()]
        const call = yield* connected(ann, bob)
        const phone = DeviceId.make("phone")
        const lost = (release: ReturnType<typeof leaseOf>, device?: DeviceId) =>
          step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release, device } })
        const byRest = leaseOf(call, ann)
        yield* leases.bind(leaseOf(call, ann, { seenAt: after("1 second") }))
        assert.deepStrictEqual(yield* refused(lost(byRest)), { _tag: "LeaseMoved" })

        const [one, other] = [someConnection(), someConnection()].map((connection) =>
          leaseOf(call, ann, { connection })
        )
        const onTablet = leaseOf(call, ann, { device: DeviceId.make("tablet"), connection: someConnection() })
        yield* Effect.forEach([one!, other!, onTablet], leases.bind)
        assert.deepStrictEqual(yield* refused(lost(one!, phone)), { _tag: "LeaseMoved" })
        yield* leases.drop(other!)
        assert.deepStrictEqual(yield* refused(lost(one!)), { _tag: "LeaseMoved" })
        yield* append(lost(one!, phone))
        assert.deepStrictEqual(yield* leases.heldBy(onTablet.connection!.id), [onTablet])
      }))

    it.effect("refuses to release a moved lease also in a step by which its holder leaves", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const [ann, bob] = [someone(), someone()]
        const call = yield* connected(ann, bob)
        const moved = leaseOf(call, ann, { seenAt: after("1 second") })
        yield* leases.bind(moved)
        const ended = (release: ReturnType<typeof leaseOf>) => step(call, { _tag: "End" }, { lease: { release } })
        assert.deepStrictEqual(yield* refused(ended(leaseOf(call, ann))), { _tag: "LeaseMoved" })
        yield* append(ended(moved))
      }))

    it.effect("drops the leases of those who leave, binds none for them, and drops all when the call ends", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        const { everything } = yield* StoredCalls
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const leasesOf = (call: Call) =>
          Effect.map(
            everything,
            ({ leases }) => leases.filter(({ callId }) => callId === call.id).map(({ userId }) => userId)
          )
        const call = yield* connected(ann, bob, cat)
        yield* Effect.forEach([ann, bob, cat], (user) => leases.bind(leaseOf(call, user)))
        const left = yield* append(
          step(call, { _tag: "Leave", by: bob }, {
            lease: { bind: leaseOf(call, bob, { connection: someConnection() }) }
          })
        )
        assert.deepStrictEqual(new Set(yield* leasesOf(call)), new Set([ann, cat]))
        yield* append(step(left, { _tag: "End", by: ann }, { lease: { bind: leaseOf(call, ann) } }))
        assert.deepStrictEqual(yield* leasesOf(call), [])
      }))

    it.effect("keeps whatever text a signal holds", () =>
      Effect.gen(function*() {
        const { deliveries } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const offer = step(call, { _tag: "Offer", by: ann, digest: "offer" })
        const signal = { sdp: "v=0\r\ns='\"\\ $1 ? 🎈 \u0000 \ud800\r\n" }
        yield* append({ ...offer, signals: offer.signals.map(({ seq }) => ({ seq, signal })) })
        const [delivery] = yield* deliveries(call.id, bob, call.seq)
        assert.deepStrictEqual(delivery?.signal, Option.some(signal))
      }))

    it.effect("keeps what nobody is told of", () =>
      Effect.gen(function*() {
        const { deliveries, load } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const lost = yield* append(step(yield* connected(ann, bob), { _tag: "LeaseLost", userId: ann }))
        const call = yield* append(step(lost, { _tag: "Postpone", until: DateTime.add(noon, { hours: 1 }) }))
        assert.deepStrictEqual(yield* load(call.id), Option.some(call))
        assert.deepStrictEqual(yield* deliveries(call.id, bob, lost.seq), [])
        assert.strictEqual(decided(call, { _tag: "Tick" }), undefined)
      }))

    it.effect("takes a call whose id was made by somebody else for a race", () =>
      Effect.gen(function*() {
        const id = someCallId()
        yield* append(initiate(someone(), [someone()], { id }))
        assert.deepStrictEqual(yield* refused(initiate(someone(), [someone()], { id })), { _tag: "VersionConflict" })
      }))
  })

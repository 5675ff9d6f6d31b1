import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, Exit, type Layer, Option } from "effect"
import { type CallLeases, CallRepository } from "../call/index.ts"
import { IdempotencyKeys } from "../idempotency/index.ts"
import { callAppendLeasesContract } from "./CallAppendLeases.contract.ts"
import { assertConsistent, StoredCalls } from "./StoredCalls.ts"
import { append, connected, refused } from "./support/callAppends.ts"
import { decided, initiate, noon, plainReason, someCallId, someone, step } from "./support/callSteps.ts"
import { requestOf } from "./support/recordedRequests.ts"

/** The contract of `CallRepository` for storing a step: all of the step, or nothing and the reason. */
export const callAppendContract = <E>(
  name: string,
  subject: Layer.Layer<CallRepository | CallLeases | IdempotencyKeys | StoredCalls, E>
): void => {
  layer(subject)(`${name}, appending`, (it) => {
    it.effect("stores a step and everything that is derived from it", () =>
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

    it.effect("stores several steps at once, and gives each step its own outcome", () =>
      Effect.gen(function*() {
        const repository = yield* CallRepository
        const { everything } = yield* StoredCalls
        const [ann, bob, cat, dan, eve, fay] = [someone(), someone(), someone(), someone(), someone(), someone()]
        const [talking, moved] = [yield* connected(ann, bob), yield* connected(cat, dan)]
        yield* append(step(moved, { _tag: "ChangeMedia", by: cat, changes: { hold: true } }))
        const steps = [
          step(talking, { _tag: "Offer", by: ann, digest: "offer" }),
          step(moved, { _tag: "Offer", by: cat, digest: "offer" }),
          initiate(eve, [fay]),
          initiate(bob, [ann]),
          initiate(ann, [someone()])
        ] as const
        const outcomes = yield* repository.append(steps)
        const reasons = outcomes.map((outcome) =>
          Exit.isSuccess(outcome) ? "stored" : Option.getOrUndefined(Exit.findErrorOption(outcome))?.reason
        )
        assert.deepStrictEqual(reasons.map((reason) => reason === "stored" ? reason : reason && plainReason(reason)), [
          "stored",
          { _tag: "VersionConflict" },
          "stored",
          { _tag: "PairTaken", callId: talking.id },
          { _tag: "UserActive", userId: ann, callId: talking.id }
        ])
        const stored = yield* everything
        assertConsistent(stored)
        const kept = new Map(stored.calls.map((call) => [call.id, call]))
        assert.deepStrictEqual(kept.get(talking.id), steps[0].call)
        assert.deepStrictEqual(kept.get(steps[2].call.id), steps[2].call)
        assert.isFalse(kept.has(steps[3].call.id) || kept.has(steps[4].call.id))
      }))

    it.effect("refuses a step that was decided on an outdated version", () =>
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

    it.effect("allows one open direct call between two users, and names it in the refusal", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const taken = { _tag: "PairTaken", callId: call.id }
        assert.deepStrictEqual(yield* refused(initiate(bob, [ann])), taken)
        assert.deepStrictEqual(yield* refused(initiate(ann, [bob])), taken)
        yield* append(initiate(bob, [cat]))
      }))

    it.effect("allows another call between two users once their call has ended or never started", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        yield* append(initiate(ann, [bob], { busy: true }))
        const call = yield* append(initiate(ann, [bob]))
        yield* append(step(call, { _tag: "Leave", by: ann }))
        yield* append(initiate(bob, [ann]))
      }))

    it.effect("allows another direct call between two users once their call has become a group call", () =>
      Effect.gen(function*() {
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const callee = { userId: cat, busy: false, blocked: false }
        const call = yield* append(step(yield* connected(ann, bob), { _tag: "Invite", by: ann, callee }))
        yield* append(step(call, { _tag: "Leave", by: bob }))
        yield* append(initiate(bob, [ann]))
      }))

    it.effect("allows a user to be active in one call, and names both calls in the refusal", () =>
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

    it.effect("allows a user to be invited to many calls", () =>
      Effect.gen(function*() {
        const bob = someone()
        yield* Effect.forEach([someone(), someone(), someone()], (caller) => append(initiate(caller, [bob])))
        assert.lengthOf(yield* (yield* CallRepository).openCallsOf(bob), 3)
      }))

    it.effect("hides a suppressed invitation, also from a user who was in the call before", () =>
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

    it.effect("records a request with its step, and stores no other step whose key is in use", () =>
      Effect.gen(function*() {
        const { find } = yield* IdempotencyKeys
        const [ann, bob] = [someone(), someone()]
        const request = requestOf(ann)
        const { expiresAt } = request
        const call = yield* append(initiate(ann, [bob], { request }))
        const again = (more: Partial<typeof request>) =>
          step(call, { _tag: "Leave", by: ann }, { request: requestOf(ann, more) })

        const lastMoment = DateTime.subtract(expiresAt, { milliseconds: 1 })
        assert.deepStrictEqual(yield* refused(again({ fingerprint: "another" })), { _tag: "KeyInUse" })
        assert.deepStrictEqual(yield* refused(again({ at: lastMoment })), { _tag: "KeyInUse" })
        const known = { fingerprint: "fingerprint", result: "result" }
        assert.deepStrictEqual(yield* find(request, lastMoment), Option.some(known))

        yield* append(again({ fingerprint: "tomorrow", at: expiresAt }))
        assert.deepStrictEqual(yield* find(request, expiresAt), Option.some({ ...known, fingerprint: "tomorrow" }))
      }))

    it.effect("stores one of two steps that are appended together with the same key, and no part of the other step", () =>
      Effect.gen(function*() {
        const { append } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const outcomes = yield* append([
          initiate(ann, [someone()], { request: requestOf(ann) }),
          initiate(ann, [someone()], { request: requestOf(ann) }),
          initiate(bob, [someone()], { request: requestOf(bob) })
        ])
        const reasons = outcomes.map((outcome) =>
          Exit.isSuccess(outcome) ? "stored" : Option.getOrUndefined(Exit.findErrorOption(outcome))?.reason._tag
        )
        assert.sameMembers(reasons.slice(0, 2), ["stored", "KeyInUse"])
        assert.strictEqual(reasons[2], "stored")
      }))

    it.effect("refuses a used key before any other refusal", () =>
      Effect.gen(function*() {
        const { find } = yield* IdempotencyKeys
        const [ann, bob] = [someone(), someone()]
        yield* append(initiate(ann, [bob], { request: requestOf(ann) }))
        assert.deepStrictEqual(yield* refused(initiate(ann, [bob], { request: requestOf(ann) })), { _tag: "KeyInUse" })
        const second = requestOf(ann, { key: "2" })
        assert.strictEqual((yield* refused(initiate(ann, [bob], { request: second })))._tag, "PairTaken")
        assert.deepStrictEqual(yield* find(second, second.at), Option.none())
      }))

    it.effect("stores signals with any text", () =>
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

    it.effect("stores an event that has no audience", () =>
      Effect.gen(function*() {
        const { deliveries, load } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const lost = yield* append(step(yield* connected(ann, bob), { _tag: "LeaseLost", userId: ann }))
        const call = yield* append(step(lost, { _tag: "Postpone", until: DateTime.add(noon, { hours: 1 }) }))
        assert.deepStrictEqual(yield* load(call.id), Option.some(call))
        assert.deepStrictEqual(yield* deliveries(call.id, bob, lost.seq), [])
        assert.strictEqual(decided(call, { _tag: "Tick" }), undefined)
      }))

    it.effect("treats a call id that another user has created as a race", () =>
      Effect.gen(function*() {
        const id = someCallId()
        yield* append(initiate(someone(), [someone()], { id }))
        assert.deepStrictEqual(yield* refused(initiate(someone(), [someone()], { id })), { _tag: "VersionConflict" })
      }))
  })
  callAppendLeasesContract(name, subject)
}

import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer } from "effect"
import { CallRepository } from "../call/index.ts"
import { append } from "./support/callAppends.ts"
import { ids, someTime } from "./support/callReads.ts"
import { initiate, someone, step } from "./support/callSteps.ts"

/** The part of the contract of `CallRepository` about calls that are due. */
export const dueCallsContract = <E>(name: string, subject: Layer.Layer<CallRepository, E>) =>
  layer(subject)(`${name}, with deadlines`, (it) => {
    it.effect("claims due calls once each, earliest first, at most as many as the limit", () =>
      Effect.gen(function*() {
        const { claimDue } = yield* CallRepository
        const start = someTime()
        const at = (seconds: number) => DateTime.add(start, { seconds })
        const placed = (seconds: number) => append(initiate(someone(), [someone()], { at: at(seconds) }))
        const calls = yield* Effect.all([placed(3), placed(1), placed(2), placed(4)])
        const [third, first, second, fourth] = ids(calls)
        yield* append(step(yield* append(initiate(someone(), [someone()], { at: at(0) })), { _tag: "End" }))
        assert.deepStrictEqual(yield* claimDue(at(60), at(90), 9), [])
        assert.deepStrictEqual(yield* claimDue(at(63), at(90), 2), [first, second])
        assert.deepStrictEqual(yield* claimDue(at(63), at(91), 2), [third])
        assert.deepStrictEqual(yield* claimDue(at(89), at(99), 9), [fourth])
        assert.deepStrictEqual(yield* claimDue(at(90), at(99), 9), [first, second])
      }))

    it.effect("ends a claim once a step was appended", () =>
      Effect.gen(function*() {
        const { claimDue } = yield* CallRepository
        const start = someTime()
        const at = (seconds: number) => DateTime.add(start, { seconds })
        const [ann, bob] = [someone(), someone()]
        const call = yield* append(initiate(ann, [bob], { at: start }))
        assert.deepStrictEqual(yield* claimDue(at(60), at(600), 9), [call.id])
        const rings = yield* append(step(call, { _tag: "Alert", by: bob }))
        assert.deepStrictEqual(yield* claimDue(at(60), at(600), 9), [call.id])
        yield* append(step(rings, { _tag: "Tick" }, { at: at(60) }))
        assert.deepStrictEqual(yield* claimDue(at(600), at(900), 9), [])
      }))

    it.effect("pages through the users who are invited to a call while active in another, and lists no other users", () =>
      Effect.gen(function*() {
        const { askedWhileActive } = yield* CallRepository
        const [busy, asked, blocked] = [someone(), someone(), someone()]
        yield* append(initiate(busy, [asked, blocked]))
        const taken = yield* append(initiate(someone(), [busy]))
        const group = yield* append(initiate(someone(), [busy, asked]))
        const talking = yield* append(initiate(someone(), [blocked]))
        yield* append(step(talking, { _tag: "Accept", by: blocked, reportsMedia: false }))
        yield* append(step(yield* append(initiate(someone(), [blocked])), { _tag: "End" }))
        yield* append(initiate(someone(), [blocked], { blocked: true }))

        const people = new Set([busy, asked, blocked])
        const all = (yield* askedWhileActive({ limit: 1000 })).filter(({ userId }) => people.has(userId))
        const expected = ids([taken, group]).toSorted().map((callId) => ({ userId: busy, callId }))
        assert.deepStrictEqual(all.filter(({ userId }) => userId === busy), expected)
        assert.deepStrictEqual(all.filter(({ userId }) => userId === asked), [])
        assert.lengthOf(all.filter(({ userId }) => userId === blocked), 1)
        assert.deepStrictEqual(yield* askedWhileActive({ after: expected[0]!, limit: 1 }), expected.slice(1))
      }))

    it.effect("pages through the calls that are due before a time, by id", () =>
      Effect.gen(function*() {
        const { dueBefore } = yield* CallRepository
        const start = someTime()
        const at = (seconds: number) => DateTime.add(start, { seconds })
        const due = yield* Effect.forEach([4, 3, 2], (seconds) =>
          append(initiate(someone(), [someone()], { at: at(seconds) })))
        yield* append(initiate(someone(), [someone()], { at: at(5) }))
        yield* append(step(yield* append(initiate(someone(), [someone()], { at: at(1) })), { _tag: "End" }))
        const expected = ids(due).toSorted()
        assert.deepStrictEqual(yield* dueBefore(at(62), { limit: 9 }), [])
        assert.deepStrictEqual(yield* dueBefore(at(65), { limit: 9 }), expected)
        assert.deepStrictEqual(yield* dueBefore(at(65), { limit: 2 }), expected.slice(0, 2))
        assert.deepStrictEqual(yield* dueBefore(at(65), { after: expected[1], limit: 2 }), expected.slice(2))
      }))
  })

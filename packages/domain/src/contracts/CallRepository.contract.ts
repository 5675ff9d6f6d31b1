import { assert, layer } from "@effect/vitest"
import { DateTime, Effect, type Layer, Option } from "effect"
import { type CallId, type CallProjection, CallRepository } from "../call/index.ts"
import type { UserId } from "../identity/index.ts"
import { dueCallsContract } from "./DueCalls.contract.ts"
import { append } from "./support/callAppends.ts"
import { ids } from "./support/callReads.ts"
import { initiate, noon, someCallId, someone, step } from "./support/callSteps.ts"

/** The contract of `CallRepository` for finding calls, for every implementation. */
export const callRepositoryContract = <E>(name: string, subject: Layer.Layer<CallRepository, E>): void => {
  layer(subject)(name, (it) => {
    it.effect("loads calls exactly as they were stored, without unknown ids", () =>
      Effect.gen(function*() {
        const { load, loadAll } = yield* CallRepository
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const one = yield* append(step(
          yield* append(initiate(ann, [bob, cat], { type: "video" })),
          { _tag: "Accept", by: bob, reportsMedia: true }
        ))
        const other = yield* append(initiate(someone(), [cat], { blocked: true }))
        assert.deepStrictEqual(yield* load(one.id), Option.some(one))
        assert.deepStrictEqual(yield* load(someCallId()), Option.none())
        const found = yield* loadAll([other.id, someCallId(), one.id, other.id])
        assert.deepStrictEqual(
          new Map(found.map((call) => [call.id, call])),
          new Map([[one.id, one], [other.id, other]])
        )
        assert.lengthOf(found, 2)
        assert.deepStrictEqual(yield* loadAll([]), [])
      }))

    it.effect("delivers the events that a user sees, oldest first, and signals to their addressee only", () =>
      Effect.gen(function*() {
        const { deliveries } = yield* CallRepository
        const [ann, bob, cat, dan] = [someone(), someone(), someone(), someone()]
        const steps = [initiate(ann, [bob])]
        const next = (command: Parameters<typeof step>[1]) => steps.push(step(steps.at(-1)?.call, command))
        next({ _tag: "Offer", by: ann, digest: "offer" })
        next({ _tag: "Candidates", by: ann, digests: ["one", "two"] })
        next({ _tag: "Answer", by: bob, digest: "answer" })
        next({ _tag: "Invite", by: ann, callee: { userId: cat, busy: false, blocked: true } })
        next({ _tag: "Invite", by: ann, callee: { userId: dan, busy: false, blocked: false } })
        yield* Effect.forEach(steps, append)
        const { id } = steps[0]!.call

        const expected = (user: typeof ann, after: number) =>
          steps.flatMap(({ records, signals }) =>
            records.filter(({ audience, seq }) => seq > after && audience[user] !== undefined).map((record) => ({
              record,
              signal: "to" in record.event && record.event.to === user
                ? Option.some(signals.find(({ seq }) => seq === record.seq)!.signal)
                : Option.none()
            }))
          )
        for (const user of [ann, bob, cat, dan]) {
          assert.deepStrictEqual(yield* deliveries(id, user, 0), expected(user, 0))
          assert.deepStrictEqual(yield* deliveries(id, user, 4), expected(user, 4))
        }
        assert.lengthOf(expected(bob, 0).filter(({ signal }) => Option.isSome(signal)), 2)
        assert.lengthOf(yield* deliveries(id, cat, 0), 0)
        assert.deepStrictEqual(yield* deliveries(someCallId(), ann, 0), [])
      }))

    it.effect("finds signals by their numbers until the call is over", () =>
      Effect.gen(function*() {
        const { signals } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const placed = yield* append(initiate(ann, [bob]))
        const kept = step(placed, { _tag: "Candidates", by: ann, digests: ["one"] })
        const offered = step(yield* append(kept), { _tag: "Offer", by: ann, digest: "offer" })
        const call = yield* append(offered)
        const all = [...kept.signals, ...offered.signals]
        assert.lengthOf(all, 3)
        assert.deepStrictEqual(
          yield* signals(call.id, [1, kept.call.seq, call.seq]),
          new Map(all.filter(({ seq }) => seq !== kept.call.seq + 1).map(({ seq, signal }) => [seq, signal]))
        )
        assert.strictEqual((yield* signals(someCallId(), [kept.call.seq])).size, 0)
        yield* append(step(call, { _tag: "End" }))
        assert.strictEqual((yield* signals(call.id, [kept.call.seq])).size, 0)
      }))

    it.effect("deletes the signals of a user who has left, and keeps the signals of the others", () =>
      Effect.gen(function*() {
        const { signals } = yield* CallRepository
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const placed = yield* append(initiate(ann, [bob, cat]))
        const both = yield* append(step(yield* append(step(placed, { _tag: "Accept", by: bob })), {
          _tag: "Accept",
          by: cat
        }))
        const byBob = yield* append(step(both, { _tag: "Offer", by: bob, to: ann, digest: "by Bob" }))
        const byCat = yield* append(step(byBob, { _tag: "Offer", by: cat, to: ann, digest: "by Cat" }))
        const sent = [byBob.seq, byCat.seq] as const
        assert.deepStrictEqual([...(yield* signals(byCat.id, sent)).keys()], [...sent])
        const call = yield* append(step(byCat, { _tag: "Leave", by: cat }))
        assert.notStrictEqual(call.phase, "disconnected")
        assert.deepStrictEqual([...(yield* signals(call.id, sent)).keys()], [byBob.seq])
        yield* append(step(call, { _tag: "Leave", by: bob }))
        assert.strictEqual((yield* signals(call.id, sent)).size, 0)
      }))

    it.effect("delivers a signal to its addressee even if other users are in the audience of the event", () =>
      Effect.gen(function*() {
        const { deliveries } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const offer = step(call, { _tag: "Offer", by: ann, digest: "offer" })
        const [record] = offer.records
        yield* append({ ...offer, records: [{ ...record, audience: { ...record.audience, [ann]: 0 } }] })
        const signalsFor = (user: typeof ann) =>
          Effect.map(deliveries(call.id, user, call.seq), (found) => found.map(({ signal }) => Option.isSome(signal)))
        assert.deepStrictEqual(yield* signalsFor(ann), [false])
        assert.deepStrictEqual(yield* signalsFor(bob), [true])
      }))

    it.effect("delivers the events of a call that has ended without its signals", () =>
      Effect.gen(function*() {
        const { deliveries } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const offered = yield* append(step(call, { _tag: "Offer", by: ann, digest: "offer" }))
        const ended = yield* append(step(offered, { _tag: "Leave", by: ann }))
        const seen = yield* deliveries(call.id, bob, 0)
        assert.deepStrictEqual(seen.map(({ record }) => record.seq), [2, 3, ended.seq])
        assert.isTrue(seen.every(({ signal }) => Option.isNone(signal)))
      }))

    it.effect("finds the open calls of users, and the users who are active in them", () =>
      Effect.gen(function*() {
        const { openEntries } = yield* CallRepository
        const entriesOf = (users: ReadonlyArray<UserId>) =>
          Effect.map(openEntries(users), (entries) => new Map(entries.map(({ userId, ...entry }) => [userId, entry])))
        const [ann, bob, cat, dan] = [someone(), someone(), someone(), someone()]
        const call = yield* append(initiate(ann, [bob, cat, dan]))
        const answered = yield* append(step(call, { _tag: "Accept", by: bob }))
        const declined = yield* append(step(answered, { _tag: "Decline", by: dan, reason: "declined" }))
        const people = [ann, bob, cat, dan, someone()]
        const [active, pending] = [{ callId: call.id, state: "active" }, { callId: call.id, state: "pending" }]
        assert.deepStrictEqual(yield* entriesOf(people), new Map([[ann, active], [bob, active], [cat, pending]]))
        assert.deepStrictEqual(yield* entriesOf([cat]), new Map([[cat, pending]]))
        assert.deepStrictEqual(yield* entriesOf([]), new Map())
        yield* append(step(declined, { _tag: "End", by: ann }))
        assert.deepStrictEqual(yield* entriesOf(people), new Map())
      }))

    it.effect("lists the open calls of a user, oldest first, without suppressed invitations", () =>
      Effect.gen(function*() {
        const { openCallsOf } = yield* CallRepository
        const bob = someone()
        const placed = (seconds: number, blocked = false) =>
          append(initiate(someone(), [bob], { at: DateTime.add(noon, { seconds }), blocked }))
        const [newest, oldest, ended, declined] = [
          yield* placed(3),
          yield* placed(1),
          yield* placed(2),
          yield* placed(2)
        ]
        yield* placed(2, true)
        yield* append(step(ended, { _tag: "Leave", by: ended.initiatorId }))
        yield* append(step(declined, { _tag: "Decline", by: bob, reason: "declined" }))
        const answered = yield* append(step(newest, { _tag: "Accept", by: bob }))
        assert.deepStrictEqual(yield* openCallsOf(bob), [oldest, answered])
        assert.deepStrictEqual(yield* openCallsOf(someone()), [])
      }))

    it.effect("pages through a history by time and then id, newest first", () =>
      Effect.gen(function*() {
        const { history } = yield* CallRepository
        const bob = someone()
        const calls = yield* Effect.forEach(
          [0, 1, 1, 1, 2, 3, 3],
          (seconds) => append(initiate(someone(), [bob], { at: DateTime.add(noon, { seconds }) }))
        )
        const newestFirst = calls.toSorted((one, other) =>
          DateTime.Order(other.initiatedAt, one.initiatedAt) || (one.id < other.id ? 1 : -1)
        )
        const pages: Array<Array<CallId>> = []
        for (let last: typeof calls[number] | undefined; pages.at(-1)?.length !== 0;) {
          const page = yield* history([bob], {}, {
            limit: 2,
            after: last && { initiatedAt: last.initiatedAt, callId: last.id }
          })
          pages.push(ids(page))
          last = page.at(-1)
        }
        assert.deepStrictEqual(pages.flat(), ids(newestFirst))
        assert.deepStrictEqual(pages.map(({ length }) => length), [2, 2, 2, 1, 0])
        assert.deepStrictEqual(yield* history([bob], {}, { limit: 3 }), newestFirst.slice(0, 3))
      }))

    it.effect("filters a history by type, kind, outcome, peer and time, alone and together", () =>
      Effect.gen(function*() {
        const { history } = yield* CallRepository
        const [ann, bob, cat] = [someone(), someone(), someone()]
        const at = (seconds: number) => DateTime.add(noon, { seconds })
        const answered = yield* append(initiate(ann, [bob], { at: at(1), type: "video" }))
        const up = yield* append(step(answered, { _tag: "Accept", by: bob }))
        yield* append(step(up, { _tag: "Leave", by: bob }))
        const declined = yield* append(initiate(bob, [ann], { at: at(2) }))
        yield* append(step(declined, { _tag: "Decline", by: ann, reason: "declined" }))
        const missed = yield* append(initiate(cat, [ann, bob], { at: at(3) }))
        yield* append(step(missed, { _tag: "Leave", by: cat }))
        const ongoing = yield* append(initiate(cat, [ann], { at: at(4), type: "screen" }))

        const find = (filter: CallProjection.HistoryFilter) => Effect.map(history([ann], filter, { limit: 9 }), ids)
        assert.deepStrictEqual(yield* find({}), ids([ongoing, missed, declined, answered]))
        assert.deepStrictEqual(yield* find({ type: "video" }), ids([answered]))
        assert.deepStrictEqual(yield* find({ kind: "group" }), ids([missed]))
        assert.deepStrictEqual(yield* find({ outcome: "answered" }), ids([answered]))
        assert.deepStrictEqual(yield* find({ outcome: "declined" }), ids([declined]))
        assert.deepStrictEqual(yield* find({ outcome: "missed" }), ids([missed]))
        assert.deepStrictEqual(yield* find({ outcome: "ongoing" }), ids([ongoing]))
        assert.deepStrictEqual(yield* find({ peer: bob }), ids([missed, declined, answered]))
        assert.deepStrictEqual(yield* find({ from: at(2) }), ids([ongoing, missed, declined]))
        assert.deepStrictEqual(yield* find({ to: at(2) }), ids([answered]))
        assert.deepStrictEqual(yield* find({ peer: cat, kind: "direct", from: at(1), to: at(9) }), ids([ongoing]))
        const bobs = yield* history([bob], { outcome: "declined" }, { limit: 9 })
        assert.deepStrictEqual(ids(bobs), ids([declined]))
      }))

    it.effect("counts the calls that are open", () =>
      Effect.gen(function*() {
        const { countOpen } = yield* CallRepository
        const before = yield* countOpen
        const call = yield* append(initiate(someone(), [someone()]))
        yield* append(initiate(someone(), [someone()], { busy: true }))
        assert.strictEqual(yield* countOpen, before + 1)
        yield* append(step(call, { _tag: "End" }))
        assert.strictEqual(yield* countOpen, before)
      }))
  })
  dueCallsContract(name, subject)
}

import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option, Result } from "effect"
import {
  type Call,
  CallArchive,
  type CallId,
  type CallLeases,
  CallMachine,
  CallRepository,
  FinishedCalls,
  participation,
  timeOf
} from "../call/index.ts"
import { IdempotencyKeys } from "../idempotency/index.ts"
import type { UserId } from "../identity/index.ts"
import { assertConsistent, StoredCalls } from "./StoredCalls.ts"
import { after, append, connected, refused } from "./support/callAppends.ts"
import { ids } from "./support/callReads.ts"
import { decided, initiate, leaseOf, noon, someCallId, someone, step } from "./support/callSteps.ts"
import { callIdAt, ended, moveAll } from "./support/finishedCalls.ts"
import { requestOf } from "./support/recordedRequests.ts"

/** The contract of `FinishedCalls`, and of `CallRepository` for calls that were moved there. */
export const finishedCallsContract = <E>(
  name: string,
  subject: Layer.Layer<CallRepository | CallLeases | FinishedCalls | IdempotencyKeys | StoredCalls, E>
) =>
  layer(subject)(name, (it) => {
    it.effect("moves the calls that ended first, no more than the limit at a time, and no open call", () =>
      Effect.gen(function*() {
        yield* moveAll
        const { move } = yield* FinishedCalls
        const { everything } = yield* StoredCalls
        const open = yield* connected(someone(), someone())
        const at = (seconds: number) => DateTime.add(noon, { days: 2, seconds })
        const [third, first, second] = yield* Effect.forEach([3, 1, 2], (seconds) =>
          ended(someone(), someone(), { at: at(seconds) }))
        const inPlace = Effect.map(everything, (stored) => {
          assertConsistent(stored)
          return ids(stored.calls)
        })
        assert.strictEqual(yield* move(at(0), 9), 0)
        assert.strictEqual(yield* move(at(2), 1), 1)
        assert.notInclude(yield* inPlace, first?.call.id)
        assert.includeMembers([...yield* inPlace], [second?.call.id, third?.call.id, open.id])
        assert.strictEqual(yield* move(at(2), 9), 1)
        assert.strictEqual(yield* move(at(2), 9), 0)
        assert.include(yield* inPlace, third?.call.id)
        assert.strictEqual(yield* move(at(3), 9), 1)
        assert.include(yield* inPlace, open.id)
        assert.deepStrictEqual(
          (yield* everything).signals.filter(({ callId }) =>
            callId === third?.call.id
          ),
          []
        )
      }))

    it.effect("keeps the state of a finished call, without its signalling", () =>
      Effect.gen(function*() {
        const { load, loadAll } = yield* CallRepository
        const { call } = yield* ended(someone(), someone())
        const open = yield* connected(someone(), someone())
        assert.deepStrictEqual(yield* load(call.id), Option.some(call))
        yield* moveAll
        const finished = CallArchive.withoutSignalling(call)
        assert.notDeepEqual(finished, call)
        assert.deepStrictEqual(yield* load(call.id), Option.some(finished))
        const both = yield* loadAll([call.id, open.id, someCallId(), call.id])
        assert.deepStrictEqual(
          new Map(both.map((each) => [each.id, each])),
          new Map([[call.id, finished], [open.id, open]])
        )
        assert.lengthOf(both, 2)
      }))

    it.effect("delivers the timeline of a finished call without a gap, from every event on", () =>
      Effect.gen(function*() {
        const { deliveries, signals } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const { call, records } = yield* ended(ann, bob)
        yield* moveAll
        for (const user of [ann, bob]) {
          const all = yield* deliveries(call.id, user, 0)
          assert.deepStrictEqual(
            all.map(({ record: { at, event, seq } }) => ({ at, event, seq })),
            records.filter((record) => CallArchive.isLasting(record) && record.audience[user] !== undefined)
              .map(({ at, event, seq }) => ({ at, event, seq }))
          )
          assert.deepStrictEqual(
            all.map(({ record }) => record.audience[user]),
            [0, ...all.slice(0, -1).map(({ record }) => record.seq)]
          )
          assert.isTrue(all.every(({ signal }) => Option.isNone(signal)))
          assert.strictEqual(all.at(-1)?.record.seq, participation(call, user)?.lastSeq)
          for (let known = 0; known <= call.seq; known += 1) {
            assert.deepStrictEqual(
              yield* deliveries(call.id, user, known),
              all.filter(({ record }) => record.seq > known)
            )
          }
        }
        assert.deepStrictEqual(yield* deliveries(call.id, someone(), 0), [])
        assert.strictEqual((yield* signals(call.id, Array.map(records, ({ seq }) => seq) as [number])).size, 0)
      }))

    it.effect("pages through a history of finished and open calls of merged users, each call once", () =>
      Effect.gen(function*() {
        const { history } = yield* CallRepository
        const [survivor, absorbed] = [someone(), someone()]
        const placed = (user: UserId, seconds: number) =>
          ended(user, someone(), { at: DateTime.add(noon, { seconds }) })
        const mutual = yield* ended(survivor, absorbed, { at: DateTime.add(noon, { seconds: 2 }) })
        const calls = [
          mutual,
          ...yield* Effect.forEach([0, 2, 4], (seconds) => placed(survivor, seconds)),
          ...yield* Effect.forEach([1, 2, 3], (seconds) => placed(absorbed, seconds))
        ].map(({ call }) => call)
        yield* moveAll
        const recent = yield* placed(absorbed, 3)
        const open = yield* append(initiate(someone(), [survivor], { at: DateTime.add(noon, { seconds: 1 }) }))
        const newestFirst = [...calls, recent.call, open].toSorted((one, other) =>
          DateTime.Order(other.initiatedAt, one.initiatedAt) || (one.id < other.id ? 1 : -1)
        )
        const both = [survivor, absorbed]
        const pages: Array<ReadonlyArray<CallId>> = []
        for (let last: Call | undefined; pages.at(-1)?.length !== 0;) {
          const page: ReadonlyArray<Call> = yield* history(both, {}, {
            limit: 2,
            after: last && { initiatedAt: last.initiatedAt, callId: last.id }
          })
          pages.push(ids(page))
          last = page.at(-1)
        }
        assert.deepStrictEqual(pages.flat(), ids(newestFirst))
        assert.deepStrictEqual(
          ids(yield* history(both, { outcome: "answered", to: DateTime.add(noon, { seconds: 3 }) }, { limit: 9 })),
          ids(newestFirst.filter((call) => call !== open && DateTime.isLessThan(call.initiatedAt, after("3 seconds"))))
        )
        assert.deepStrictEqual(ids(yield* history([survivor], { peer: absorbed }, { limit: 9 })), [mutual.call.id])
        assert.deepStrictEqual(yield* history([someone()], {}, { limit: 9 }), [])
      }))

    it.effect("lets no step change a finished call, and the rules refuse what was sent late", () =>
      Effect.gen(function*() {
        const { load } = yield* CallRepository
        const [ann, bob] = [someone(), someone()]
        const before = yield* connected(ann, bob)
        const late = step(before, { _tag: "Offer", by: ann, digest: "late" })
        const hangup = step(before, { _tag: "Leave", by: bob })
        const lease = leaseOf(before, ann)
        yield* append(hangup)
        assert.deepStrictEqual(yield* refused(late), { _tag: "VersionConflict" })
        yield* moveAll
        for (const step of [late, hangup, { ...hangup, lease: { release: lease } }]) {
          assert.deepStrictEqual(yield* refused(step), { _tag: "VersionConflict" })
        }
        const call = Option.getOrThrow(yield* load(before.id))
        assert.strictEqual(call.endReason, "hangup")
        const decision = CallMachine.decide({ _tag: "Candidates", by: ann, digests: ["late"] }, call, noon)
        assert.strictEqual(Result.getOrThrow(Result.flip(decision))._tag, "CallOver")
        assert.isUndefined(decided(call, { _tag: "Tick" }))
      }))

    it.effect("stores either the end or a late candidate of another host, and moves the call once, 20 times", () =>
      Effect.gen(function*() {
        const repository = yield* CallRepository
        const { move } = yield* FinishedCalls
        const { everything } = yield* StoredCalls
        yield* Effect.forEach(
          Array.range(1, 20),
          Effect.fnUntraced(function*() {
            const [ann, bob] = [someone(), someone()]
            const before = yield* append(
              step(yield* connected(ann, bob), { _tag: "Offer", by: ann, digest: "offer" })
            )
            const late = step(before, { _tag: "Candidates", by: ann, digests: ["late"] })
            const [first] = yield* Effect.all([
              Effect.exit(append(step(before, { _tag: "Leave", by: bob }))),
              Effect.exit(append(late)),
              move(after("1 day"), 9)
            ], { concurrency: "unbounded" })
            if (first._tag === "Failure") yield* append(step(late.call, { _tag: "Leave", by: bob }))
            const moved = yield* Effect.all(Array.makeBy(3, () => move(after("1 day"), 9)), { concurrency: 3 })
            assert.isAtMost(moved.reduce((sum, count) => sum + count, 0), 1)
            const call = Option.getOrThrow(yield* repository.load(before.id))
            assert.strictEqual(call.endReason, "hangup")
            assert.strictEqual((yield* repository.deliveries(call.id, ann, 0)).at(-1)?.record.seq, call.seq)
          }),
          { discard: true }
        )
        assertConsistent(yield* everything)
      }), 30_000)

    it.effect("moves each of 40 calls once when hosts move at the same time", () =>
      Effect.gen(function*() {
        yield* moveAll
        const { move } = yield* FinishedCalls
        const { history } = yield* CallRepository
        const ann = someone()
        const calls = yield* Effect.forEach(Array.range(1, 40), () =>
          Effect.flatMap(append(initiate(ann, [someone()])), (call) =>
            append(step(call, { _tag: "End" }))))
        const some = Effect.repeat(move(after("1 day"), 7), {
          while: (moved) =>
            moved > 0
        })
        yield* Effect.all(
          Array.makeBy(4, () =>
            some),
          { concurrency: "unbounded" }
        )
        yield* moveAll
        assert.sameMembers([...ids(yield* history([ann], {}, { limit: 99 }))], [...ids(calls)])
      }), 30_000)

    it.effect("answers a repeated request with the finished call, and lets the two users call again", () =>
      Effect.gen(function*() {
        const { load, openCallsOf, openEntries } = yield* CallRepository
        const { find } = yield* IdempotencyKeys
        const [ann, bob] = [someone(), someone()]
        const id = someCallId()
        const request = { ...requestOf(ann), result: id }
        yield* ended(ann, bob, { id, request })
        yield* moveAll
        const known = Option.getOrThrow(yield* find(request, request.at))
        assert.strictEqual(known.result, id)
        assert.strictEqual(Option.getOrThrow(yield* load(id)).phase, "disconnected")
        assert.deepStrictEqual(yield* refused(initiate(ann, [bob], { request })), { _tag: "KeyInUse" })
        assert.deepStrictEqual(yield* openEntries([ann, bob]), [])
        const again = yield* append(initiate(bob, [ann]))
        assert.deepStrictEqual(ids(yield* openCallsOf(ann)), [again.id])
      }))

    it.effect("forgets whole months of finished calls with their entries, and no later and no open call", () =>
      Effect.gen(function*() {
        const { deliveries, history, load } = yield* CallRepository
        const { forget, move, prepare } = yield* FinishedCalls
        const ann = someone()
        const placedAt = Effect.fnUntraced(function*(time: string) {
          const at = DateTime.makeUnsafe(time)
          return (yield* ended(ann, someone(), { at, id: callIdAt(at) })).call
        })
        const before = yield* placedAt("2023-12-31T23:59:59.999Z")
        const first = yield* placedAt("2024-01-01T00:00:00.000Z")
        const last = yield* placedAt("2024-01-31T23:59:59.999Z")
        const next = yield* placedAt("2024-02-01T00:00:00.000Z")
        const at = DateTime.makeUnsafe("2023-12-15T00:00:00Z")
        const open = yield* append(initiate(someone(), [ann], { at, id: callIdAt(at) }))
        assert.deepStrictEqual(timeOf(first.id), first.initiatedAt)
        yield* moveAll
        const mine = Effect.map(history([ann], {}, { limit: 9 }), ids)
        assert.deepStrictEqual(yield* mine, ids([next, last, first, before, open]))

        assert.strictEqual(yield* forget(DateTime.makeUnsafe("2023-12-31T23:59:59.999Z")), 0)
        assert.strictEqual(yield* forget(DateTime.makeUnsafe("2024-01-31T23:59:59.999Z")), 1)
        assert.deepStrictEqual(yield* mine, ids([next, last, first, open]))
        assert.strictEqual(yield* forget(DateTime.makeUnsafe("2024-02-01T00:00:00Z")), 1)
        assert.deepStrictEqual(yield* mine, ids([next, open]))
        for (const call of [before, first, last]) {
          assert.deepStrictEqual(yield* load(call.id), Option.none())
          assert.deepStrictEqual(yield* deliveries(call.id, ann, 0), [])
        }
        assert.strictEqual(Option.getOrThrow(yield* load(next.id)).seq, next.seq)

        yield* append(step(open, { _tag: "End" }))
        assert.strictEqual(yield* move(after("1 day"), 9), 1)
        assert.deepStrictEqual(yield* mine, ids([next, open]))
        yield* Effect.repeat(prepare(at), { times: 1 })
        assert.strictEqual(yield* forget(DateTime.makeUnsafe("2024-01-01T00:00:00Z")), 1)
        assert.deepStrictEqual(yield* mine, ids([next]))
      }))
  })

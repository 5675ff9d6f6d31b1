import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option, Result, Schema } from "effect"
import {
  type AppendConflict,
  type Call,
  type CallAppend,
  type CallCommand,
  CallLeases,
  CallRepository
} from "../call/index.ts"
import type { UserId } from "../identity/index.ts"
import { assertConsistent, StoredCalls } from "./StoredCalls.ts"
import { append } from "./support/callAppends.ts"
import { decided, initiate, leaseOf, noon, plainReason, someConnection, someone, step } from "./support/callSteps.ts"
import { requestOf } from "./support/recordedRequests.ts"

/** Runs all of these at once. Returns the stored ones, and the conflicts of the others. */
const race = Effect.fnUntraced(function*(steps: ReadonlyArray<CallAppend>) {
  const { everything } = yield* StoredCalls
  const outcomes = yield* Effect.forEach(
    steps,
    (next) => Effect.result(Effect.as(append(next), next)),
    { concurrency: "unbounded" }
  )
  assertConsistent(yield* everything)
  return {
    kept: outcomes.filter(Result.isSuccess).map(({ success }) => success),
    reasons: outcomes.filter(Result.isFailure).map(({ failure }) => plainReason(failure.reason))
  }
})

const times = <A>(count: number, value: A) => Array.makeBy(count, () => value)

/** One command of one of a few users on one of their calls. */
const Move = Schema.Struct({
  who: Schema.Literals([0, 1, 2, 3]),
  call: Schema.Literals([0, 1, 2]),
  what: Schema.Literals([
    "initiate",
    "initiate",
    "initiateGroup",
    "accept",
    "accept",
    "accept",
    "answer",
    "offer",
    "candidates",
    "decline",
    "leave",
    "inviteBlocked",
    "invite",
    "join",
    "lose",
    "resume",
    "report",
    "end",
    "tick"
  ])
})

const commandOf = (call: Call, by: UserId, other: UserId, what: typeof Move.Type["what"]): CallCommand => {
  switch (what) {
    case "accept":
      return { _tag: "Accept", by }
    case "answer":
      return { _tag: "Answer", by, to: other, digest: `answer ${call.seq}` }
    case "offer":
      return { _tag: "Offer", by, to: other, digest: `offer ${call.seq}` }
    case "candidates":
      return { _tag: "Candidates", by, to: other, digests: [`candidate ${call.seq}`] }
    case "decline":
      return { _tag: "Decline", by, reason: "declined" }
    case "leave":
      return { _tag: "Leave", by }
    case "invite":
    case "inviteBlocked":
      return { _tag: "Invite", by, callee: { userId: other, busy: false, blocked: what === "inviteBlocked" } }
    case "join":
      return { _tag: "Join", by, granted: true }
    case "lose":
      return { _tag: "LeaseLost", userId: by }
    case "resume":
      return { _tag: "Resume", by, fresh: true }
    case "report":
      return { _tag: "ReportLink", by, with: other, state: "up" }
    case "end":
      return { _tag: "End" }
    default:
      return { _tag: "Tick" }
  }
}

/** The contract of `CallRepository` for many concurrent steps, and for many successive steps. */
export const callRacesContract = <E>(
  name: string,
  subject: Layer.Layer<CallRepository | CallLeases | StoredCalls, E>
) =>
  layer(subject)(`${name}, in a race`, (it) => {
    it.effect("stores one of 50 steps that were decided on the same version", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const { kept, reasons } = yield* race(
          Array.makeBy(50, (index) => step(call, { _tag: "Offer", by: ann, digest: `offer ${index}` }))
        )
        assert.lengthOf(kept, 1)
        assert.deepStrictEqual(reasons, times(49, { _tag: "VersionConflict" }))
        assert.deepStrictEqual(
          yield* (yield* CallRepository).load(call.id),
          Option.map(Array.head(kept), ({ call }) => call)
        )
      }), 30_000)

    it.effect("opens one call when two users call each other at the same instant, 25 times each", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        const { kept: [winner, ...more], reasons } = yield* race(
          Array.makeBy(50, (index) =>
            index % 2 === 0 ? initiate(ann, [bob]) : initiate(bob, [ann]))
        )
        assert.lengthOf(more, 0)
        assert.deepStrictEqual(reasons, times(49, { _tag: "PairTaken", callId: winner?.call.id }))
      }), 30_000)

    it.effect("stores no call that ends at once because the callee is busy, while the callee calls the caller", () =>
      Effect.gen(function*() {
        const [ann, bob] = [someone(), someone()]
        const call = yield* append(initiate(ann, [bob]))
        const { kept, reasons } = yield* race([initiate(bob, [ann], { busy: true })])
        assert.lengthOf(kept, 0)
        assert.deepStrictEqual(reasons, [{ _tag: "PairTaken", callId: call.id }])
        yield* append(step(call, { _tag: "End" }))
        yield* append(initiate(bob, [ann], { busy: true }))
      }))

    it.effect("lets a user into one of 20 calls that the user accepts at once", () =>
      Effect.gen(function*() {
        const bob = someone()
        const calls = yield* Effect.forEach(Array.makeBy(20, someone), (caller) =>
          append(initiate(caller, [bob])))
        const { kept: [winner, ...more], reasons } = yield* race(calls.map((call) =>
          step(call, { _tag: "Accept", by: bob })
        ))
        assert.lengthOf(more, 0)
        assert.deepStrictEqual(reasons, times(19, { _tag: "UserActive", userId: bob, callId: winner?.call.id }))
      }), 30_000)

    it.effect("carries out a request once that is sent 50 times at once", () =>
      Effect.gen(function*() {
        const ann = someone()
        const request = requestOf(ann)
        const { kept, reasons } = yield* race(Array.makeBy(50, () =>
          initiate(ann, [someone()], { request })))
        assert.lengthOf(kept, 1)
        assert.deepStrictEqual(reasons, times(49, { _tag: "KeyInUse" }))
      }), 30_000)

    it.effect("completes all commands when many groups with the same users change at once", () =>
      Effect.gen(function*() {
        const { load } = yield* CallRepository
        const { everything } = yield* StoredCalls
        const people = Array.makeBy(8, someone)
        const calls = yield* Effect.forEach(Array.makeBy(12, someone), (caller, index) => {
          const [first, ...rest] = [...people.slice(index % 8), ...people.slice(0, index % 8)].slice(0, 7)
          const placed = initiate(caller, [first!, ...rest])
          return Effect.as(append(placed), placed.call.id)
        })
        const outcomes = yield* Effect.forEach(
          calls.flatMap((id) => people.map((person) => ({ id, person }))),
          Effect.fnUntraced(function*({ id, person }) {
            const take = Effect.fnUntraced(
              function*(command: CallCommand) {
                const next = decided(Option.getOrUndefined(yield* load(id)), command)
                if (next !== undefined) yield* append(next)
              },
              Effect.retry({ while: ({ reason }: AppendConflict) => reason._tag === "VersionConflict" }),
              Effect.result
            )
            const entered = yield* take({ _tag: "Accept", by: person })
            yield* take({ _tag: "Leave", by: person })
            return entered
          }),
          { concurrency: "unbounded" }
        )
        const reasons = new Set(outcomes.filter(Result.isFailure).map(({ failure }) => failure.reason._tag))
        assert.deepStrictEqual([...reasons].filter((reason) => reason !== "UserActive"), [])
        assertConsistent(yield* everything)
      }), 60_000)

    it.effect("never loses a lease that is bound while the previous lease is released", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        yield* Effect.forEach(
          Array.range(1, 25),
          Effect.fnUntraced(function*() {
            const [ann, bob] = [someone(), someone()]
            const call = yield* append(step(yield* append(initiate(ann, [bob])), { _tag: "Accept", by: bob }))
            const release = leaseOf(call, ann, { connection: someConnection() })
            const bound = leaseOf(call, ann, { connection: someConnection() })
            yield* leases.bind(release)
            const [released] = yield* Effect.all([
              Effect.result(append(step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release } }))),
              leases.bind(bound)
            ], { concurrency: 2 })
            assert.deepStrictEqual(yield* leases.heldBy(bound.connection!.id), [bound])
            if (Result.isFailure(released)) assert.deepInclude(released.failure.reason, { _tag: "LeaseMoved" })
          }),
          { concurrency: 5 }
        )
      }), 30_000)

    it.effect("lets only the last of two connections that close at once take the user out of the call", () =>
      Effect.gen(function*() {
        const leases = yield* CallLeases
        yield* Effect.forEach(
          Array.range(1, 25),
          Effect.fnUntraced(function*() {
            const [ann, bob] = [someone(), someone()]
            const call = yield* append(step(yield* append(initiate(ann, [bob])), { _tag: "Accept", by: bob }))
            const both = Array.makeBy(2, () =>
              leaseOf(call, ann, { connection: someConnection() }))
            yield* Effect.forEach(both, leases.bind)
            const closed = yield* Effect.forEach(
              both,
              (lease) =>
                Effect.flatMap(leases.yield(lease, lease.device), (isShared) =>
                  isShared ? Effect.succeed("stays") : Effect.as(
                    append(step(call, { _tag: "LeaseLost", userId: ann }, { lease: { release: lease } })),
                    "goes"
                  )),
              { concurrency: 2 }
            )
            assert.deepStrictEqual(closed.toSorted(), ["goes", "stays"])
          }),
          { concurrency: 5 }
        )
      }), 30_000)

    it.effect("gives each due call to one of several hosts that claim at once", () =>
      Effect.gen(function*() {
        const { claimDue } = yield* CallRepository
        const at = DateTime.subtract(noon, { days: 10 })
        const steps = Array.makeBy(40, () =>
          initiate(someone(), [someone()], { at }))
        yield* Effect.forEach(steps, append)
        const claim = claimDue(DateTime.add(at, { minutes: 1 }), DateTime.add(at, { minutes: 2 }), 7)
        const claims = yield* Effect.all(
          Array.makeBy(20, () =>
            claim),
          { concurrency: "unbounded" }
        )
        const rest = yield* Effect.all(Array.makeBy(6, () =>
          claim))
        const claimed = [...claims, ...rest].flat()
        assert.deepStrictEqual(claimed.toSorted(), steps.map(({ call }) => call.id).toSorted())
      }), 30_000)

    it.effect.prop(
      "stores the state that the stored events add up to, for any sequence of steps",
      [Schema.Array(Move).check(Schema.isMaxLength(60))],
      Effect.fnUntraced(function*([moves]) {
        const { everything } = yield* StoredCalls
        const people = Array.makeBy(4, someone)
        const calls = new Map<number, Call>()
        for (const { call: index, what, who } of moves) {
          const before = calls.get(index)
          const by = people[who]!
          const other = people[(who + 1) % 4]!
          const isNew = what === "initiate" || what === "initiateGroup"
          const callees: Array.NonEmptyArray<UserId> = what === "initiate" ? [other] : [other, people[(who + 2) % 4]!]
          const next = isNew ? initiate(by, callees) : before && decided(before, commandOf(before, by, other, what))
          if (next === undefined) continue
          if (Result.isSuccess(yield* Effect.result(append(next)))) calls.set(index, next.call)
        }
        assertConsistent(yield* everything)
      }),
      { timeout: 60_000 }
    )
  })

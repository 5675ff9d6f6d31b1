import { MemoryCalls } from "@dchat/adapters/memory"
import {
  type Call,
  type CallAppend,
  CallBus,
  type CallId,
  type CallLeases,
  type CallNotice,
  CallRepository,
  CallSteps,
  CallTime,
  type IceCandidate
} from "@dchat/domain/call"
import { StoredCalls } from "@dchat/domain/contracts"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { memoryLayer } from "../../../adapters/test/support/StoredCalls.ts"
import { append, connected } from "../../src/contracts/support/callAppends.ts"
import { initiate, someone, step } from "../../src/contracts/support/callSteps.ts"

type Quick = Parameters<CallSteps["Service"]["submit"]>[1]
type Outcome = Parameters<Quick["done"]>[0]

interface Watch {
  /** Runs before the steps of an append are stored, and may fail all of them. */
  run: (steps: ReadonlyArray<CallAppend>) => Effect.Effect<void>
  /** Runs before calls are loaded. */
  load: Effect.Effect<void>
}

const unwatched = (): Watch => ({ run: () => Effect.void, load: Effect.void })

class BeforeAppend extends Context.Reference<Watch>("test/BeforeAppend", { defaultValue: unwatched }) {}

const stores = memoryLayer.pipe(Layer.provideMerge(MemoryCalls.layer))

const watched = Layer.effect(
  CallRepository,
  Effect.gen(function*() {
    const repository = yield* CallRepository
    const before = yield* BeforeAppend
    return {
      ...repository,
      append: (steps) => Effect.andThen(before.run(steps), repository.append(steps)),
      loadAll: (ids) => Effect.andThen(Effect.suspend(() => before.load), repository.loadAll(ids))
    } satisfies CallRepository["Service"]
  })
)

/** The engine of one host on the stores. */
const engine = Layer.fresh(CallSteps.layer.pipe(Layer.provideMerge(CallTime.layer), Layer.provide(watched)))

const test = <A, E>(
  name: string,
  body: Effect.Effect<A, E, CallSteps | CallRepository | CallLeases | StoredCalls | CallBus>,
  run: typeof it.live = it.live
) =>
  run(
    name,
    () =>
      Effect.provide(
        body,
        engine.pipe(
          Layer.provideMerge(stores),
          Layer.provideMerge(Layer.sync(BeforeAppend, unwatched))
        )
      ) as Effect.Effect<A, E>
  )

/** Offers and candidates of the first participant, each told apart by a number. */
const candidate = (call: Call, number: number) => {
  const [one, other] = call.participants
  return () => ({
    command: {
      _tag: "Candidates" as const,
      by: one!.userId,
      to: other!.userId,
      digests: [`candidate ${number}`]
    }
  })
}

const quick = (prepare: Quick["prepare"]): Quick => ({ prepare, done: () => {}, size: 1 })

const submitted = (steps: CallSteps["Service"], id: CallId, prepare: Quick["prepare"], size = 1) => {
  const outcome = Deferred.makeUnsafe<Outcome>()
  steps.submit(id, { prepare, done: (told) => Deferred.doneUnsafe(outcome, Effect.succeed(told)), size })
  return Deferred.await(outcome)
}

const offered = Effect.gen(function*() {
  const [ann, bob] = [someone(), someone()]
  return yield* append(step(yield* connected(ann, bob), { _tag: "Offer", by: ann, digest: "offer" }))
})

const loaded = (id: CallId) =>
  Effect.flatMap(CallRepository, ({ load }) => Effect.flatMap(load(id), (call) => Effect.fromOption(call)))

describe("The engine of calls", () => {
  test(
    "stores the commands that wait for a call by one append, in their order",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const before = yield* BeforeAppend
      const call = yield* offered
      const [began, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const sizes: Array<number> = []
      before.run = ([one]) => {
        sizes.push(one!.records.length)
        return sizes.length > 1 ? Effect.void : Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(gate))
      }
      const first = submitted(steps, call.id, candidate(call, 0))
      yield* Deferred.await(began)
      const others = [1, 2, 3, 4].map((number) => submitted(steps, call.id, candidate(call, number)))
      yield* Deferred.succeed(gate, undefined)
      const outcomes = yield* Effect.all([first, ...others])
      assert.deepStrictEqual(outcomes.map((each) => each._tag === "Taken" && each.call.seq - call.seq), [1, 2, 3, 4, 5])
      assert.deepStrictEqual(sizes, [1, 4])
      assert.deepStrictEqual(
        (yield* loaded(call.id)).links[0]?.candidates,
        [0, 1, 2, 3, 4].map((number) => `candidate ${number}`)
      )
    })
  )

  test(
    "decides on the newest state after another host has changed the call",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const call = yield* offered
      yield* steps.reload(call.id)
      yield* append(step(call, { _tag: "ChangeMedia", by: call.participants[1]!.userId, changes: { hold: true } }))
      const outcome = yield* submitted(steps, call.id, candidate(call, 0))
      assert.strictEqual(outcome._tag === "Taken" && outcome.call.seq, call.seq + 2)
      assert.isTrue((yield* loaded(call.id)).participants[1]?.media.hold)
    })
  )

  test(
    "refuses a command by the stored state and not by the remembered state",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const call = yield* offered
      const [ann, bob] = call.participants.map(({ userId }) => userId)
      yield* steps.reload(call.id)
      yield* append(step(call, { _tag: "Answer", by: bob!, digest: "answer" }))
      const again = () => ({ command: { _tag: "Offer" as const, by: ann!, to: bob!, digest: "another" } })
      assert.strictEqual((yield* submitted(steps, call.id, again))._tag, "Taken")
      const refused = yield* submitted(steps, call.id, again)
      assert.strictEqual(refused._tag, "Taken")
      const other = () => ({ command: { _tag: "Offer" as const, by: bob!, to: ann!, digest: "third" } })
      assert.strictEqual((yield* submitted(steps, call.id, other))._tag, "Refused")
    })
  )

  test(
    "publishes no event before the event is stored",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const before = yield* BeforeAppend
      const bus = yield* CallBus
      const call = yield* offered
      const heard: Array<CallNotice> = []
      yield* bus.listen(call.participants[1]!.userId, (notice) => heard.push(notice))
      let isTold = false
      before.run = () =>
        Effect.sync(() => {
          isTold = heard.length > 0
        })
      yield* submitted(steps, call.id, candidate(call, 0))
      assert.isFalse(isTold)
      assert.lengthOf(heard, 1)
    }).pipe(Effect.scoped)
  )

  test(
    "fails the commands of an append that the store loses, and carries out later commands",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const before = yield* BeforeAppend
      const call = yield* offered
      before.run = () => Effect.die(new Error("the database is away"))
      const lost = [0, 1].map((number) => submitted(steps, call.id, candidate(call, number)))
      assert.deepStrictEqual((yield* Effect.all(lost)).map(({ _tag }) => _tag), ["Failed", "Failed"])
      before.run = () => Effect.void
      assert.strictEqual((yield* submitted(steps, call.id, candidate(call, 2)))._tag, "Taken")
    })
  )

  test(
    "counts the wait of the commands that wait now, whatever the earlier load of the host",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const before = yield* BeforeAppend
      // At least three of five calls belong to the same one of the two lanes.
      const some = yield* Effect.all([offered, offered, offered, offered, offered])
      const byLane = Map.groupBy(some, ({ id }) => id.charCodeAt(id.length - 1) % 2)
      const calls = [...byLane.values()].find(({ length }) => length >= 3)!
      const waits: Array<number> = []
      let number = 0
      before.run = ([appended]) =>
        Effect.gen(function*() {
          if (waits.length === 12) return
          for (const call of calls) {
            if (call.id !== appended!.call.id) steps.submit(call.id, quick(candidate(call, number += 1)))
          }
          yield* TestClock.adjust("5 millis")
          waits.push(steps.work().oldestWait)
        })
      yield* submitted(steps, calls[0]!.id, candidate(calls[0]!, 0))
      while (waits.length < 12) yield* Effect.yieldNow
      assert.isAtMost(Math.max(...waits), 10)
      assert.isAtLeast(Math.max(...waits), 5)
    }),
    it.effect
  )

  test(
    "counts a call as work while a command of the call waits or is stored, and not between commands",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const before = yield* BeforeAppend
      const [one, other, idle] = yield* Effect.all([offered, offered, offered])
      yield* submitted(steps, idle.id, candidate(idle, 0))
      // The last command of a call is answered before the call is without work.
      while (steps.work().calls > 0) yield* Effect.yieldNow
      const { commands } = steps.work()
      const [began, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      before.run = () => Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(gate))
      const first = submitted(steps, one.id, candidate(one, 1))
      yield* Deferred.await(began)
      const second = submitted(steps, one.id, candidate(one, 2))
      const end = yield* Effect.forkChild(
        steps.take(other.id, () => Effect.succeed({ command: { _tag: "End" as const } })),
        { startImmediately: true }
      )
      assert.strictEqual(steps.work().calls, 2)
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.all([first, second, Fiber.join(end)])
      while (steps.work().calls > 0) yield* Effect.yieldNow
      assert.strictEqual(steps.work().commands - commands, 3)
    })
  )

  test(
    "lets a request give up its turn while it waits, and gives the turn to the next request",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const call = yield* offered
      const [began, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const end = { command: { _tag: "End" as const } }
      const holding = Effect.as(Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(gate)), {
        command: { _tag: "Tick" as const }
      })
      const first = yield* Effect.forkChild(steps.take(call.id, () => holding))
      yield* Deferred.await(began)
      const second = yield* Effect.forkChild(steps.take(call.id, () => Effect.succeed(end)))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(second)
      const third = yield* Effect.forkChild(steps.take(call.id, () => Effect.succeed(end)))
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(first)
      assert.strictEqual((yield* Fiber.join(third)).call.phase, "disconnected")
    })
  )

  test(
    "refuses commands beyond 64 MiB of signalling, until earlier commands are stored",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const call = yield* offered
      const full = submitted(steps, call.id, candidate(call, 0), 64 * 1024 * 1024)
      assert.strictEqual((yield* submitted(steps, call.id, candidate(call, 1)))._tag, "Overloaded")
      assert.strictEqual((yield* full)._tag, "Taken")
      assert.strictEqual((yield* submitted(steps, call.id, candidate(call, 2)))._tag, "Taken")
    })
  )

  test(
    "keeps candidates that wait for their description, although both are stored by one append",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const { everything } = yield* StoredCalls
      const [ann, bob] = [someone(), someone()]
      const call = yield* append(step(yield* append(initiate(ann, [bob])), { _tag: "Accept", by: bob }))
      const early: IceCandidate = { candidate: "candidate:1", sdpMid: "0" }
      const candidates = () => ({
        command: { _tag: "Candidates" as const, by: ann, to: bob, digests: ["one"] },
        candidates: new Map([["one", early]])
      })
      const offer = () => ({ command: { _tag: "Offer" as const, by: ann, to: bob, digest: "offer" }, sdp: "the offer" })
      const outcomes = yield* Effect.all([submitted(steps, call.id, candidates), submitted(steps, call.id, offer)])
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), ["Taken", "Taken"])
      assert.deepStrictEqual((yield* everything).signals.map(({ seq, signal }) => [seq - call.seq, signal]), [
        [1, { candidates: [early] }],
        [2, { sdp: "the offer" }],
        [3, { candidates: [early] }]
      ])
    })
  )

  test(
    "does not repeat a command whose append fails, because the command may be stored",
    Effect.gen(function*() {
      const steps = yield* CallSteps
      const before = yield* BeforeAppend
      const repository = yield* CallRepository
      const [ann, bob, cat] = [someone(), someone(), someone()]
      const call = yield* connected(ann, bob, cat)
      yield* steps.reload(call.id)
      before.run = ([step]) => Effect.andThen(repository.append([step!]), Effect.die(new Error("the answer is lost")))
      const kick = steps.take(call.id, () => Effect.succeed({ command: { _tag: "Kick", by: ann, userId: bob } }))
      const exit = yield* Effect.exit(kick)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.strictEqual((yield* loaded(call.id)).seq, call.seq + 1)
    })
  )
})

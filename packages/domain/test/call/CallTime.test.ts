import { CallRepository, Calls, CallTime } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Effect, type Layer } from "effect"
import { TestClock } from "effect/testing"
import { SharedCalls, startHost, type TestHost } from "./support/CallHosts.ts"
import { ann, bob, by } from "./support/callTestLayer.ts"

const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof SharedCalls>>) =>
  it.effect(name, () => Effect.provide(body, SharedCalls))

/** A machine with the hosts and the database, and with an adjustable clock. */
const machine = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  let set = 0
  const millis = () => clock.currentTimeMillisUnsafe() + set
  const nanos = () => clock.currentTimeNanosUnsafe() + BigInt(set) * 1_000_000n
  const settable: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
  return {
    now: () => millis(),
    startHost: Effect.provideService(startHost, Clock.Clock, settable),
    setBy: (seconds: number) =>
      Effect.sync(() => {
        set += seconds * 1000
      })
  }
})

const ring = (host: TestHost) =>
  Effect.gen(function*() {
    const caller = yield* host.socket(by(ann), "ann's")
    const { call } = yield* host.run(
      Effect.flatMap(Calls, ({ initiate }) => initiate(caller, { type: "audio", participants: [bob] }))
    )
    const { load } = yield* CallRepository
    return Effect.map(Effect.flatMap(load(call.id), Effect.fromOption), ({ phase }) => phase)
  })

const now = (host: TestHost) => host.run(Effect.flatMap(CallTime, ({ now }) => Effect.map(now, DateTime.toEpochMillis)))

describe("The time of calls", () => {
  test(
    "lets a call ring for a full minute when the clock is set forward",
    Effect.gen(function*() {
      const { setBy, startHost } = yield* machine
      const phase = yield* ring(yield* startHost)
      yield* TestClock.adjust("38 seconds")
      yield* setBy(20)
      yield* TestClock.adjust("19 seconds")
      assert.strictEqual(yield* phase, "initiated")
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(yield* phase, "disconnected")
    })
  )

  test(
    "lets a call ring no longer when the clock is set back by an hour, also on a host that starts afterwards",
    Effect.gen(function*() {
      const { setBy, startHost } = yield* machine
      const first = yield* startHost
      const phase = yield* ring(first)
      yield* setBy(-3600)
      yield* TestClock.adjust("12 seconds")
      yield* first.kill
      yield* startHost
      yield* TestClock.adjust("45 seconds")
      assert.strictEqual(yield* phase, "initiated")
      yield* TestClock.adjust("8 seconds")
      assert.strictEqual(yield* phase, "disconnected")
    })
  )

  test(
    "loses no user when the clock is set forward or back",
    Effect.gen(function*() {
      const { setBy, startHost } = yield* machine
      const host = yield* startHost
      const { call: { id } } = yield* host.run(
        Effect.flatMap(Calls, ({ initiate }) => initiate(by(ann), { type: "audio", participants: [bob] }))
      )
      yield* host.run(Effect.flatMap(Calls, ({ execute }) => execute(by(bob), id, { _tag: "Accept" })))
      for (const seconds of [20, -3600, 7200]) {
        yield* setBy(seconds)
        yield* TestClock.adjust("20 seconds")
        yield* host.run(Effect.flatMap(Calls, ({ get }) => Effect.all([get(by(ann), id), get(by(bob), id)])))
      }
      const { records } = yield* host.run(Effect.flatMap(Calls, ({ deliveries }) => deliveries(by(ann), id, 0))).pipe(
        Effect.map(({ deliveries }) => ({ records: deliveries.map((d) => d.record) }))
      )
      assert.notInclude(records.map(({ event }) => event._tag), "Reconnecting")
    })
  )

  test(
    "approaches a clock that was set, and never goes back",
    Effect.gen(function*() {
      const { now: clock, setBy, startHost } = yield* machine
      const host = yield* startHost
      const phase = yield* ring(host)
      yield* setBy(-10)
      let last = yield* now(host)
      for (let second = 0; second < 30; second++) {
        yield* TestClock.adjust("1 second")
        const next = yield* now(host)
        assert.isAtLeast(next, last)
        last = next
      }
      assert.strictEqual(yield* phase, "initiated")
      assert.isBelow(last - clock(), 9000)
      assert.isAbove(last - clock(), 8000)
    })
  )

  test(
    "is set at once if no call is open",
    Effect.gen(function*() {
      const { now: clock, setBy, startHost } = yield* machine
      const host = yield* startHost
      yield* setBy(-3600)
      yield* TestClock.adjust("6 seconds")
      assert.strictEqual(yield* now(host), clock())
    })
  )

  test(
    "is the same on a host that starts just after the clock was set",
    Effect.gen(function*() {
      const { setBy, startHost } = yield* machine
      const one = yield* startHost
      const phase = yield* ring(one)
      yield* setBy(3600)
      yield* TestClock.adjust("6 seconds")
      const other = yield* startHost
      assert.isBelow(Math.abs((yield* now(one)) - (yield* now(other))), 1000)
      yield* TestClock.adjust("50 seconds")
      assert.strictEqual(yield* phase, "initiated")
    })
  )
})

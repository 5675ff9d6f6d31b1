import {
  type Actor,
  CallClock,
  CallConnections,
  CallEntitlement,
  CallPolicy,
  Calls,
  ConnectionId,
  type PlanLimits
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { ann, bob, by, callTestLayer, cat, dan } from "./support/callTestLayer.ts"

const FREE: PlanLimits = { people: 8, callSeconds: 3600, reason: "plan_limit", recording: false }
const PRO: PlanLimits = { people: 8, callSeconds: 86_400, reason: "max_duration", recording: true }

/** A user who is not listed here has the plan FREE. An unreadable plan fails every request for it. */
const plans = new Map<UserId, PlanLimits | "unreadable">()

const byPlan = Layer.effect(
  CallEntitlement,
  Effect.sync(() => {
    plans.clear()
    return {
      limitsFor: (user) => {
        const plan = plans.get(user) ?? FREE
        return plan === "unreadable" ? Effect.die(new Error("a plan that cannot be read")) : Effect.succeed(plan)
      }
    }
  })
)

const TestLayer = callTestLayer(CallPolicy.layerOpen, byPlan)

const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof TestLayer>>) =>
  it.effect(name, () => body.pipe(Effect.provide(TestLayer)))

/** Both stay connected for as long as the call lasts. */
const talking = Effect.fnUntraced(function*(caller = ann, callee = bob) {
  const { deliveries, execute, get, initiate } = yield* Calls
  const { connect } = yield* CallConnections
  const { hostId, sweep } = yield* CallClock
  const connected = (user: UserId) => ({ ...by(user), connection: { id: ConnectionId.make(`of ${user}`), hostId } })
  const [one, other]: readonly [Actor, Actor] = [connected(caller), connected(callee)]
  const { id } = (yield* initiate(one, { type: "audio", participants: [callee] })).call
  yield* execute(other, id, { _tag: "Accept" })
  yield* connect(connected(caller), id, false)
  yield* connect(connected(callee), id, false)
  const after = (seconds: number) =>
    TestClock.adjust(seconds * 1000).pipe(Effect.andThen(sweep), Effect.andThen(get(one, id)))
  const happened = Effect.map(deliveries(one, id, 0), (seen) => seen.deliveries.map(({ record }) => record.event._tag))
  const record = (action: "start" | "stop") =>
    execute(other, id, { _tag: action === "start" ? "StartRecording" : "StopRecording" }).pipe(
      Effect.map(({ recorders }) => recorders?.[0].by ?? "nobody"),
      Effect.catch(({ _tag }) => Effect.succeed(_tag))
    )
  return { id, after, happened, record }
})

const minutes = (count: number) => count * 60

describe("The plan of the user who started a call", () => {
  test(
    "ends a free call after an hour, and warns a minute before",
    Effect.gen(function*() {
      const { after, happened } = yield* talking()
      yield* after(minutes(59) - 1)
      assert.notInclude(yield* happened, "CallEnding")
      assert.strictEqual((yield* after(1)).phase, "connected")
      assert.include(yield* happened, "CallEnding")
      assert.strictEqual((yield* after(59)).phase, "connected")
      assert.deepInclude(yield* after(1), { phase: "disconnected", endReason: "plan_limit" })
    })
  )

  test(
    "lets a call continue if the plan was upgraded in the last minute without a notice",
    Effect.gen(function*() {
      const { after, happened } = yield* talking()
      yield* after(minutes(59) + 30)
      plans.set(ann, { ...PRO, callSeconds: minutes(90) })
      assert.strictEqual((yield* after(30)).phase, "connected")
      assert.deepStrictEqual((yield* happened).slice(-2), ["CallEnding", "LimitsRaised"])
      assert.strictEqual((yield* after(minutes(30) - 2)).phase, "connected")
    })
  )

  test(
    "gives no warning if the plan was upgraded before the time of the warning",
    Effect.gen(function*() {
      const { after, happened } = yield* talking()
      plans.set(ann, PRO)
      yield* after(minutes(59))
      assert.strictEqual((yield* happened).at(-1), "LimitsRaised")
      assert.notInclude(yield* happened, "CallEnding")
    })
  )

  test(
    "raises the limits of the user's calls at once when a change is published, and of no other calls",
    Effect.gen(function*() {
      const [first, second] = [yield* talking(), yield* talking(cat, dan)]
      const { raiseLimits } = yield* Calls
      plans.set(ann, PRO).set(bob, PRO).set(cat, PRO)
      yield* raiseLimits(bob)
      assert.notInclude(yield* first.happened, "LimitsRaised")
      yield* raiseLimits(ann)
      yield* raiseLimits(ann)
      assert.lengthOf((yield* first.happened).filter((tag) => tag === "LimitsRaised"), 1)
      assert.notInclude(yield* second.happened, "LimitsRaised")
    })
  )

  test(
    "takes nothing from a running call if the plan is downgraded",
    Effect.gen(function*() {
      plans.set(ann, PRO)
      const { after, happened, record } = yield* talking()
      yield* after(minutes(10))
      plans.set(ann, FREE)
      yield* (yield* Calls).raiseLimits(ann)
      assert.strictEqual((yield* after(minutes(90))).phase, "connected")
      assert.notInclude(yield* happened, "CallEnding")
      assert.strictEqual(yield* record("start"), bob)
    })
  )

  test(
    "counts as of the answer, and not as of the start of the call",
    Effect.gen(function*() {
      const { execute, initiate } = yield* Calls
      const answered = Effect.fnUntraced(function*(before: PlanLimits, after: PlanLimits) {
        plans.set(ann, before)
        const { id } = (yield* initiate(by(ann), { type: "audio", participants: [bob] })).call
        plans.set(ann, after)
        const { limits } = yield* execute(by(bob), id, { _tag: "Accept" })
        yield* execute(by(bob), id, { _tag: "Leave" })
        return [limits.callSeconds, limits.recording]
      })
      assert.deepStrictEqual(yield* answered(FREE, PRO), [86_400, true])
      assert.deepStrictEqual(yield* answered(PRO, FREE), [3600, false])
    })
  )

  test(
    "counts even if the callee calls back instead of answering",
    Effect.gen(function*() {
      const { initiate } = yield* Calls
      plans.set(bob, PRO)
      yield* initiate(by(ann), { type: "audio", participants: [bob] })
      const { call, created } = yield* initiate(by(bob), { type: "audio", participants: [ann] })
      assert.deepStrictEqual([created, call.phase, call.limits.callSeconds], [false, "connected", 3600])
    })
  )

  test(
    "is read again before a recording is refused",
    Effect.gen(function*() {
      const { record } = yield* talking()
      assert.strictEqual(yield* record("start"), "NotEntitled")
      plans.set(bob, PRO)
      assert.strictEqual(yield* record("start"), "NotEntitled")
      plans.set(ann, PRO)
      assert.strictEqual(yield* record("start"), bob)
    })
  )

  test(
    "lets an allowed recording continue after a downgrade, and refuses another recording",
    Effect.gen(function*() {
      plans.set(ann, PRO)
      const { after, record } = yield* talking()
      yield* record("start")
      plans.set(ann, FREE)
      assert.strictEqual((yield* after(minutes(61))).recorders?.[0].by, bob)
      assert.strictEqual(yield* record("stop"), "nobody")
      assert.strictEqual(yield* record("start"), bob)
    })
  )

  test(
    "delays no other call while the plan cannot be read, and ends its own call afterwards",
    Effect.gen(function*() {
      const broken = yield* talking()
      const { id } = yield* talking(cat, dan)
      yield* broken.after(minutes(59) + 59)
      plans.set(ann, "unreadable")
      assert.strictEqual((yield* broken.after(1)).phase, "connected")
      assert.strictEqual((yield* (yield* Calls).get(by(cat), id)).endReason, "plan_limit")
      plans.delete(ann)
      assert.strictEqual((yield* broken.after(10)).endReason, "plan_limit")
    })
  )
})

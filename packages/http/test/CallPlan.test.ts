import { CallClock } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { SubscriptionAdministration, Tier } from "@dchat/domain/subscription"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { memoryHost, type SomeBody, TestHost } from "./support/TestHost.ts"

const by = { actor: "ops", reason: "a test" }

/** Two users in a call by polling. */
const talking = Effect.gen(function*() {
  const { signIn } = yield* TestHost
  const { sweep } = yield* CallClock
  const [ann, bob] = [yield* signIn(), yield* signIn()]
  const placed = yield* ann.post("/api/webrtc/call/initiate", { type: "audio", participants: [bob.id] })
  assert.strictEqual(placed.status, 201, placed.text)
  const path = `/api/webrtc/call/${placed.json.id}`
  assert.strictEqual((yield* bob.post(`${path}/accept`)).status, 200)
  /** Lets time pass, while both keep asking after the call; answers with the call. */
  const passes = Effect.fnUntraced(function*(seconds: number) {
    for (let left = seconds; left > 0; left -= 20) {
      yield* TestClock.adjust(`${Math.min(left, 20)} seconds`)
      yield* sweep
      yield* Effect.all([ann.get(path), bob.get(path)], { concurrency: 2 })
    }
    return (yield* ann.get(path)).json
  })
  const happened = Effect.map(
    ann.get(`${path}/events?after=0`),
    ({ json }) => json.items.map(({ event }: { readonly event: { readonly type: string } }) => event.type)
  )
  const endsBy = Effect.map(ann.get(path), ({ json }) => Date.parse(json.endsBy))
  const record = (person: SomeBody) => person.post(`${path}/recording/start`)
  return { ann, bob, path, passes, happened, record, endsBy }
})

const upgrade = Effect.fnUntraced(function*({ id }: SomeBody) {
  const { grant } = yield* SubscriptionAdministration
  return yield* grant(UserId.make(id), { tier: Tier.make("PRO") }, by)
})

layer(memoryHost())("Calls by plan", (it) => {
  it.effect(
    "end after an hour if the initiator has the free plan, with a warning a minute before",
    () =>
      Effect.gen(function*() {
        const { happened, passes } = yield* talking
        assert.strictEqual((yield* passes(59 * 60 - 1)).state, "connected")
        assert.notInclude(yield* happened, "CallEnding")
        assert.strictEqual((yield* passes(2)).state, "connected")
        assert.include(yield* happened, "CallEnding")
        const over = yield* passes(60)
        assert.deepInclude(over, { state: "disconnected", endReason: "plan_limit" })
      }),
    60_000
  )

  it.effect(
    "continue if the initiator pays in the last minute, also after the plan ends",
    () =>
      Effect.gen(function*() {
        const { ann, endsBy, happened, passes } = yield* talking
        yield* passes(59 * 60 + 30)
        const announced = yield* endsBy
        const grant = yield* upgrade(ann)
        assert.strictEqual((yield* passes(60)).state, "connected")
        assert.include(yield* happened, "LimitsRaised")
        assert.strictEqual((yield* endsBy) - announced, 23 * 3600 * 1000)
        const { revokeGrant } = yield* SubscriptionAdministration
        yield* revokeGrant(UserId.make(ann.id), grant.id, by)
        assert.strictEqual((yield* passes(3600)).state, "connected")
      }),
    60_000
  )

  it.effect("can be recorded once the plan allows it, and a recording continues after the plan ends", () =>
    Effect.gen(function*() {
      const { ann, bob, record } = yield* talking
      const refused = yield* record(bob)
      assert.deepStrictEqual([refused.status, refused.json.code], [403, "not_entitled"])
      yield* upgrade(bob)
      assert.strictEqual((yield* record(bob)).status, 403)
      const grant = yield* upgrade(ann)
      const recorded = yield* record(bob)
      assert.strictEqual(recorded.status, 200)
      assert.strictEqual(recorded.json.recording[0].by, bob.id)
      const { revokeGrant } = yield* SubscriptionAdministration
      yield* revokeGrant(UserId.make(ann.id), grant.id, by)
      assert.strictEqual((yield* record(ann)).status, 200)
    }))

  it.effect("show every invited or later user that they are recorded, by whom and since when", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const { ann, bob, path, record } = yield* talking
      yield* upgrade(ann)
      const { recording } = (yield* record(bob)).json
      assert.deepStrictEqual(recording, [{ by: bob.id, since: recording[0].since }])
      const cat = yield* signIn()
      yield* ann.post(`${path}/invite`, { userId: cat.id })
      const [asked] = (yield* cat.get("/api/webrtc/calls/active")).json.items
      assert.deepStrictEqual(asked.recording, recording)
      const mine = asked.participants.find(({ userId }: { userId: string }) => userId === cat.id)
      assert.strictEqual(mine.invitedBy, ann.id)
      assert.isString(mine.ringUntil)
      assert.deepStrictEqual((yield* cat.post(`${path}/accept`)).json.recording, recording)
      assert.deepStrictEqual((yield* cat.get("/api/webrtc/calls/history")).json.items[0].recording, recording)
      yield* bob.post(`${path}/recording/stop`)
      assert.isUndefined((yield* cat.get(path)).json.recording)
    }))
})

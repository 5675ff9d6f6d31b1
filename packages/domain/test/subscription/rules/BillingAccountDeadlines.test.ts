import { accountAt, nextDueAt, Tier } from "@dchat/domain/subscription"
import { GrantId } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  after,
  create,
  createLifetime,
  done,
  lifetime,
  monthOne,
  monthTwo,
  nobody,
  proMonthly,
  purchaseId,
  refused,
  start,
  subscribed,
  subscribedByUs,
  tags,
  uuid
} from "../given.ts"

const day = 24

describe("what we bill ourselves", () => {
  it("is announced 7, 3 and 1 days before it ends, and ends on time", () => {
    const step = done(subscribedByUs(), { _tag: "Tick" }, monthTwo)
    assert.deepStrictEqual(tags(step), ["ReminderDue", "ReminderDue", "ReminderDue", "Expired"])
    assert.deepStrictEqual(step.records.map(({ at }) => at), [
      DateTime.subtract(monthOne, { days: 7 }),
      DateTime.subtract(monthOne, { days: 3 }),
      DateTime.subtract(monthOne, { days: 1 }),
      monthOne
    ])
    assert.deepStrictEqual(step.records.map(({ cause }) => cause._tag), ["Clock", "Clock", "Clock", "Clock"])
    assert.deepStrictEqual(step.account.subscriptions[0]?.endedAt, monthOne)
  })

  it("comes to the same whether its deadlines are noticed on time or all at once", () => {
    const account = subscribedByUs()
    let onTime = account
    for (let due = nextDueAt(onTime); due !== undefined; due = nextDueAt(onTime)) {
      onTime = done(onTime, { _tag: "Tick" }, due).account
    }
    assert.deepStrictEqual(done(account, { _tag: "Tick" }, monthTwo).account, onTime)
    assert.deepStrictEqual(accountAt(account, monthTwo), onTime)
  })

  it("gives access until its end to the millisecond, whoever was late", () => {
    const account = subscribedByUs()
    const lastMoment = DateTime.subtract(monthOne, { milliseconds: 1 })
    assert.strictEqual(accessAt(account, lastMoment).tier, "PRO")
    assert.strictEqual(accessAt(account, monthOne).source, "none")
  })

  it("ends as cancelled where it was flagged", () => {
    const flagged = done(subscribedByUs(), { _tag: "Cancel", when: "period_end" }, start).account
    assert.strictEqual(accountAt(flagged, monthOne).subscriptions[0]?.state, "cancelled")
  })

  it("is not announced for days that had passed before it was flagged", () => {
    const late = DateTime.subtract(monthOne, { days: 2 })
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, late).account
    const reminders = done(flagged, { _tag: "Tick" }, monthOne).records.filter(({ event }) =>
      event._tag === "ReminderDue"
    )
    assert.deepStrictEqual(reminders.map(({ at }) => at), [DateTime.subtract(monthOne, { days: 1 })])
  })
})

describe("what nobody paid for", () => {
  it("lapses after 23 hours where no provider can say otherwise", () => {
    const pending = done(nobody, create(1, proMonthly, { method: "web3" }), start).account
    assert.deepStrictEqual(nextDueAt(pending), after(start, { hours: 23 }))
    assert.strictEqual(accountAt(pending, after(start, { hours: 23 })).subscriptions[0]?.state, "expired")
  })

  it("is a question to the provider where there is one", () => {
    for (const command of [create(1), createLifetime(1, lifetime("PRO"))]) {
      const pending = done(nobody, command, start).account
      const step = done(pending, { _tag: "Tick" }, after(start, { hours: day }))
      assert.deepStrictEqual(tags(step), ["SyncRequested"])
      assert.deepStrictEqual(step.syncs, [purchaseId(1)])
    }
  })
})

describe("a grant", () => {
  const grant = {
    id: GrantId.make(uuid("e", 1)),
    tier: Tier.make("ENTERPRISE"),
    from: start,
    until: monthOne,
    source: "admin" as const,
    actor: "ops",
    reason: "beta tester"
  }
  const granted = () => done(nobody, { _tag: "GiveGrant", grant }, start).account

  it("gives its tier from its beginning to its end", () => {
    const before = DateTime.subtract(start, { milliseconds: 1 })
    assert.strictEqual(accessAt(granted(), before).source, "none")
    assert.deepStrictEqual(accessAt(granted(), start).until, monthOne)
    assert.strictEqual(accessAt(granted(), monthOne).source, "none")
  })

  it("stands in the way of no purchase, and the higher tier counts", () => {
    const account = { ...subscribed(), grants: granted().grants }
    assert.strictEqual(accessAt(account, start).tier, "ENTERPRISE")
    assert.deepStrictEqual(tags(done(granted(), create(1), start)), ["SubscriptionCreated"])
  })

  it("is not given until a time that is over, nor before it begins", () => {
    for (const until of [start, DateTime.subtract(start, { days: 1 })]) {
      assert.strictEqual(refused(nobody, { _tag: "GiveGrant", grant: { ...grant, until } }, start), "GrantOver")
    }
    const from = after(monthOne, { days: 1 })
    assert.strictEqual(refused(nobody, { _tag: "GiveGrant", grant: { ...grant, from } }, start), "GrantOver")
  })

  it("given twice is one, and ends when it is revoked", () => {
    assert.deepStrictEqual(tags(done(granted(), { _tag: "GiveGrant", grant }, start)), [])
    const revoked = done(granted(), { _tag: "RevokeGrant", grantId: grant.id }, start)
    assert.strictEqual(accessAt(revoked.account, start).source, "none")
    assert.deepStrictEqual(tags(done(revoked.account, { _tag: "RevokeGrant", grantId: grant.id }, start)), [])
    assert.strictEqual(refused(nobody, { _tag: "RevokeGrant", grantId: grant.id }, start), "GrantNotFound")
  })
})

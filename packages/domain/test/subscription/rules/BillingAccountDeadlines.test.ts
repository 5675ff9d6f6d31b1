import { accountAt, GrantNotFound, GrantOver, nextDueAt, Tier } from "@dchat/domain/subscription"
import { GrantId } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  after,
  create,
  createLifetime,
  done,
  emptyAccount,
  lifetime,
  monthOne,
  monthTwo,
  proMonthly,
  purchaseId,
  start,
  subscribed,
  subscribedByUs,
  uuid
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"

describe("A subscription that is billed here", () => {
  it("is announced 7, 3 and 1 days before its end, and ends on time", () => {
    const step = given(subscribedByUs()).when({ _tag: "Tick" }, monthTwo).yields(
      Events.reminderDue(7),
      Events.reminderDue(3),
      Events.reminderDue(1),
      Events.expired(monthOne)
    ).tellsNothing()
    assert.deepStrictEqual(step.times, [
      DateTime.subtract(monthOne, { days: 7 }),
      DateTime.subtract(monthOne, { days: 3 }),
      DateTime.subtract(monthOne, { days: 1 }),
      monthOne
    ])
    const { records } = done(subscribedByUs(), { _tag: "Tick" }, monthTwo)
    assert.deepStrictEqual(records.map(({ cause }) => cause._tag), ["Clock", "Clock", "Clock", "Clock"])
    assert.deepStrictEqual(step.state.subscriptions[0]?.endedAt, monthOne)
  })

  it("reaches the same state whether its deadlines are applied on time or all at once", () => {
    const account = subscribedByUs()
    let onTime = account
    for (let due = nextDueAt(onTime); due !== undefined; due = nextDueAt(onTime)) {
      onTime = done(onTime, { _tag: "Tick" }, due).account
    }
    assert.deepStrictEqual(done(account, { _tag: "Tick" }, monthTwo).account, onTime)
    assert.deepStrictEqual(accountAt(account, monthTwo), onTime)
  })

  it("gives access until its end to the millisecond, however late the end is applied", () => {
    const account = subscribedByUs()
    const lastMoment = DateTime.subtract(monthOne, { milliseconds: 1 })
    assert.strictEqual(accessAt(account, lastMoment).tier, "PRO")
    assert.strictEqual(accessAt(account, monthOne).source, "none")
  })

  it("ends as cancelled if its end was scheduled", () => {
    const flagged = done(subscribedByUs(), { _tag: "Cancel", when: "period_end" }, start).account
    assert.strictEqual(accountAt(flagged, monthOne).subscriptions[0]?.state, "cancelled")
  })

  it("is not announced for days that had passed before the cancellation", () => {
    const late = DateTime.subtract(monthOne, { days: 2 })
    const flagged = done(subscribed(), { _tag: "Cancel", when: "period_end" }, late).account
    const step = given(flagged).when({ _tag: "Tick" }, monthOne).yields(
      Events.reminderDue(1),
      Events.syncRequested(monthOne)
    )
    assert.deepStrictEqual(step.times, [DateTime.subtract(monthOne, { days: 1 }), monthOne])
  })
})

describe("An unpaid purchase", () => {
  it("lapses after 23 hours if it is billed here", () => {
    const pending = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    assert.deepStrictEqual(nextDueAt(pending), after(start, { hours: 23 }))
    assert.strictEqual(accountAt(pending, after(start, { hours: 23 })).subscriptions[0]?.state, "expired")
  })

  it("causes a question to the provider if the provider bills it", () => {
    for (const command of [create(1), createLifetime(1, lifetime("PRO"))]) {
      const pending = done(emptyAccount, command, start).account
      const at = after(start, { days: 1 })
      given(pending).when({ _tag: "Tick" }, at).yields(Events.syncRequested(after(start, { hours: 23 })))
      assert.deepStrictEqual(done(pending, { _tag: "Tick" }, at).syncs, [purchaseId(1)])
    }
  })
})

describe("A grant", () => {
  const grant = {
    id: GrantId.make(uuid("e", 1)),
    tier: Tier.make("ENTERPRISE"),
    from: start,
    until: monthOne,
    source: "admin" as const,
    actor: "ops",
    reason: "beta tester"
  }
  const granted = () =>
    given(emptyAccount).when({ _tag: "GiveGrant", grant }, start).yields(Events.granted(grant)).state

  it("gives its tier from its start to its end", () => {
    const before = DateTime.subtract(start, { milliseconds: 1 })
    assert.strictEqual(accessAt(granted(), before).source, "none")
    assert.deepStrictEqual(accessAt(granted(), start).until, monthOne)
    assert.strictEqual(accessAt(granted(), monthOne).source, "none")
  })

  it("prevents no purchase, and the higher tier counts", () => {
    const account = { ...subscribed(), grants: granted().grants }
    assert.strictEqual(accessAt(account, start).tier, "ENTERPRISE")
    given(granted()).when(create(1), start).yields(Events.subscriptionCreated(1, start))
  })

  it("is refused if its end is in the past or before its start", () => {
    for (const until of [start, DateTime.subtract(start, { days: 1 })]) {
      given(emptyAccount).when({ _tag: "GiveGrant", grant: { ...grant, until } }, start).refuses(new GrantOver())
    }
    const from = after(monthOne, { days: 1 })
    given(emptyAccount).when({ _tag: "GiveGrant", grant: { ...grant, from } }, start).refuses(new GrantOver())
  })

  it("is stored once if it is given twice, and ends when it is revoked", () => {
    given(granted()).when({ _tag: "GiveGrant", grant }, start).changesNothing()
    const revoked = given(granted()).when({ _tag: "RevokeGrant", grantId: grant.id }, start).yields(
      Events.grantRevoked(grant.id)
    )
    assert.strictEqual(accessAt(revoked.state, start).source, "none")
    revoked.after.when({ _tag: "RevokeGrant", grantId: grant.id }, start).changesNothing()
    given(emptyAccount).when({ _tag: "RevokeGrant", grantId: grant.id }, start).refuses(
      new GrantNotFound({ grantId: grant.id })
    )
  })
})

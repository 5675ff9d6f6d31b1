import { UserId } from "@dchat/domain/identity"
import { type ProviderPayment, type SubscriptionCommand } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import {
  accessAt,
  after,
  create,
  createLifetime,
  done,
  external,
  firstMonth,
  lifetime,
  money,
  nobody,
  plan,
  purchaseId,
  refused,
  snapshot,
  start,
  subscribed,
  tags,
  told,
  uuid
} from "../given.ts"

const soon = after(start, { days: 1 })
const later = after(start, { days: 3 })
const bob = UserId.make(uuid("a", 2))
const token = external("1:0xdeed:7")

const disputed = (state: "open" | "won" | "lost") => ({
  disputes: [{ externalId: external("du_1"), state, openedAt: soon }]
})

const hold = (n: number, tier: "PRO" | "ENTERPRISE" = "PRO"): SubscriptionCommand => ({
  _tag: "HoldToken",
  purchaseId: purchaseId(n),
  terms: lifetime(tier),
  token
})

describe("a token in a linked wallet", () => {
  it("gives its tier for good, once, and lets run out what it makes superfluous", () => {
    const step = done(subscribed(), hold(2), soon)
    assert.deepStrictEqual(tags(step), ["MembershipClaimed", "CancelScheduled"])
    assert.deepStrictEqual(told(step), ["CancelAtPeriodEnd"])
    assert.deepInclude(accessAt(step.account, soon), { source: "membership", tier: lifetime("PRO").tier })
    assert.deepStrictEqual(tags(done(step.account, hold(3), soon)), [])
    assert.strictEqual(refused(step.account, { _tag: "UndoCancel" }, soon), "SupersededByLifetime")
  })

  it("leaves a higher subscription alone, and can be outdone by buying", () => {
    const ordered = done(nobody, create(1, plan("ENTERPRISE", "monthly")), start).account
    const enterprise = done(ordered, firstMonth(start, { terms: plan("ENTERPRISE", "monthly") }), start).account
    const step = done(enterprise, hold(2), soon)
    assert.deepStrictEqual(tags(step), ["MembershipClaimed"])
    assert.deepInclude(accessAt(step.account, soon), { source: "subscription", tier: lifetime("ENTERPRISE").tier })
    assert.strictEqual(refused(step.account, createLifetime(3, lifetime("PRO")), soon), "LifetimeHeld")
    assert.strictEqual(refused(step.account, createLifetime(3, lifetime("ENTERPRISE")), soon), "carried out")
  })

  it("that goes to somebody else takes the membership with it", () => {
    const held = done(nobody, hold(1), start).account
    const gone = done(held, { _tag: "TokenGone", token, to: bob }, soon)
    assert.deepStrictEqual(gone.records.map(({ event }) => event), [
      { _tag: "MembershipMoved", purchaseId: purchaseId(1), to: bob }
    ])
    assert.deepInclude(gone.account.memberships[0], { state: "revoked", endedAt: soon })
    assert.strictEqual(accessAt(gone.account, soon).source, "none")
    assert.deepStrictEqual(tags(done(gone.account, { _tag: "TokenGone", token }, later)), [])
  })

  it("that goes to nobody we know, or whose wallet is unlinked, releases it until it is claimed again", () => {
    const held = done(nobody, hold(1), start).account
    const gone = done(held, { _tag: "TokenGone", token }, soon)
    assert.deepStrictEqual(tags(gone), ["MembershipReleased"])
    const back = done(gone.account, hold(2), later)
    assert.deepStrictEqual(tags(back), ["MembershipClaimed"])
    assert.deepStrictEqual(back.account.memberships.map(({ state }) => state), ["revoked", "active"])
  })
})

describe("a lifetime that was paid", () => {
  it("suspends, restores and releases what is held for good", () => {
    const life = money("life", start, {}, { kind: "lifetime" })
    const bought = done(nobody, createLifetime(1, lifetime("PRO")), start).account
    const held = done(bought, snapshot(1, start, { payments: [life] }), start).account
    const open = done(held, snapshot(1, soon, { payments: [{ ...life, ...disputed("open") }] }), soon)
    assert.strictEqual(open.account.memberships[0]?.state, "suspended")
    const won = done(open.account, snapshot(1, later, { payments: [{ ...life, ...disputed("won") }] }), later)
    assert.strictEqual(won.account.memberships[0]?.state, "active")
    const lost = done(open.account, snapshot(1, later, { payments: [{ ...life, ...disputed("lost") }] }), later)
    assert.strictEqual(lost.account.memberships[0]?.state, "revoked")
    const back = {
      refunds: [{ externalId: external("re_1"), amount: life.amount, state: "succeeded" as const, at: soon }]
    }
    const refunded = done(held, snapshot(1, soon, { payments: [{ ...life, ...back }] }), soon)
    assert.strictEqual(refunded.account.memberships[0]?.state, "revoked")
  })
})

describe("a lifetime whose payment its chain dropped", () => {
  it("is suspended, and released where the chain does not take it again within a day", () => {
    const ordered = done(
      nobody,
      { ...createLifetime(1, lifetime("PRO")), method: "web3" } as SubscriptionCommand,
      start
    )
    const payment = money("tx", start, {}, { kind: "lifetime" })
    const paid = done(ordered.account, { _tag: "PaymentSettled", purchaseId: purchaseId(1), payment }, start).account
    const [{ id: paymentId } = assert.fail("no payment")] = paid.payments
    const dropped = done(paid, { _tag: "PaymentReversed", paymentId }, soon)
    assert.deepStrictEqual(tags(dropped), ["PaymentReversed", "Suspended"])
    assert.strictEqual(accessAt(dropped.account, soon).source, "none")
    const back = done(dropped.account, { _tag: "PaymentRestored", paymentId }, after(soon, { hours: 23 }))
    assert.deepStrictEqual(tags(back), ["PaymentRestored", "Restored"])
    const gone = done(dropped.account, { _tag: "Tick" }, after(soon, { hours: 24 }))
    assert.deepStrictEqual(gone.records.map(({ event }) => event), [
      { _tag: "Revoked", purchaseId: purchaseId(1), cause: "reorg" }
    ])
    assert.strictEqual(gone.account.memberships[0]?.state, "revoked")
  })
})

describe("what a lifetime made superfluous", () => {
  const life = money("life", start, {}, { kind: "lifetime" })
  const told = (at: typeof start, more: Partial<ProviderPayment> = {}) =>
    snapshot(2, at, { payments: [{ ...life, ...more }] })
  const bought = () => done(done(subscribed(), createLifetime(2, lifetime("PRO")), start).account, told(start), start)

  it("can go on once the lifetime is given back", () => {
    const { account } = bought()
    assert.strictEqual(refused(account, { _tag: "UndoCancel" }, soon), "SupersededByLifetime")
    const refund = { externalId: external("re_1"), amount: life.amount, state: "succeeded" as const, at: soon }
    const refunded = done(account, told(soon, { refunds: [refund] }), soon).account
    assert.deepStrictEqual(tags(done(refunded, { _tag: "UndoCancel" }, later)), ["CancelUndone"])
  })

  it("can go on while the lifetime is disputed, and runs out again when that is won", () => {
    const open = done(bought().account, told(soon, disputed("open")), soon).account
    const undone = done(open, { _tag: "UndoCancel" }, soon).account
    const won = done(undone, told(later, disputed("won")), later)
    assert.deepStrictEqual(tags(won), ["PaymentChanged", "Restored", "Synced", "CancelScheduled"])
  })
})

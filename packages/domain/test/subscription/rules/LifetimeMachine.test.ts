import { UserId } from "@dchat/domain/identity"
import {
  LifetimeHeld,
  type ProviderPayment,
  type SubscriptionCommand,
  SupersededByLifetime
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import {
  accessAt,
  after,
  create,
  createLifetime,
  done,
  emptyAccount,
  external,
  firstMonth,
  lifetime,
  money,
  plan,
  purchaseId,
  snapshot,
  start,
  subscribed,
  uuid
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const soon = after(start, { days: 1 })
const later = after(start, { days: 3 })
const bob = UserId.make(uuid("a", 2))
const token = external("1:0xdeed:7")

const disputed = (state: "open" | "won" | "lost") => ({
  disputes: [{ externalId: external("du_1"), state, openedAt: soon }]
})

/** The membership that the token gives. */
const claimed = (n: number, at: typeof start) =>
  Events.membershipClaimed({
    id: purchaseId(n),
    state: "active",
    terms: lifetime("PRO"),
    method: "web3",
    createdAt: at,
    lapsesAt: at,
    activatedAt: at,
    token
  })

const hold = (n: number, tier: "PRO" | "ENTERPRISE" = "PRO"): SubscriptionCommand => ({
  _tag: "HoldToken",
  purchaseId: purchaseId(n),
  terms: lifetime(tier),
  token
})

describe("A token in a linked wallet", () => {
  it("gives a lifetime membership of its tier once, and cancels a subscription that it covers", () => {
    const step = given(subscribed()).when(hold(2), soon).yields(
      claimed(2, soon),
      Events.cancelScheduled("lifetime", soon)
    ).tells(Intents.cancelAtPeriodEnd())
    assert.deepInclude(accessAt(step.state, soon), { source: "membership", tier: lifetime("PRO").tier })
    step.after.when(hold(3), soon).changesNothing()
    step.after.when({ _tag: "UndoCancel" }, soon).refuses(new SupersededByLifetime())
  })

  it("does not end a higher subscription, and a higher lifetime membership can still be bought", () => {
    const ordered = done(emptyAccount, create(1, plan("ENTERPRISE", "monthly")), start).account
    const enterprise = done(ordered, firstMonth(start, { terms: plan("ENTERPRISE", "monthly") }), start).account
    const step = given(enterprise).when(hold(2), soon).yields(
      claimed(2, soon)
    )
    assert.deepInclude(accessAt(step.state, soon), { source: "subscription", tier: lifetime("ENTERPRISE").tier })
    step.after.when(createLifetime(3, lifetime("PRO")), soon).refuses(new LifetimeHeld())
    step.after.when(createLifetime(3, lifetime("ENTERPRISE")), soon).yields(
      Events.membershipCreated(3, soon, lifetime("ENTERPRISE"))
    )
  })

  it("moves the membership when it moves to a wallet of another user", () => {
    const held = done(emptyAccount, hold(1), start).account
    const gone = given(held).when({ _tag: "TokenGone", token, to: bob }, soon).yields(Events.membershipMoved(bob))
      .tellsNothing()
    assert.deepInclude(gone.state.memberships[0], { state: "revoked", endedAt: soon })
    assert.strictEqual(accessAt(gone.state, soon).source, "none")
    gone.after.when({ _tag: "TokenGone", token }, later).changesNothing()
  })

  it("releases the membership when it moves to an unknown wallet or its wallet is unlinked, until it is claimed again", () => {
    const held = done(emptyAccount, hold(1), start).account
    const gone = given(held).when({ _tag: "TokenGone", token }, soon).yields(Events.membershipReleased())
    const back = gone.after.when(hold(2), later).yields(
      claimed(2, later)
    )
    assert.deepStrictEqual(back.state.memberships.map(({ state }) => state), ["revoked", "active"])
  })
})

describe("A paid lifetime membership", () => {
  it("is suspended, restored or revoked with its payment", () => {
    const life = money("life", start, {}, { kind: "lifetime" })
    const bought = done(emptyAccount, createLifetime(1, lifetime("PRO")), start).account
    const held = done(bought, snapshot(1, start, { payments: [life] }), start).account
    const open = given(held).when(snapshot(1, soon, { payments: [{ ...life, ...disputed("open") }] }), soon).yields(
      Events.paymentChanged({ ...life, ...disputed("open") }),
      Events.suspended(soon),
      Events.synced(soon)
    )
    assert.strictEqual(open.state.memberships[0]?.state, "suspended")
    const won = open.after.when(snapshot(1, later, { payments: [{ ...life, ...disputed("won") }] }), later).yields(
      Events.paymentChanged({ ...life, ...disputed("won") }),
      Events.restored(),
      Events.synced(later)
    )
    assert.strictEqual(won.state.memberships[0]?.state, "active")
    const lost = open.after.when(snapshot(1, later, { payments: [{ ...life, ...disputed("lost") }] }), later).yields(
      Events.paymentChanged({ ...life, ...disputed("lost") }),
      Events.revoked(),
      Events.synced(later)
    )
    assert.strictEqual(lost.state.memberships[0]?.state, "revoked")
    const back = {
      refunds: [{ externalId: external("re_1"), amount: life.amount, state: "succeeded" as const, at: soon }]
    }
    const refunded = given(held).when(snapshot(1, soon, { payments: [{ ...life, ...back }] }), soon).yields(
      Events.paymentChanged({ ...life, ...back }),
      Events.refunded(),
      Events.synced(soon)
    )
    assert.strictEqual(refunded.state.memberships[0]?.state, "revoked")
  })
})

describe("A lifetime membership whose payment its chain has dropped", () => {
  it("is suspended, and revoked if the chain does not include the payment again within a day", () => {
    const ordered = done(
      emptyAccount,
      { ...createLifetime(1, lifetime("PRO")), method: "web3" } as SubscriptionCommand,
      start
    )
    const payment = money("tx", start, {}, { kind: "lifetime" })
    const paid = done(ordered.account, { _tag: "PaymentSettled", purchaseId: purchaseId(1), payment }, start).account
    const [{ id: paymentId } = assert.fail("no payment")] = paid.payments
    const dropped = given(paid).when({ _tag: "PaymentReversed", paymentId }, soon).yields(
      Events.paymentReversed(),
      Events.suspended(soon, { cause: "reorg" })
    )
    assert.strictEqual(accessAt(dropped.state, soon).source, "none")
    dropped.after.when({ _tag: "PaymentRestored", paymentId }, after(soon, { hours: 23 })).yields(
      Events.paymentRestored(),
      Events.restored()
    )
    const gone = dropped.after.when({ _tag: "Tick" }, after(soon, { hours: 24 })).yields(Events.revoked("reorg"))
      .tellsNothing()
    assert.strictEqual(gone.state.memberships[0]?.state, "revoked")
  })
})

describe("A subscription that a lifetime membership covers", () => {
  const life = money("life", start, {}, { kind: "lifetime" })
  const told = (at: typeof start, more: Partial<ProviderPayment> = {}) =>
    snapshot(2, at, { payments: [{ ...life, ...more }] })
  const bought = () => done(done(subscribed(), createLifetime(2, lifetime("PRO")), start).account, told(start), start)

  it("can continue once the lifetime membership is refunded", () => {
    const { account } = bought()
    given(account).when({ _tag: "UndoCancel" }, soon).refuses(new SupersededByLifetime())
    const refund = { externalId: external("re_1"), amount: life.amount, state: "succeeded" as const, at: soon }
    const refunded = done(account, told(soon, { refunds: [refund] }), soon).account
    given(refunded).when({ _tag: "UndoCancel" }, later).yields(Events.cancelUndone())
  })

  it("can continue while the lifetime membership is disputed, and is cancelled again when the dispute is won", () => {
    const open = done(bought().account, told(soon, disputed("open")), soon).account
    const undone = done(open, { _tag: "UndoCancel" }, soon).account
    given(undone).when(told(later, disputed("won")), later).yields(
      Events.paymentChanged({ ...life, ...disputed("won") }, { n: 2 }),
      Events.restored(2),
      Events.synced(later, 2),
      Events.cancelScheduled("lifetime", later)
    )
  })
})

import { type BillingAccount, TransferMismatch } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { accessAt, createLifetime, done, lifetime, monthOne, paymentId, purchaseId, start } from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import {
  after,
  creditMoved,
  follow,
  paidByWallet,
  payment,
  quote,
  quotePayment,
  renewal,
  transfer,
  usd,
  web3
} from "../walletPayments.ts"

const minutes = (n: number) => DateTime.add(start, { minutes: n })
const suspended = (n: number, id = 1) => Events.suspended(minutes(n), { cause: "reorg", paymentId: paymentId(id) })
const later = (at: DateTime.Utc, parts: { readonly hours?: number; readonly days?: number }) => DateTime.add(at, parts)

/** The payment of Alice was settled, and its block was taken back after ten minutes. */
const gone = () => done(paidByWallet(), follow("dropped"), minutes(10)).account

/** Alice has renewed two days before the end, by the second payment. */
const renewalAt = later(monthOne, { days: -2 })
const renewalTransfer = transfer(2, { paidAt: renewalAt })
const renew = renewal(2)
const renewing = (account: BillingAccount): BillingAccount =>
  after(account, [renew, renewalAt], [quotePayment(quote({ quotedAt: renewalAt }), paymentId(2)), renewalAt])
const settleRenewal = follow("settled", renewalTransfer, { id: paymentId(2) })
const renewed = () => done(renewing(paidByWallet()), settleRenewal, renewalAt).account

const [paidThrough, next] = [later(monthOne, { hours: 0 }), DateTime.makeUnsafe("2027-03-31T10:01:00.000Z")]
const firstEnd = DateTime.add(paidThrough, { minutes: 1 })

describe("A settled payment that its chain takes back", () => {
  it("suspends what it pays for, and restores the access when it is settled again", () => {
    const { after: reversed, state } = given(paidByWallet()).when(follow("dropped"), minutes(10)).yields(
      Events.paymentReversed(),
      suspended(10)
    )
    assert.strictEqual(accessAt(state, minutes(10)).source, "none")
    reversed.when(follow("included"), minutes(11)).changesNothing()
    reversed.when(follow("provisional", transfer(1), { admitted: true }), minutes(12)).changesNothing()
    const again = reversed.when(follow("settled"), minutes(13)).yields(Events.paymentRestored(), Events.restored())
    assert.deepStrictEqual(accessAt(again.state, minutes(13)).until, firstEnd)
    again.after.when(follow("settled"), minutes(14)).changesNothing()
  })

  it("is revoked after 24 hours, and becomes a credit if it comes back after that", () => {
    const dayLater = later(minutes(10), { hours: 24 })
    given(gone()).when({ _tag: "Tick" }, later(dayLater, { hours: -1 })).changesNothing()
    const { after: over, state } = given(gone()).when({ _tag: "Tick" }, dayLater).yields(Events.revoked("reorg"))
    assert.strictEqual(state.subscriptions[0]?.state, "expired")
    const back = over.when(follow("settled"), later(dayLater, { hours: 1 })).yields(
      Events.paymentRestored(),
      Events.latePayment(true),
      creditMoved("superfluous", 499n)
    )
    back.after.when(follow("dropped"), later(dayLater, { hours: 2 })).yields(
      Events.paymentReversed(),
      creditMoved("reversed", 0n)
    )
  })

  it("is restored by another transfer that pays the same quote, as when a wallet has replaced its transaction", () => {
    const other = transfer(2)
    const { after: restored } = given(gone()).when(follow("settled", other), minutes(15)).yields(
      {
        _tag: "PaymentChanged",
        payment: { ...payment(gone()), transfer: other, externalId: other.externalId }
      },
      Events.paymentRestored(),
      Events.restored()
    )
    restored.when(follow("settled"), minutes(16)).refuses(new TransferMismatch({ reason: "already_paid" }))
  })

  it("suspends a lifetime membership until it is back", () => {
    const terms = lifetime("PRO")
    const paid = transfer(1, { amount: 199_000_000n })
    const member = after(
      given(paidByWallet()).state,
      [web3(createLifetime(3, terms)), minutes(2)],
      [quotePayment(quote({ amount: 199_000_000n, price: terms.price }), paymentId(3)), minutes(2)],
      [follow("settled", { ...paid, externalId: transfer(3).externalId }, { id: paymentId(3) }), minutes(3)]
    )
    const of = { ...paid, externalId: transfer(3).externalId }
    const { after: reversed } = given(member).when(follow("dropped", of, { id: paymentId(3) }), minutes(4)).yields(
      Events.paymentReversed(paymentId(3)),
      {
        _tag: "Suspended",
        purchaseId: purchaseId(3),
        suspension: { since: minutes(4), cause: "reorg", paymentId: paymentId(3), from: "active" }
      }
    )
    reversed.when(follow("settled", of, { id: paymentId(3) }), minutes(5)).yields(
      Events.paymentRestored(paymentId(3)),
      Events.restored(3)
    )
  })
})

describe("A renewal paid early whose block is taken back", () => {
  const hourLater = later(renewalAt, { hours: 1 })

  it("gives its period back, and takes a period again", () => {
    const paid = payment(renewed(), 2)
    assert.deepStrictEqual([paid.periodStart, paid.periodEnd], [firstEnd, next])
    const { periodEnd: _, periodStart: __, ...given_ } = paid
    const { after: reversed, state } = given(renewed())
      .when(follow("dropped", renewalTransfer, { id: paymentId(2) }), hourLater).yields(
        Events.paymentReversed(paymentId(2)),
        Events.periodCorrected(minutes(1), minutes(1), firstEnd),
        { _tag: "PaymentChanged", payment: { ...given_, state: "reversed" } }
      )
    assert.deepStrictEqual(accessAt(state, hourLater).until, firstEnd)
    reversed.when(settleRenewal, later(hourLater, { hours: 1 })).yields(
      Events.paymentRestored(paymentId(2)),
      Events.renewed(firstEnd, next, { anchor: minutes(1) }),
      { _tag: "PaymentChanged", payment: paid }
    )
  })

  it("takes the period after another renewal, if the user has paid another one meanwhile", () => {
    const again = renewal(3)
    const third = transfer(3, { paidAt: later(renewalAt, { hours: 3 }) })
    const twice = after(
      renewed(),
      [follow("dropped", renewalTransfer, { id: paymentId(2) }), hourLater],
      [again, later(renewalAt, { hours: 2 })],
      [quotePayment(quote({ quotedAt: later(renewalAt, { hours: 2 }) }), paymentId(3)), later(renewalAt, { hours: 2 })],
      [follow("settled", third, { id: paymentId(3) }), third.paidAt]
    )
    const { state } = given(twice).when(settleRenewal, later(renewalAt, { hours: 4 }))
    assert.deepStrictEqual(payment(state, 2).periodStart, next)
    assert.deepStrictEqual(accessAt(state, later(renewalAt, { hours: 4 })).until, payment(state, 2).periodEnd)
  })

  it("continues the subscription if it comes back after the subscription has expired", () => {
    const reversed = done(renewed(), follow("dropped", renewalTransfer, { id: paymentId(2) }), hourLater).account
    const expired = done(reversed, { _tag: "Tick" }, later(firstEnd, { hours: 1 })).account
    assert.strictEqual(expired.subscriptions[0]?.state, "expired")
    const { state } = given(expired).when(settleRenewal, later(firstEnd, { hours: 2 }))
    assert.deepStrictEqual(accessAt(state, later(firstEnd, { hours: 2 })).until, next)
  })
})

describe("An overpaid payment whose block is taken back", () => {
  const more = transfer(1, { amount: 9_990_000n })

  it("takes its credit along, and brings it back", () => {
    const { after: reversed } = given(paidByWallet(more)).when(follow("dropped", more), minutes(10)).yields(
      Events.paymentReversed(),
      creditMoved("reversed", 0n),
      suspended(10)
    )
    reversed.when(follow("final", more), minutes(12)).yields(
      Events.paymentRestored(),
      creditMoved("reversed", 500n),
      Events.restored()
    )
  })

  it("leaves a debt if the credit was used, so that the credit does not exist twice", () => {
    const used = after(
      paidByWallet(more),
      [renewal(2), renewalAt],
      [quotePayment(quote({ amount: 0n, price: usd(0n), credit: usd(499n) }), paymentId(2)), renewalAt]
    )
    assert.deepStrictEqual(used.walletCredit, usd(1n))
    const { after: reversed, state } = given(used).when(follow("dropped", more), later(renewalAt, { hours: 1 })).yields(
      Events.paymentReversed(),
      creditMoved("reversed", -499n),
      { _tag: "DisputeRecorded", purchaseId: purchaseId(1), paymentId: paymentId(1) }
    )
    assert.deepStrictEqual([state.walletCredit, state.walletDebt], [undefined, usd(499n)])
    reversed.when(follow("settled", more), later(renewalAt, { hours: 2 })).yields(
      Events.paymentRestored(),
      creditMoved("reversed", 1n)
    )
  })
})

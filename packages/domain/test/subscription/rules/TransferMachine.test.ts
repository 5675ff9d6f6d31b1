import {
  type BillingAccount,
  Bytes32,
  NoSubscription,
  PaymentNotOpen,
  type Transfer,
  type TransferMisfit,
  TransferMismatch
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  accessAt,
  create,
  createLifetime,
  done,
  emptyAccount,
  lifetime,
  monthOne,
  paymentId,
  proMonthly,
  start
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"
import {
  after,
  aliceWallet,
  confirming,
  creditMoved,
  dropped,
  ether,
  follow,
  otherWallet,
  paidByWallet,
  payment,
  quote,
  quoted,
  quotePayment,
  transfer,
  usd,
  web3
} from "../walletPayments.ts"

const minutes = (n: number) => DateTime.add(start, { minutes: n })
const hours = (n: number) => DateTime.add(start, { hours: n })
const refused = (reason: TransferMisfit) => new TransferMismatch({ reason })

/** The settled payment of Alice after a transfer. */
const settled = (account: BillingAccount, of: Transfer, n = 1) => ({
  ...payment(account, n),
  state: "settled" as const,
  externalId: of.externalId,
  paidAt: of.paidAt,
  transfer: of
})

/** PRO by the month from the time of the transfer. */
const begun = (account: BillingAccount, of: Transfer) => {
  const until = DateTime.add(monthOne, { minutes: (of.paidAt.epochMilliseconds - start.epochMilliseconds) / 60_000 })
  const paid = settled(account, of)
  return [
    { _tag: "PaymentRecorded", payment: paid },
    Events.activatedByUs(of.paidAt, until),
    { _tag: "PaymentChanged", payment: { ...paid, periodStart: of.paidAt, periodEnd: until } }
  ] as const
}

describe("A transfer pays nothing", () => {
  const misfits: ReadonlyArray<readonly [string, Partial<Transfer>, TransferMisfit]> = [
    ["of another token", { token: otherWallet }, "other_asset"],
    ["to another recipient", { recipient: otherWallet }, "other_recipient"],
    ["from another wallet", { payer: otherWallet }, "other_sender"],
    ["from before the quote", { paidAt: DateTime.subtract(start, { seconds: 61 }) }, "before_quote"],
    ["that is a day late", { paidAt: DateTime.add(start, { hours: 24, seconds: 1 }) }, "too_late"],
    ["of too little", { amount: 4_989_999n }, "too_little"]
  ]
  for (const [what, part, reason] of misfits) {
    it(`${what}, whatever its depth`, () => {
      for (const stage of ["included", "provisional", "settled", "final"] as const) {
        given(quoted()).when(follow(stage, transfer(1, part)), hours(25)).refuses(refused(reason))
      }
    })
  }

  it("in the native currency after a quarter of an hour, because the price moves", () => {
    const native = quote({ asset: ether, amount: 10n, acceptedUntil: minutes(15) })
    const ordered = after(emptyAccount, [create(1, proMonthly, { method: "web3" }), start], [
      quotePayment(native),
      start
    ])
    const { token: _, ...value } = transfer(1, { amount: 10n })
    given(ordered).when(follow("settled", { ...value, paidAt: minutes(16) }), minutes(16)).refuses(refused("too_late"))
    given(ordered).when(follow("settled", { ...value, paidAt: minutes(15) }), minutes(16))
      .yields(...begun(ordered, { ...value, paidAt: minutes(15) }))
  })

  it("if another transfer pays the payment, whether settled or on the way", () => {
    given(paidByWallet()).when(follow("final", transfer(2)), minutes(5)).refuses(refused("already_paid"))
    const onTheWay = done(quoted(), follow("included"), minutes(1)).account
    given(onTheWay).when(follow("provisional", transfer(2)), minutes(2)).refuses(refused("already_paid"))
  })

  it("if it pays another payment of the user", () => {
    const more = after(
      paidByWallet(),
      [{ _tag: "Cancel", when: "now", confirmed: true }, minutes(5)],
      [create(2, proMonthly, { method: "web3" }), minutes(6)],
      [quotePayment(quote(), paymentId(2)), minutes(6)]
    )
    given(more).when(follow("settled", transfer(1), { id: paymentId(2) }), minutes(7)).refuses(refused("used"))
  })

  it("of a deleted user", () => {
    const left = done(quoted(), { _tag: "EndBilling", leftAt: minutes(1) }, minutes(1)).account
    given(left).when(follow("settled"), minutes(2)).refuses(refused("user_deleted"))
  })

  it("without a quote, and for no payment at all", () => {
    const ordered = done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account
    given(ordered).when(follow("settled"), minutes(2)).refuses(refused("unknown_quote"))
    given(ordered).when(follow("settled", transfer(1), { id: paymentId(9) }), minutes(2)).refuses(new NoSubscription())
  })
})

describe("A transfer that fits a quote", () => {
  it("confirms the payment, gives access within the budget, and settles the payment at its depth", () => {
    const included = given(quoted()).when(follow("included"), minutes(1)).yields(confirming(transfer(1)))
    assert.strictEqual(accessAt(included.state, minutes(1)).source, "none")
    const admitted = included.after.when(follow("provisional", transfer(1), { admitted: true }), minutes(2))
      .yields(confirming(transfer(1), true))
    assert.deepStrictEqual(accessAt(admitted.state, minutes(2)), {
      userId: admitted.state.userId,
      tier: proMonthly.tier,
      source: "subscription",
      until: DateTime.add(monthOne, { minutes: 1 })
    })
    const { provisional: _, ...rest } = payment(admitted.state)
    const paid = admitted.after.when(follow("settled"), minutes(3)).yields(
      ...begun({ ...admitted.state, payments: [rest] }, transfer(1))
    )
    assert.isUndefined(payment(paid.state).provisional)
    paid.after.when(follow("settled"), minutes(4)).changesNothing()
    paid.after.when(follow("final"), minutes(5)).changesNothing()
  })

  it("keeps the purchase open while it is on the way, even beyond the time limit of the order", () => {
    const late = hours(22)
    const account = done(quoted(), follow("included", transfer(1, { paidAt: late })), late).account
    given(account).when({ _tag: "Tick" }, hours(24)).changesNothing()
  })

  it("can be dropped while it is confirming: the access ends, and the quote can be paid again", () => {
    const account = done(quoted(), follow("provisional", transfer(1), { admitted: true }), minutes(2)).account
    const { after: later, state } = given(account).when(follow("dropped"), minutes(3)).yields(dropped())
    assert.strictEqual(accessAt(state, minutes(3)).source, "none")
    assert.strictEqual(payment(state).state, "quoted")
    later.when(follow("settled"), minutes(9)).yields(...begun(state, transfer(1)))
    later.when(follow("settled", transfer(2)), minutes(9)).yields(...begun(state, transfer(2)))
  })

  it("is accepted for good, even if a reorganisation includes it after the time limit", () => {
    const account = done(quoted(), follow("included"), minutes(1)).account
    const moved = transfer(1, { paidAt: hours(25) })
    given(account).when(follow("included", moved), hours(25)).changesNothing()
    given(account).when(follow("settled", moved), hours(26)).yields(...begun(account, transfer(1)))
  })

  it("outdoes at settling depth another one that is not settled", () => {
    const account = done(quoted(), follow("included"), minutes(1)).account
    const { after: later } = given(account).when(follow("settled", transfer(2)), minutes(5))
      .yields(...begun(account, transfer(2)))
    later.when(follow("settled"), minutes(6)).refuses(refused("already_paid"))
    later.when(follow("dropped"), minutes(6)).changesNothing()
  })

  it("pays a payment that has lapsed, as long as the quote holds", () => {
    const lapsed = done(quoted(), { _tag: "Tick" }, DateTime.add(start, { hours: 23, minutes: 30 })).account
    assert.strictEqual(payment(lapsed).state, "lapsed")
    const late = transfer(1, { paidAt: hours(23) })
    const [recorded, activated, changed] = begun(lapsed, late)
    given(lapsed).when(follow("settled", late), hours(24))
      .yields(recorded, Events.latePayment(false), activated, changed)
  })

  it("is any transfer that an administrator assigns, and no other rule asks for its amount", () => {
    const odd = transfer(1, { payer: otherWallet, amount: 1n })
    given(quoted()).when(follow("settled", odd, { assigned: true }), minutes(5)).yields(...begun(quoted(), odd))
    given(paidByWallet(transfer(2))).when(follow("settled", odd, { assigned: true }), minutes(5))
      .refuses(refused("already_paid"))
  })

  it("activates a lifetime membership", () => {
    const terms = lifetime("PRO")
    const account = after(
      emptyAccount,
      [web3(createLifetime(1, terms)), start],
      [quotePayment(quote({ amount: 199_000_000n, price: terms.price })), start]
    )
    const paid = transfer(1, { amount: 199_000_000n })
    given(account).when(follow("settled", paid), minutes(2)).yields(
      { _tag: "PaymentRecorded", payment: settled(account, paid) },
      Events.membershipActivated()
    )
  })
})

describe("Of several quotes of one payment", () => {
  it("a transfer pays the one with the highest amount that it covers", () => {
    const cheaper = quote({ quotedAt: minutes(5), amount: 4_000_000n })
    const account = done(quoted(), quotePayment(cheaper), minutes(5)).account
    const between = transfer(1, { amount: 4_500_000n, paidAt: minutes(6) })
    given(account).when(follow("settled", between), minutes(9)).yields(
      ...begun(account, between),
      creditMoved("overpaid", 62n)
    )
    const exact = transfer(1, { paidAt: minutes(6) })
    given(account).when(follow("settled", exact), minutes(9)).yields(...begun(account, exact))
  })

  it("no further one is given once a transfer is on the way", () => {
    const account = done(quoted(), follow("included"), minutes(1)).account
    given(account).when(quotePayment(), minutes(2)).refuses(new PaymentNotOpen())
  })
})

describe("A transaction that the user names", () => {
  it("is a hint that changes neither the state of the purchase nor the access", () => {
    const transactionHash = Bytes32.make(`0x${"1".repeat(64)}`)
    const { state } = given(quoted()).when(
      { _tag: "SubmitPayment", paymentId: paymentId(1), transactionHash },
      minutes(1)
    )
      .yields({ _tag: "PaymentSubmitted", paymentId: paymentId(1), transactionHash })
    assert.strictEqual(accessAt(state, minutes(1)).source, "none")
    given(state).when({ _tag: "Tick" }, hours(23)).yields(Events.checkoutExpired())
    assert.strictEqual(aliceWallet, payment(state).quotes?.[0]?.payer)
  })
})

describe("An overpayment", () => {
  it("is a credit by the price of the quote, rounded down", () => {
    const more = transfer(1, { amount: 7_495_555n })
    const { state } = given(quoted()).when(follow("settled", more), minutes(2)).yields(
      ...begun(quoted(), more),
      creditMoved("overpaid", 250n)
    )
    assert.deepStrictEqual(state.walletCredit, usd(250n))
  })
})

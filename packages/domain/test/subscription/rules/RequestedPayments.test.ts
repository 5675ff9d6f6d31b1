import { ChainId, WalletAddress } from "@dchat/domain/identity"
import {
  type BillingAccount,
  type Payment,
  paymentOf,
  type PlanTerms,
  type SubscriptionCommand,
  TooManyCheckouts,
  type Transfer,
  type TransferStage
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Result } from "effect"
import {
  accessAt,
  after,
  create,
  decide,
  done,
  emptyAccount,
  external,
  monthOne,
  monthTwo,
  paymentId,
  plan,
  proMonthly,
  purchaseId,
  start,
  subscribedByUs
} from "../accounts.ts"

const enterprise = plan("ENTERPRISE", "monthly")
const enterpriseYearly = plan("ENTERPRISE", "yearly")

const wallet = (digit: string) => WalletAddress.make(`0x${digit.repeat(40)}`)

const transfer = (n: number, paidAt: DateTime.Utc): Transfer => ({
  externalId: external(`1:0x${String(n).padStart(64, "0")}:0`),
  chainId: ChainId.make(1),
  token: wallet("a"),
  payer: wallet("b"),
  recipient: wallet("c"),
  amount: 1_000_000n,
  paidAt
})

/** The n-th payment is paid by a transfer that an administrator has assigned, so that the test needs no quote. */
const pay = (
  n: number,
  paidAt: DateTime.Utc,
  stage: TransferStage = "settled",
  admitted?: true
): SubscriptionCommand => ({
  _tag: "FollowTransfer",
  paymentId: paymentId(n),
  transfer: transfer(n, paidAt),
  stage,
  assigned: true,
  ...(admitted && { admitted })
})

const renew = (n: number): SubscriptionCommand => ({
  _tag: "Renew",
  purchaseId: purchaseId(1),
  paymentId: paymentId(n),
  method: "web3",
  terms: proMonthly
})

const change = (n: number, terms: PlanTerms, at: DateTime.Utc): SubscriptionCommand => ({
  _tag: "Change",
  terms,
  paymentId: paymentId(n),
  prorationDate: at
})

const undoChange: SubscriptionCommand = { _tag: "UndoChange" }

const tick: SubscriptionCommand = { _tag: "Tick" }

const steps = (
  account: BillingAccount,
  ...commands: ReadonlyArray<readonly [SubscriptionCommand, DateTime.Utc]>
): BillingAccount => commands.reduce((now, [command, at]) => done(now, command, at).account, account)

const paymentNo = (account: BillingAccount, n: number): Payment =>
  paymentOf(account, paymentId(n)) ?? assert.fail(`no payment ${n}`)

const liveOf = ({ subscriptions: [first] }: BillingAccount) => first ?? assert.fail("no subscription")

describe("A renewal by wallet", () => {
  const opened = DateTime.subtract(monthOne, { days: 6 })

  it("that was requested for a cheaper plan becomes a credit if the change is undone", () => {
    const account = steps(
      subscribedByUs(enterprise),
      [change(2, proMonthly, opened), opened],
      [renew(3), opened],
      [undoChange, opened],
      [pay(3, opened), opened]
    )
    assert.deepStrictEqual(account.walletCredit, proMonthly.price)
    assert.deepStrictEqual(liveOf(account).terms, enterprise)
    assert.deepStrictEqual(liveOf(account).paidThrough, monthOne)
  })

  it("that was requested for a dearer plan becomes a credit once a change down is scheduled", () => {
    const account = steps(
      subscribedByUs(enterprise),
      [renew(3), opened],
      [change(2, proMonthly, opened), opened],
      [pay(3, opened), opened]
    )
    assert.deepStrictEqual(account.walletCredit, enterprise.price)
    assert.deepStrictEqual(liveOf(account).paidThrough, monthOne)
  })

  it("is requested anew at the price of the plan that comes next", () => {
    const account = steps(
      subscribedByUs(enterprise),
      [renew(3), opened],
      [renew(4), opened],
      [change(2, proMonthly, opened), opened],
      [renew(5), opened]
    )
    assert.isUndefined(paymentOf(account, paymentId(4)))
    assert.strictEqual(paymentNo(account, 3).state, "lapsed")
    assert.deepStrictEqual(paymentNo(account, 5).amount, proMonthly.price)
    const renewed = steps(account, [pay(5, opened), opened])
    assert.deepStrictEqual(liveOf(renewed).terms, proMonthly)
    assert.deepStrictEqual(liveOf(renewed).paidThrough, monthTwo)
  })

  it("that is paid early leaves the tier of the paid period until its end", () => {
    const account = steps(
      subscribedByUs(enterprise),
      [change(2, proMonthly, opened), opened],
      [renew(3), opened],
      [pay(3, opened), opened]
    )
    const lastMoment = DateTime.subtract(monthOne, { seconds: 1 })
    assert.strictEqual(accessAt(account, lastMoment).tier, enterprise.tier)
    assert.strictEqual(accessAt(account, monthOne).tier, proMonthly.tier)
  })
})

describe("A change by wallet", () => {
  const soon = after(start, { days: 1 })
  const later = after(start, { days: 1, hours: 1 })

  it("becomes a credit if another change was paid since its price was set", () => {
    const account = steps(
      subscribedByUs(),
      [change(2, enterprise, soon), soon],
      [undoChange, soon],
      [change(3, enterpriseYearly, soon), soon],
      [pay(3, soon), soon],
      [pay(2, later), later]
    )
    const { paidThrough, terms } = liveOf(account)
    assert.deepStrictEqual(terms, enterpriseYearly)
    assert.deepStrictEqual(paidThrough, DateTime.add(soon, { years: 1 }))
    assert.deepStrictEqual(account.walletCredit, paymentNo(account, 2).amount)
  })

  it("takes effect although the change was undone after the payment", () => {
    const account = steps(
      subscribedByUs(),
      [change(2, enterprise, soon), soon],
      [undoChange, later],
      [pay(2, soon), later]
    )
    assert.deepStrictEqual(liveOf(account).terms, enterprise)
    assert.isUndefined(account.walletCredit)
  })

  it("can be requested 20 times a day without paying", () => {
    let account = subscribedByUs()
    for (let n = 2; n < 22; n++) {
      account = steps(account, [change(n, enterprise, soon), soon], [undoChange, soon])
    }
    assert.deepStrictEqual(decide(account, change(22, enterprise, soon), soon), Result.fail(new TooManyCheckouts()))
    const tomorrow = after(soon, { days: 1 })
    assert.isTrue(Result.isSuccess(decide(account, change(22, enterprise, tomorrow), tomorrow)))
  })
})

describe("A transfer that never settles", () => {
  const ordered = () => steps(emptyAccount, [create(1, proMonthly, { method: "web3" }), start])
  const confirming = () => steps(ordered(), [pay(1, start, "provisional", true), start])
  const almost = after(start, { hours: 71 })
  const threeDays = after(start, { days: 3 })

  it("defers the end of its order for three days", () => {
    assert.strictEqual(liveOf(steps(confirming(), [tick, almost])).state, "pending")
    assert.strictEqual(liveOf(steps(confirming(), [tick, threeDays])).state, "expired")
  })

  it("gives access for three days", () => {
    assert.strictEqual(accessAt(confirming(), almost).tier, proMonthly.tier)
    assert.isUndefined(accessAt(confirming(), threeDays).tier)
  })

  it("pays its order if it settles later", () => {
    const late = after(start, { days: 5 })
    const account = steps(confirming(), [tick, late], [pay(1, start), late])
    assert.strictEqual(liveOf(account).state, "active")
    assert.deepStrictEqual(liveOf(account).paidThrough, monthOne)
  })

  it("defers the end of the subscription that it renews for three days", () => {
    const paidAt = DateTime.subtract(monthOne, { hours: 1 })
    const account = steps(subscribedByUs(), [renew(2), paidAt], [pay(2, paidAt, "included"), paidAt])
    assert.strictEqual(liveOf(steps(account, [tick, monthOne])).state, "active")
    const expired = steps(account, [tick, DateTime.add(paidAt, { days: 3 })])
    assert.strictEqual(liveOf(expired).state, "expired")
    assert.deepStrictEqual(liveOf(expired).endedAt, monthOne)
    const settled = steps(expired, [pay(2, paidAt), DateTime.add(paidAt, { days: 4 })])
    assert.strictEqual(liveOf(settled).state, "active")
    assert.deepStrictEqual(liveOf(settled).paidThrough, monthTwo)
  })
})

import { assert, describe, it } from "@effect/vitest"
import {
  after,
  done,
  firstMoney,
  firstMonth,
  money,
  monthOne,
  monthTwo,
  plan,
  proMonthly,
  providerSubscription,
  snapshot,
  start,
  subscribed
} from "../given.ts"

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

const second = (minorUnits: bigint) =>
  snapshot(1, monthOne, {
    subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
    payments: [firstMoney, money("second", monthOne, { from: monthOne, to: monthTwo }, { amount: usd(minorUnits) })]
  })

describe("a renewal", () => {
  it("of another amount than the plan costs counts, and says what was expected", () => {
    const { account, records } = done(subscribed(), second(599n), monthOne)
    const [recorded] = records.flatMap(({ event }) => event._tag === "PaymentRecorded" ? [event] : [])
    assert.deepStrictEqual(recorded?.expected, proMonthly.price)
    assert.deepStrictEqual(account.subscriptions[0]?.paidThrough, monthTwo)
  })

  it("of the amount of the plan, or of the plan that comes with it, is as expected", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const expectedOf = (step: ReturnType<typeof done>) =>
      step.records.flatMap(({ event }) => event._tag === "PaymentRecorded" ? [event.expected] : [])
    assert.deepStrictEqual(expectedOf(done(subscribed(), second(499n), monthOne)), [undefined])
    const soon = after(start, { days: 1 })
    const dear = done(subscribed(), firstMonth(soon, { terms: enterprise }), soon).account
    const down = done(dear, { _tag: "Change", terms: proMonthly, prorationDate: soon }, soon).account
    assert.deepStrictEqual(expectedOf(done(down, second(499n), monthOne)), [undefined])
    assert.deepStrictEqual(expectedOf(done(down, second(1999n), monthOne)), [undefined])
    assert.deepStrictEqual(expectedOf(done(down, second(1n), monthOne)), [enterprise.price])
  })
})

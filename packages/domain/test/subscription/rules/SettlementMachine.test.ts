import type { Money, PlanTerms } from "@dchat/domain/subscription"
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
  secondMoney,
  snapshot,
  start,
  subscribed
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

const second = (minorUnits: bigint) =>
  snapshot(1, monthOne, {
    subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo }),
    payments: [firstMoney, money("second", monthOne, { from: monthOne, to: monthTwo }, { amount: usd(minorUnits) })]
  })

/** The second month is paid with this amount, and begins with a change to this plan. */
const renewedFor = (
  minorUnits: bigint,
  { expected, terms }: { readonly expected?: Money; readonly terms?: PlanTerms } = {}
) => [
  Events.syncRequested(monthOne),
  Events.paymentRecorded({ ...secondMoney, amount: usd(minorUnits) }, expected && { expected }),
  ...(terms === undefined ? [] : [Events.changed(terms, monthOne)]),
  Events.renewed(monthOne, monthTwo),
  Events.synced(monthOne)
]

describe("A renewal", () => {
  it("with an amount that is not the price of the plan counts, and records the expected amount", () => {
    const { state } = given(subscribed()).when(second(599n), monthOne).yields(
      ...renewedFor(599n, { expected: proMonthly.price })
    )
    assert.deepStrictEqual(state.subscriptions[0]?.paidThrough, monthTwo)
  })

  it("with the price of the plan, or of the plan to which it changes, is as expected", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    given(subscribed()).when(second(499n), monthOne).yields(...renewedFor(499n))
    const soon = after(start, { days: 1 })
    const dear = done(subscribed(), firstMonth(soon, { terms: enterprise }), soon).account
    const down = done(dear, { _tag: "Change", terms: proMonthly, prorationDate: soon }, soon).account
    const terms = proMonthly
    given(down).when(second(499n), monthOne).yields(...renewedFor(499n, { terms }))
    given(down).when(second(1999n), monthOne).yields(...renewedFor(1999n, { terms }))
    given(down).when(second(1n), monthOne).yields(...renewedFor(1n, { terms, expected: enterprise.price }))
  })
})

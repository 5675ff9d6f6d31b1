import { type BillingAccount, GrantId, Tier } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import type { DateTime } from "effect"
import {
  accessAt,
  after,
  buyLifetime,
  done,
  emptyAccount,
  external,
  firstMoney,
  lifetimePaid,
  monthOne,
  monthTwo,
  proMonthly,
  providerSubscription,
  snapshot,
  start,
  subscribed,
  uuid
} from "../accounts.ts"

const soon = after(start, { days: 1 })
const disputes = [{ externalId: external("dp_1"), state: "open" as const, openedAt: soon }]

const withGrant = (account: BillingAccount, n: number, until?: DateTime.Utc): BillingAccount =>
  done(account, {
    _tag: "GiveGrant",
    grant: {
      id: GrantId.make(uuid("e", n)),
      tier: proMonthly.tier,
      from: start,
      ...(until && { until }),
      source: "admin",
      actor: "ops",
      reason: "a test"
    }
  }, start).account

describe("Access", () => {
  it("does not come from a suspended lifetime membership", () => {
    const held = buyLifetime(emptyAccount, 1, "PRO", start).account
    assert.strictEqual(accessAt(held, soon).source, "membership")
    const suspended = done(held, lifetimePaid(1, "PRO", soon, { disputes }), soon).account
    assert.strictEqual(suspended.memberships[0]?.state, "suspended")
    assert.strictEqual(accessAt(suspended, soon).source, "none")
  })

  it("does not come from a suspended subscription", () => {
    const step = done(
      subscribed(),
      snapshot(1, soon, {
        subscription: providerSubscription({ periodStart: start, periodEnd: monthOne }),
        payments: [{ ...firstMoney, disputes }]
      }),
      soon
    )
    assert.strictEqual(step.account.subscriptions[0]?.state, "suspended")
    assert.strictEqual(accessAt(step.account, soon).source, "none")
  })

  it("comes from the lifetime membership if a grant without an end, or a subscription, gives the same tier", () => {
    const beside = [withGrant(emptyAccount, 1), subscribed()]
    for (const account of beside) {
      const { account: held } = buyLifetime(account, 2, "PRO", start)
      assert.deepInclude(accessAt(held, soon), { source: "membership", tier: Tier.make("PRO") })
      assert.isUndefined(accessAt(held, soon).until)
    }
  })

  it("lasts as long as the longest of several grants of a tier, in whatever order they were given", () => {
    assert.deepStrictEqual(accessAt(withGrant(withGrant(emptyAccount, 1, monthOne), 2, monthTwo), soon).until, monthTwo)
    assert.deepStrictEqual(accessAt(withGrant(withGrant(emptyAccount, 1, monthTwo), 2, monthOne), soon).until, monthTwo)
    const forGood = accessAt(withGrant(withGrant(emptyAccount, 1, monthOne), 2), soon)
    assert.strictEqual(forGood.source, "grant")
    assert.isUndefined(forGood.until)
  })
})

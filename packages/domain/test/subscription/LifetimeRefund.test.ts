import { accessAt as accessBy, defaultPlans, refundableOf } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import {
  after,
  buyLifetime,
  done,
  external,
  lifeMoney,
  lifetime,
  nobody,
  paymentId,
  purchaseId,
  refused,
  snapshot,
  start,
  subscribed,
  tags,
  told
} from "./given.ts"

const soon = after(start, { days: 1 })
const late = after(start, { days: 8 })

const bought = () => buyLifetime(nobody, 2, "PRO", start).account

const back = (state: "succeeded" | "failed") =>
  snapshot(2, soon, {
    payments: [
      lifeMoney("PRO", start, {
        refunds: [{ externalId: external("re_1"), amount: lifetime("PRO").price, state, at: soon }]
      })
    ]
  })

describe("the money of a lifetime", () => {
  it("is offered to who has just bought it, and not for longer", () => {
    const until = after(start, { days: 7 })
    const offered = { purchaseId: purchaseId(2), amount: lifetime("PRO").price, until }
    assert.deepStrictEqual(refundableOf(bought(), soon), offered)
    assert.isUndefined(refundableOf(bought(), late))
    assert.strictEqual(refused(bought(), { _tag: "Refund" }, late), "RefundNotAllowed")
    assert.strictEqual(refused(bought(), { _tag: "Refund", admin: true }, late), "carried out")
  })

  it("goes back once it is asked for, and the lifetime ends when it has arrived", () => {
    const asked = done(bought(), { _tag: "Refund" }, soon)
    assert.deepStrictEqual(tags(asked), ["RefundRequested"])
    assert.deepStrictEqual(told(asked), ["Refund"])
    assert.strictEqual(refused(asked.account, { _tag: "Refund" }, soon), "RefundInProgress")
    assert.strictEqual(accessBy(asked.account, soon, defaultPlans).source, "membership")
    const ended = done(asked.account, back("succeeded"), soon)
    assert.deepInclude(ended.account.memberships[0], { state: "revoked" })
    assert.deepStrictEqual(ended.account.refundedTiers, [lifetime("PRO").tier])
  })

  it("is kept where the provider cannot return it, and may be asked for again", () => {
    const asked = done(bought(), { _tag: "Refund" }, soon).account
    const paid = asked.payments[0]?.id ?? assert.fail("paid")
    for (
      const step of [
        done(asked, back("failed"), soon),
        done(asked, {
          _tag: "IntentRefused",
          purchaseId: purchaseId(2),
          intent: {
            _tag: "Refund",
            paymentId: paid,
            paymentIntent: external("pi_life"),
            amount: lifetime("PRO").price
          }
        }, soon)
      ]
    ) {
      assert.include(tags(step), "RefundFailed")
      assert.strictEqual(step.account.memberships[0]?.state, "active")
      assert.strictEqual(refused(step.account, { _tag: "Refund" }, soon), "carried out")
    }
  })

  it("is meant by its purchase, beside a subscription", () => {
    const both = buyLifetime(subscribed(), 2, "PRO", start).account
    const first = done(both, { _tag: "Refund" }, soon)
    assert.deepInclude(first.records.map(({ event }) => event), {
      _tag: "RefundRequested",
      purchaseId: purchaseId(1),
      paymentId: paymentId(1)
    })
    const named = done(both, { _tag: "Refund", purchaseId: purchaseId(2) }, soon)
    assert.deepStrictEqual(tags(named), ["RefundRequested"])
    assert.strictEqual(named.account.memberships[0]?.refund?.paymentId, named.account.payments[1]?.id)
    assert.strictEqual(refused(both, { _tag: "Refund", purchaseId: purchaseId(7) }, soon), "NoSubscription")
  })
})

import {
  accessAt as accessBy,
  defaultPlans,
  NoSubscription,
  refundableOf,
  RefundInProgress,
  RefundNotAllowed
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import {
  after,
  buyLifetime,
  done,
  emptyAccount,
  external,
  firstMoney,
  lifeMoney,
  lifetime,
  paymentId,
  purchaseId,
  snapshot,
  start,
  subscribed
} from "./accounts.ts"
import * as Events from "./Events.ts"
import { given } from "./given.ts"
import * as Intents from "./Intents.ts"

const soon = after(start, { days: 1 })
const late = after(start, { days: 8 })

const bought = () => buyLifetime(emptyAccount, 2, "PRO", start).account

const back = (state: "succeeded" | "failed") =>
  snapshot(2, soon, {
    payments: [
      lifeMoney("PRO", start, {
        refunds: [{ externalId: external("re_1"), amount: lifetime("PRO").price, state, at: soon }]
      })
    ]
  })

describe("The refund of a lifetime membership", () => {
  it("is offered for a week after the purchase", () => {
    const until = after(start, { days: 7 })
    const offered = { purchaseId: purchaseId(2), amount: lifetime("PRO").price, until }
    assert.deepStrictEqual(refundableOf(bought(), soon), offered)
    assert.isUndefined(refundableOf(bought(), late))
    given(bought()).when({ _tag: "Refund" }, late).refuses(new RefundNotAllowed({ reason: "too_late" }))
    given(bought()).when({ _tag: "Refund", admin: true }, late).yields(Events.refundRequested(paymentId(2), 2))
  })

  it("starts with the request, and ends the membership when it succeeds", () => {
    const asked = given(bought()).when({ _tag: "Refund" }, soon).yields(Events.refundRequested(paymentId(2), 2)).tells(
      Intents.refund(lifeMoney("PRO", start), { n: 2 })
    )
    asked.after.when({ _tag: "Refund" }, soon).refuses(new RefundInProgress())
    assert.strictEqual(accessBy(asked.state, soon, defaultPlans).source, "membership")
    const ended = asked.after.when(back("succeeded"), soon).yields(
      Events.paymentChanged(
        lifeMoney("PRO", start, {
          refunds: [{ externalId: external("re_1"), amount: lifetime("PRO").price, state: "succeeded", at: soon }]
        }),
        { n: 2 }
      ),
      Events.refunded(paymentId(2), 2),
      Events.synced(soon, 2)
    )
    assert.deepInclude(ended.state.memberships[0], { state: "revoked" })
    assert.deepStrictEqual(ended.state.refundedTiers, [lifetime("PRO").tier])
  })

  it("leaves the membership active if the provider cannot refund, and may be requested again", () => {
    const asked = done(bought(), { _tag: "Refund" }, soon).account
    const paid = asked.payments[0]?.id ?? assert.fail("paid")
    for (
      const step of [
        given(asked).when(back("failed"), soon).yields(
          Events.paymentChanged(
            lifeMoney("PRO", start, {
              refunds: [{ externalId: external("re_1"), amount: lifetime("PRO").price, state: "failed", at: soon }]
            }),
            { n: 2 }
          ),
          Events.refundFailed(paymentId(2), 2),
          Events.synced(soon, 2)
        ),
        given(asked).when({
          _tag: "IntentRefused",
          purchaseId: purchaseId(2),
          intent: {
            _tag: "Refund",
            paymentId: paid,
            paymentIntent: external("pi_life"),
            amount: lifetime("PRO").price
          }
        }, soon).yields(Events.intentRefused("Refund", 2), Events.refundFailed(paymentId(2), 2))
      ]
    ) {
      assert.strictEqual(step.state.memberships[0]?.state, "active")
      step.after.when({ _tag: "Refund" }, soon).yields(Events.refundRequested(paymentId(2), 2))
    }
  })

  it("is requested by the id of its purchase beside a subscription", () => {
    const both = buyLifetime(subscribed(), 2, "PRO", start).account
    given(both).when({ _tag: "Refund" }, soon).yields(Events.refundRequested()).tells(Intents.refund(firstMoney))
    const named = given(both).when({ _tag: "Refund", purchaseId: purchaseId(2) }, soon).yields(
      Events.refundRequested(paymentId(2), 2)
    )
    assert.strictEqual(named.state.memberships[0]?.refund?.paymentId, named.state.payments[1]?.id)
    given(both).when({ _tag: "Refund", purchaseId: purchaseId(7) }, soon).refuses(new NoSubscription())
  })
})

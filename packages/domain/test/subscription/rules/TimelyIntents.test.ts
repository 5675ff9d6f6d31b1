import { type BillingAccount, type PurchaseIntent, timelyIntent } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { comparable } from "../../support/given.ts"
import { after, monthOne, plan, start, subscribed } from "../accounts.ts"
import { given } from "../given.ts"
import * as Intents from "../Intents.ts"

const soon = after(start, { days: 3 })

const assertSent = (account: BillingAccount, stored: PurchaseIntent, at: DateTime.Utc, { intent }: PurchaseIntent) =>
  assert.deepStrictEqual(comparable(timelyIntent(account, stored, at)), comparable(intent))

describe("A late instruction to the provider", () => {
  it("ends the subscription at once if its end with the period has passed, unless the user has undone that", () => {
    const stored = Intents.cancelAtPeriodEnd()
    const step = given(subscribed()).when({ _tag: "Cancel", when: "period_end" }, soon).tells(stored)
    assertSent(step.state, stored, DateTime.subtract(monthOne, { milliseconds: 1 }), stored)
    assertSent(step.state, stored, monthOne, Intents.cancelNow())
    const undone = step.after.when({ _tag: "UndoCancel" }, soon).state
    assert.isUndefined(timelyIntent(undone, stored, monthOne))
  })

  it("is dropped if the change was undone, replaced or has lapsed", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const stored = Intents.changeUp(enterprise, soon)
    const asked = given(subscribed()).when({ _tag: "Change", terms: enterprise, prorationDate: soon }, soon).tells(
      stored
    )
    assertSent(asked.state, stored, soon, stored)
    assert.isUndefined(timelyIntent(asked.state, stored, after(soon, { hours: 23 })))
    const undone = asked.after.when({ _tag: "UndoChange" }, soon)
    assert.isUndefined(timelyIntent(undone.state, stored, soon))
    const other = { _tag: "Change", terms: plan("PRO", "yearly"), prorationDate: soon } as const
    assert.isUndefined(timelyIntent(undone.after.when(other, soon).state, stored, soon))
  })
})

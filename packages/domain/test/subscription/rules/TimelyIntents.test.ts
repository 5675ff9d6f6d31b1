import { timelyIntent } from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { after, done, monthOne, plan, start, subscribed } from "../accounts.ts"

const soon = after(start, { days: 3 })
const intentOf = ({ intents: [intent] }: ReturnType<typeof done>) => intent ?? assert.fail("nothing is told")

describe("A late instruction to the provider", () => {
  it("ends the subscription at once if its end with the period has passed, unless the user has undone that", () => {
    const step = done(subscribed(), { _tag: "Cancel", when: "period_end" }, soon)
    const intent = intentOf(step)
    const inTime = DateTime.subtract(monthOne, { milliseconds: 1 })
    assert.strictEqual(timelyIntent(step.account, intent, inTime)?._tag, "CancelAtPeriodEnd")
    assert.strictEqual(timelyIntent(step.account, intent, monthOne)?._tag, "CancelNow")
    const undone = done(step.account, { _tag: "UndoCancel" }, soon).account
    assert.isUndefined(timelyIntent(undone, intent, monthOne))
  })

  it("is dropped if the change was undone, replaced or has lapsed", () => {
    const enterprise = plan("ENTERPRISE", "monthly")
    const asked = done(subscribed(), { _tag: "Change", terms: enterprise, prorationDate: soon }, soon)
    const intent = intentOf(asked)
    assert.strictEqual(timelyIntent(asked.account, intent, soon)?._tag, "ChangeUp")
    assert.isUndefined(timelyIntent(asked.account, intent, after(soon, { hours: 23 })))
    const undone = done(asked.account, { _tag: "UndoChange" }, soon).account
    assert.isUndefined(timelyIntent(undone, intent, soon))
    const other = { _tag: "Change", terms: plan("PRO", "yearly"), prorationDate: soon } as const
    assert.isUndefined(timelyIntent(done(undone, other, soon).account, intent, soon))
  })
})

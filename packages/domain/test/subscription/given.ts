/**
 * Billing accounts in `given(account).when(command, at).yields(events).tells(intents)`.
 */
import {
  type BillingAccount,
  BillingAccountMachine,
  defaultPlans,
  type Plans,
  type PurchaseIntent,
  type SubscriptionCommand,
  type SubscriptionEvent,
  type SubscriptionRefusal
} from "@dchat/domain/subscription"
import { assert } from "@effect/vitest"
import { Result } from "effect"
import { Given, type Rules } from "../support/given.ts"
import { decide, emptyAccount, start } from "./accounts.ts"

const rulesBy = (
  plans: Plans
): Rules<BillingAccount, SubscriptionCommand, SubscriptionEvent, SubscriptionRefusal, PurchaseIntent> => ({
  decide: (command, account = emptyAccount, at) =>
    Result.map(decide(account, command, at, plans), (step) => {
      const { intents: instructions, records: events } = step
      assert.deepStrictEqual(step.account, BillingAccountMachine.replay(account, events))
      return { events, instructions }
    }),
  evolve: (account = emptyAccount, event, at) => BillingAccountMachine.replay(account, [{ event, at }])
})

/** An account, by these plans. */
export const given = (account: BillingAccount, plans: Plans = defaultPlans) =>
  new Given(rulesBy(plans), account, account.updatedAt ?? start)

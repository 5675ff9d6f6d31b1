/**
 * What a user orders: a subscription, its renewal, a change of plan, or a lifetime membership.
 */
import {
  type BillingAccount,
  defaultPlans,
  isLive,
  lifetimeTermsOf,
  PaymentId,
  PurchaseId,
  type SubscriptionCommand,
  termsOf,
  Tier
} from "@dchat/domain/subscription"
import type { DateTime } from "effect"
import type { Dice } from "../../../../domain/test/call/support/Dice.ts"
import { uuid } from "./Payers.ts"

const pro = Tier.make("PRO")
const enterprise = Tier.make("ENTERPRISE")

const must = <A>(value: A | undefined): A => {
  if (value === undefined) throw new Error("the default catalogue has it")
  return value
}

/** The n-th order of all. */
export const randomOrder = (
  dice: Dice,
  { subscriptions }: BillingAccount,
  n: number,
  now: DateTime.Utc
): SubscriptionCommand => {
  const paymentId = PaymentId.make(uuid("c", n))
  const ids = { purchaseId: PurchaseId.make(uuid("b", n)), paymentId, method: "web3" } as const
  const terms = must(termsOf(defaultPlans, dice.pick([pro, pro, enterprise] as const), "monthly"))
  if (dice.chance(10)) return { _tag: "CreateLifetime", ...ids, terms: must(lifetimeTermsOf(defaultPlans, pro)) }
  if (!subscriptions.some(isLive)) return { _tag: "Create", ...ids, terms, autoRenew: false }
  return dice.chance(50)
    ? { _tag: "Renew", ...ids, terms }
    : { _tag: "Change", paymentId, prorationDate: now, terms }
}

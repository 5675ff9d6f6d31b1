/**
 * Billing accounts with which tests begin, and the commands and observations of the provider that led to them.
 */
import { UserId } from "@dchat/domain/identity"
import {
  type Access,
  accessAt as accessBy,
  type BillingAccount,
  BillingAccountMachine,
  type BillingAccountStep,
  defaultPlans,
  emptyBillingAccount,
  type LifetimeTerms,
  PaymentId,
  type Plans,
  type PlanTerms,
  type ProviderPayment,
  type ProviderSnapshot,
  type ProviderSubscription,
  PurchaseId,
  type SubscriptionCause,
  type SubscriptionCommand,
  type SubscriptionRefusal
} from "@dchat/domain/subscription"
import { DateTime, Result } from "effect"
import {
  external,
  lifetime,
  plan,
  proMonthly,
  providerSubscription,
  start
} from "../../src/contracts/support/subscriptionFixtures.ts"

export { external, lifetime, plan, proMonthly, providerSubscription, start }

export const uuid = (kind: string, n: number): string =>
  `00000000-0000-7000-8${kind.padStart(3, "0")}-${String(n).padStart(12, "0")}`

export const alice = UserId.make(uuid("a", 1))
export const purchaseId = (n: number) => PurchaseId.make(uuid("b", n))
export const paymentId = (n: number) => PaymentId.make(uuid("c", n))

export const time = (iso: string): DateTime.Utc => DateTime.makeUnsafe(iso)
export const after = (at: DateTime.Utc, parts: { readonly days?: number; readonly hours?: number }): DateTime.Utc =>
  DateTime.add(at, parts)

export const create = (
  n: number,
  terms: PlanTerms = proMonthly,
  options: Partial<Extract<SubscriptionCommand, { _tag: "Create" }>> = {}
): SubscriptionCommand => ({
  _tag: "Create",
  purchaseId: purchaseId(n),
  paymentId: paymentId(n),
  method: "stripe",
  terms,
  autoRenew: (options.method ?? "stripe") === "stripe",
  ...options
})

export const createLifetime = (n: number, terms: LifetimeTerms, closed?: PurchaseId): SubscriptionCommand => ({
  _tag: "CreateLifetime",
  purchaseId: purchaseId(n),
  paymentId: paymentId(n),
  method: "stripe",
  terms,
  ...(closed && { closed })
})

const byUser: SubscriptionCause = { _tag: "User" }

export const emptyAccount = emptyBillingAccount(alice)

export const decide = (
  account: BillingAccount,
  command: SubscriptionCommand,
  at: DateTime.Utc,
  plans: Plans = defaultPlans
): Result.Result<BillingAccountStep, SubscriptionRefusal> =>
  BillingAccountMachine.decide(command, account, at, byUser, plans)

/** By the plans that there are unless told otherwise. */
export const accessAt = (account: BillingAccount, at: DateTime.Utc, plans: Plans = defaultPlans): Access =>
  accessBy(account, at, plans)

/** The account after a command that is carried out. */
export const done = (
  account: BillingAccount,
  command: SubscriptionCommand,
  at: DateTime.Utc,
  plans?: Plans
): BillingAccountStep => Result.getOrThrow(decide(account, command, at, plans))

/** Money for a period. */
export const money = (
  name: string,
  paidAt: DateTime.Utc,
  period: { readonly from?: DateTime.Utc; readonly to?: DateTime.Utc } = {},
  rest: Partial<ProviderPayment> = {}
): ProviderPayment => ({
  id: PaymentId.make(uuid("d", [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1e12)),
  externalId: external(`in_${name}`),
  paymentIntent: external(`pi_${name}`),
  kind: "renewal",
  amount: proMonthly.price,
  paidAt,
  ...(period.from && { periodStart: period.from }),
  ...(period.to && { periodEnd: period.to }),
  refunds: [],
  disputes: [],
  ...rest
})

export const snapshot = (
  n: number,
  observedAt: DateTime.Utc,
  rest: Partial<ProviderSnapshot> = {}
): SubscriptionCommand => ({
  _tag: "Sync",
  snapshot: { purchaseId: purchaseId(n), observedAt, payments: [], ...rest }
})

export const monthOne = time("2027-02-28T10:00:00.000Z")
export const monthTwo = time("2027-03-31T10:00:00.000Z")
export const firstMoney = money("first", start, { from: start, to: monthOne }, { kind: "first" })

/** The observation of a subscription in its first month. */
export const firstMonth = (observedAt: DateTime.Utc, rest: Partial<ProviderSubscription> = {}) =>
  snapshot(1, observedAt, {
    subscription: providerSubscription({ periodStart: start, periodEnd: monthOne, ...rest }),
    payments: [firstMoney]
  })

export const secondMoney = money("second", monthOne, { from: monthOne, to: monthTwo })

/** The observation of the subscription in its second month. */
export const secondMonth = (
  observedAt: DateTime.Utc,
  rest: Partial<ProviderSubscription> = {},
  payments: ReadonlyArray<ProviderPayment> = [firstMoney, secondMoney]
) =>
  snapshot(1, observedAt, {
    subscription: providerSubscription({ periodStart: monthOne, periodEnd: monthTwo, ...rest }),
    payments
  })

/** The observation after a failed charge for the second month. */
export const unpaidMonth = (observedAt: DateTime.Utc, rest: Partial<ProviderSubscription> = {}) =>
  secondMonth(observedAt, { status: "past_due", ...rest }, [firstMoney])

/** Money for a lifetime. */
export const lifeMoney = (
  tier: "PRO" | "ENTERPRISE",
  paidAt: DateTime.Utc,
  rest: Partial<ProviderPayment> = {}
): ProviderPayment => money("life", paidAt, {}, { kind: "lifetime", amount: lifetime(tier).price, ...rest })

/** The observation of a paid lifetime membership. */
export const lifetimePaid = (
  n: number,
  tier: "PRO" | "ENTERPRISE",
  at: DateTime.Utc,
  rest: Partial<ProviderPayment> = {}
): SubscriptionCommand => snapshot(n, at, { payments: [lifeMoney(tier, at, rest)] })

/** Ordered as the n-th purchase and paid at once. */
export const buyLifetime = (
  account: BillingAccount,
  n: number,
  tier: "PRO" | "ENTERPRISE",
  at: DateTime.Utc,
  plans?: Plans
): BillingAccountStep =>
  done(done(account, createLifetime(n, lifetime(tier)), at, plans).account, lifetimePaid(n, tier, at), at, plans)

/** Alice with a PRO subscription by the month at Stripe, since `start`. */
export const subscribed = (): BillingAccount =>
  done(done(emptyAccount, create(1), start).account, firstMonth(start), start).account

/** Money that came from a wallet for what we bill ourselves. */
export const settle = (
  name: string,
  paidAt: DateTime.Utc,
  kind: "first" | "renewal" | "change" = "renewal"
): SubscriptionCommand => ({
  _tag: "PaymentSettled",
  purchaseId: purchaseId(1),
  payment: money(name, paidAt, {}, { kind })
})

/** Alice with a PRO subscription by the month, or another, that we bill ourselves. */
export const subscribedByUs = (terms: PlanTerms = proMonthly): BillingAccount => {
  const { account } = done(emptyAccount, create(1, terms, { method: "web3" }), start)
  return done(account, settle("tx1", start, "first"), start).account
}

/** The provider will not give a payment back. */
export const refundRefused = (n: number, paymentId: PaymentId): SubscriptionCommand => ({
  _tag: "IntentRefused",
  purchaseId: purchaseId(n),
  intent: { _tag: "Refund", paymentId, paymentIntent: external("pi_refused"), amount: proMonthly.price }
})

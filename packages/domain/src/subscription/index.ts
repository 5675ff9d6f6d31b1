export {
  AccountContended,
  makeBillingAccountStep,
  makeBillingAccountSteps,
  resolveAccountRaces,
  type StepRefusal
} from "./BillingAccountSteps.ts"
export * from "./CatalogueCheck.ts"
export * from "./Entitlements.ts"
export * from "./model/Authorization.ts"
export * from "./model/BillingAccount.ts"
export * from "./model/BillingIntent.ts"
export * from "./model/Grant.ts"
export * from "./model/Membership.ts"
export * from "./model/Money.ts"
export * from "./model/Payment.ts"
export * from "./model/PaymentUri.ts"
export * from "./model/Periods.ts"
export * from "./model/Plans.ts"
export * from "./model/PlanTerms.ts"
export * from "./model/ProviderSnapshot.ts"
export * from "./model/Quote.ts"
export * from "./model/Subscription.ts"
export * from "./model/SubscriptionCommand.ts"
export * from "./model/SubscriptionErrors.ts"
export * from "./model/SubscriptionEvent.ts"
export * from "./model/SubscriptionIds.ts"
export * from "./model/Transfer.ts"
export * from "./ports/Billing.ts"
export * from "./ports/Catalogue.ts"
export * from "./ports/Quoting.ts"
export * from "./ports/SubscriptionBus.ts"
export * from "./ports/SubscriptionRepository.ts"
export * from "./ports/UsageOwners.ts"
export * from "./ports/UsageRepository.ts"
export * from "./rules/BillingAccountAccess.ts"
export { nextDueAt, reminderDays } from "./rules/BillingAccountDeadlines.ts"
export { evolve as evolveAccount } from "./rules/BillingAccountEvolution.ts"
export * as BillingAccountMachine from "./rules/BillingAccountMachine.ts"
export {
  accountAt,
  type BillingAccountStep,
  type SubscriptionRefusal,
  type SubscriptionRefusalOf
} from "./rules/BillingAccountMachine.ts"
export { graceDays } from "./rules/Dunning.ts"
export { renewalDays, renewalOpensAt } from "./rules/OwnPeriods.ts"
export { quotePaidBy } from "./rules/QuoteRules.ts"
export { type Refundable, refundableOf } from "./rules/RefundMachine.ts"
export { chargeAt, chargeDays, renewsByAuthorization, warnAt, warnDays } from "./rules/RenewalAuthorization.ts"
export { timelyIntent } from "./rules/TimelyIntents.ts"
export * from "./SubscriptionAdministration.ts"
export * from "./SubscriptionClock.ts"
export * from "./Subscriptions.ts"
export * from "./SubscriptionServices.ts"
export {
  type CheckoutRequest,
  type PreviewedChange,
  type Renewal,
  type StartedCheckout,
  type SubscriptionSummary,
  summaryOf
} from "./SubscriptionSummary.ts"
export * from "./Usage.ts"
export * from "./WalletPayments.ts"

export * as SubscriptionCallEntitlement from "./SubscriptionCallEntitlement.ts"

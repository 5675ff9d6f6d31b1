export * as IdentityUsageOwners from "./IdentityUsageOwners.ts"
export * as SubscriptionCallEntitlement from "./SubscriptionCallEntitlement.ts"
export * as SubscriptionCallLifting from "./SubscriptionCallLifting.ts"
export * as SubscriptionMergeParticipant from "./SubscriptionMergeParticipant.ts"

export * as IdentityUsageOwners from "../bridges/IdentityUsageOwners.ts"
export * as SubscriptionCallEntitlement from "../bridges/SubscriptionCallEntitlement.ts"
export * as SubscriptionCallLifting from "../bridges/SubscriptionCallLifting.ts"
export * as SubscriptionMergeParticipant from "../bridges/SubscriptionMergeParticipant.ts"

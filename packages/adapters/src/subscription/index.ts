export * as SubscriptionCallEntitlement from "./SubscriptionCallEntitlement.ts"
export * as SubscriptionMergeParticipant from "./SubscriptionMergeParticipant.ts"

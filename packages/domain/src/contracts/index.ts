/**
 * The contract of each port, as a suite for vitest. An implementation that passes the suite can replace the
 * implementation of dchat.
 */
export * from "./AccountTokenRepository.contract.ts"
export * from "./Billing.contract.ts"
export * from "./CallAppend.contract.ts"
export * from "./CallBus.contract.ts"
export * from "./CallLeases.contract.ts"
export * from "./CallRaces.contract.ts"
export * from "./CallRepository.contract.ts"
export * from "./FinishedCalls.contract.ts"
export * from "./IdempotencyKeys.contract.ts"
export * from "./IdentityRepository.contract.ts"
export * from "./Presence.contract.ts"
export * from "./SecretCheckRepository.contract.ts"
export * from "./SessionRepository.contract.ts"
export * from "./SingleUse.contract.ts"
export * from "./StoredCalls.ts"
export * from "./SubscriptionRepository.contract.ts"
export { buyer } from "./support/billingSteps.ts"
export * from "./UsageRepository.contract.ts"
export * from "./UserRepository.contract.ts"

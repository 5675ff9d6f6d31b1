export { AppendConnections } from "./AppendConnections.ts"
export * as PgBilling from "./billing/PgBilling.ts"
export * as PgDeletedUsers from "./billing/PgDeletedUsers.ts"
export * as PgCallLeases from "./call/PgCallLeases.ts"
export * as PgCallRepository from "./call/PgCallRepository.ts"
export * as PgCalls from "./call/PgCalls.ts"
export * as Database from "./Database.ts"
export {
  ConnectionRefused,
  DatabaseUnreachable,
  NoAnswer,
  PoolerUnsuitable,
  UrlInvalid,
  VersionTooOld
} from "./DatabaseUnreachable.ts"
export { HostConnections } from "./HostConnections.ts"
export * as PgIdempotencyKeys from "./idempotency/PgIdempotencyKeys.ts"
export * as PgIdentity from "./identity/PgIdentity.ts"
export * as PgSecretCheckRepository from "./identity/PgSecretCheckRepository.ts"
export * as PgSessionRepository from "./identity/PgSessionRepository.ts"
export * as PgSingleUse from "./identity/PgSingleUse.ts"
export * as PgUserRepository from "./identity/PgUserRepository.ts"
export { migrations } from "./migrations/index.ts"
export * as PgOnchain from "./onchain/PgOnchain.ts"
export { SchemaUnusable } from "./SchemaUnusable.ts"
export * as PgSubscriptionRepository from "./subscription/PgSubscriptionRepository.ts"
export * as PgUsageRepository from "./subscription/PgUsageRepository.ts"

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
export { migrations } from "./migrations/index.ts"
export * as PgBilling from "./PgBilling.ts"
export * as PgCallLeases from "./PgCallLeases.ts"
export * as PgCallRepository from "./PgCallRepository.ts"
export * as PgCalls from "./PgCalls.ts"
export * as PgDepartures from "./PgDepartures.ts"
export * as PgIdentity from "./PgIdentity.ts"
export * as PgRealtimeTicketRepository from "./PgRealtimeTicketRepository.ts"
export * as PgSecretCheckRepository from "./PgSecretCheckRepository.ts"
export * as PgSessionRepository from "./PgSessionRepository.ts"
export * as PgSiweNonceRepository from "./PgSiweNonceRepository.ts"
export * as PgSubscriptionRepository from "./PgSubscriptionRepository.ts"
export * as PgUsageRepository from "./PgUsageRepository.ts"
export * as PgUserRepository from "./PgUserRepository.ts"
export { SchemaUnusable } from "./SchemaUnusable.ts"

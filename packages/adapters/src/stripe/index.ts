export { StripeApiBase } from "./StripeApiBase.ts"
export * as StripeBilling from "./StripeBilling.ts"
export { type SyncedPrice, syncPlans } from "./StripeCatalogue.ts"
export type { StripeAccess } from "./StripeClient.ts"

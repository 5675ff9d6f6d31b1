/**
 * The texts of all components, by their names.
 */
import type { SchemaDocs } from "../SchemaDocs.ts"
import { callSchemas } from "./CallSchemas.ts"
import { eventSchemas } from "./EventSchemas.ts"
import { identitySchemas } from "./IdentitySchemas.ts"
import { renewalSchemas } from "./RenewalSchemas.ts"
import { subscriptionSchemas } from "./SubscriptionSchemas.ts"

export const schemas: Readonly<Record<string, SchemaDocs>> = {
  ...callSchemas,
  ...eventSchemas,
  ...identitySchemas,
  ...renewalSchemas,
  ...subscriptionSchemas
}

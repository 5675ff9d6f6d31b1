/**
 * A tier that an administrator gives to a user. A grant never prevents a purchase.
 */
import { Schema } from "effect"
import { Tier } from "./PlanTerms.ts"
import { GrantId } from "./SubscriptionIds.ts"

export const Grant = Schema.Struct({
  id: GrantId,
  tier: Tier,
  from: Schema.DateTimeUtc,
  /** Absent for a grant without an end. */
  until: Schema.optionalKey(Schema.DateTimeUtc),
  source: Schema.Literals(["admin", "contract"]),
  actor: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200)),
  reason: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(500)),
  revokedAt: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Grant = typeof Grant.Type

/**
 * Port: by which name the provider knows a person.
 */
import { Context, type Effect, type Option } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { ExternalId } from "../../subscription/index.ts"

export class BillingCustomers extends Context.Service<BillingCustomers, {
  find(userId: UserId): Effect.Effect<Option.Option<ExternalId>>
  /** Answers the one that is kept: of two at once, the first. */
  keep(userId: UserId, customer: ExternalId): Effect.Effect<ExternalId>
  /** The provider does not know them by this name any more. */
  forget(userId: UserId, customer: ExternalId): Effect.Effect<void>
}>()("@dchat/domain/billing/BillingCustomers") {}

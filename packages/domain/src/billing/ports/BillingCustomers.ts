/**
 * Port: stores the provider's customer id of each user.
 */
import { Context, type Effect, type Option } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"
import type { ExternalId } from "../../subscription/index.ts"

export class BillingCustomers extends Context.Service<BillingCustomers, {
  find(userId: UserId): Effect.Effect<Option.Option<ExternalId>>
  /** Stores the id, and returns the stored one: of two concurrent calls, the first wins. */
  keep(userId: UserId, customer: ExternalId): Effect.Effect<ExternalId>
  /** Forgets an id that the provider does not know any more. */
  forget(userId: UserId, customer: ExternalId): Effect.Effect<void>
}>()("@dchat/domain/billing/BillingCustomers") {}

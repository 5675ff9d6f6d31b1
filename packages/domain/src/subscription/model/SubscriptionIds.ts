/**
 * The identifiers of purchases, payments and grants.
 */
import { Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"

/** Identifies a subscription or a lifetime membership; both share one space of ids. */
export const PurchaseId = UuidV7.pipe(Schema.brand("PurchaseId"))
export type PurchaseId = typeof PurchaseId.Type

export const PaymentId = UuidV7.pipe(Schema.brand("PaymentId"))
export type PaymentId = typeof PaymentId.Type

export const GrantId = UuidV7.pipe(Schema.brand("GrantId"))
export type GrantId = typeof GrantId.Type

/** Identifies an intent on its way to the provider; the idempotency key there is `dchat:{OutboxId}`. */
export const OutboxId = UuidV7.pipe(Schema.brand("OutboxId"))
export type OutboxId = typeof OutboxId.Type

/** The provider's id of an object, such as an invoice. */
export const ExternalId = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,255}$/)).pipe(Schema.brand("ExternalId"))
export type ExternalId = typeof ExternalId.Type

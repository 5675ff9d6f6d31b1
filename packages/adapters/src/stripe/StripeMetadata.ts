/**
 * The metadata that dchat writes onto objects at Stripe, to recognize them as its own.
 */
import type { Delivery } from "@dchat/domain/billing"
import { PurchaseId } from "@dchat/domain/subscription"
import { type Option, Schema } from "effect"

const purchaseKey = "dchat_purchase"

export const tierKey = "dchat_tier"
export const periodKey = "dchat_period"

/** On Stripe's refund: for which delivery it was made. */
export const deliveryKey = "dchat_delivery"

/** On what we ended because it was not paid, as Stripe's own reason says only of what Stripe ended by itself. */
export const unpaidComment = "dchat: ended because it was not paid"

export const metadataOf = ({ purchaseId, userId }: Delivery): Record<string, string> => ({
  dchat_user: userId,
  [purchaseKey]: purchaseId
})

const decode = Schema.decodeUnknownOption(PurchaseId)

export const purchaseIn = (
  metadata: { readonly [key: string]: unknown } | null | undefined
): Option.Option<PurchaseId> => decode(metadata?.[purchaseKey])

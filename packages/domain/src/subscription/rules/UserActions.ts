/**
 * The actions of users: the purchase of an action, and a refusal by the provider.
 */
import type { BillingAccount } from "../model/BillingAccount.ts"
import { isOpen } from "../model/Subscription.ts"
import type { SubscriptionCommand } from "../model/SubscriptionCommand.ts"
import type { SubscriptionEvent, SubscriptionEventOf } from "../model/SubscriptionEvent.ts"
import type { PurchaseId } from "../model/SubscriptionIds.ts"

/** The actions of users, and the intents that the provider has to carry out for each. */
const actions = {
  cancel: ["CancelAtPeriodEnd"],
  undoCancel: ["UndoCancel"],
  change: ["ChangeUp", "ChangeDown"],
  undoChange: ["ReleaseChange"],
  refund: ["Refund"]
} as const satisfies Record<string, ReadonlyArray<SubscriptionEventOf<"IntentRefused">["intent"]>>
export type Action = keyof typeof actions

export const isRefusalOf = (action: Action, id: PurchaseId, event: SubscriptionEvent): boolean => {
  if (event._tag === "RefundFailed") return action === "refund" && event.purchaseId === id
  return event._tag === "IntentRefused" && event.purchaseId === id &&
    actions[action].some((tag) => tag === event.intent)
}

/** The purchase of a command. Defaults to the subscription, if there is one. */
export const meantBy = (command: SubscriptionCommand, { memberships, subscriptions }: BillingAccount): PurchaseId => {
  const named = command._tag === "Cancel" || command._tag === "Refund" ? command.purchaseId : undefined
  const refunding = command._tag === "Refund"
    ? [...subscriptions, ...memberships].find(({ refund }) => refund !== undefined)?.id
    : undefined
  const id = named ?? refunding ?? (subscriptions.find(isOpen) ?? subscriptions.at(-1) ?? memberships.at(-1))?.id
  if (id === undefined) throw new Error("the command has no purchase")
  return id
}

/**
 * Lifetime memberships: bought once, or given by a token that moves from wallet to wallet.
 */
import { Result } from "effect"
import { membershipOf, paymentsOf, pendingMembership } from "../model/BillingAccount.ts"
import type { Membership } from "../model/Membership.ts"
import { isFullyRefunded, type Payment } from "../model/Payment.ts"
import { isAtLeast } from "../model/Plans.ts"
import type { SubscriptionCommandOf } from "../model/SubscriptionCommand.ts"
import type { BillingAccountDraft } from "./BillingAccountDraft.ts"
import { hasFailed, returnPayment, suspend } from "./RefundMachine.ts"
import { disputeOf } from "./ReturnedMoney.ts"

/** Activates a membership with its payment. */
export const activate = (membership: Membership, payment: Payment, draft: BillingAccountDraft): void => {
  const { id: purchaseId, state, terms } = membership
  if (state === "active" || state === "suspended") return
  if (state === "revoked") {
    const isHad = membership.activatedAt !== undefined
    const isSuperfluous = isHad || draft.account.closed === true || pendingMembership(draft.account) !== undefined ||
      draft.account.memberships.some((it) => it.state === "active" && isAtLeast(draft.plans, it.terms.tier, terms.tier))
    draft.emit({ _tag: "LatePayment", purchaseId, paymentId: payment.id, returned: isSuperfluous })
    if (isSuperfluous) return returnPayment(payment, draft)
  }
  draft.emit({ _tag: "MembershipActivated", purchaseId })
}

/** Applies the refunds and disputes of the payments of a membership. */
export const followMoney = ({ id }: Membership, draft: BillingAccountDraft): void => {
  for (const payment of paymentsOf(draft.account, id)) {
    const membership = membershipOf(draft.account, id)
    if (membership === undefined || (membership.state !== "active" && membership.state !== "suspended")) return
    const outcome = disputeOf(payment)
    if (isFullyRefunded(payment)) {
      draft.emit({ _tag: "Refunded", purchaseId: id, paymentId: payment.id })
      continue
    }
    const { refund } = membership
    if (refund?.paymentId === payment.id && hasFailed(payment, refund.since)) {
      draft.emit({ _tag: "RefundFailed", purchaseId: id, paymentId: payment.id })
    }
    if (outcome === "lost") draft.emit({ _tag: "Revoked", purchaseId: id, cause: "dispute" })
    else if (outcome === "open" && membership.state === "active") suspend(membership, payment.id, "dispute", draft)
    else if (outcome !== "open" && membership.suspension?.paymentId === payment.id) {
      draft.emit({ _tag: "Restored", purchaseId: id })
    }
  }
}

/** A wallet of this user holds the token. */
export const holdToken = (
  { purchaseId, terms, token }: SubscriptionCommandOf<"HoldToken">,
  draft: BillingAccountDraft
) => {
  if (tokenHeld(draft, token) !== undefined) return Result.void
  const { at } = draft
  const membership = { id: purchaseId, state: "active", terms, method: "web3", createdAt: at, lapsesAt: at } as const
  draft.emit({ _tag: "MembershipClaimed", membership: { ...membership, activatedAt: at, token } })
  return Result.void
}

/** The token moved to another wallet, or its wallet was unlinked. The new owner of the token can claim the membership. */
export const tokenGone = ({ to, token }: SubscriptionCommandOf<"TokenGone">, draft: BillingAccountDraft) => {
  const membership = tokenHeld(draft, token)
  if (membership === undefined) return Result.void
  const { id: purchaseId } = membership
  draft.emit(
    to === undefined ? { _tag: "MembershipReleased", purchaseId } : { _tag: "MembershipMoved", purchaseId, to }
  )
  return Result.void
}

const tokenHeld = ({ account }: BillingAccountDraft, token: Membership["token"]): Membership | undefined =>
  account.memberships.find((it) => it.token === token && (it.state === "active" || it.state === "suspended"))

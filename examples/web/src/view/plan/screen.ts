/** The screen of one's plan: opened from the header, at `#plan`. */
import { type Subscription } from "../../subscription.ts"
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { type SectionView } from "../account/section.ts"
import { type Dialogs } from "../dialogs.ts"
import { h, icon } from "../dom.ts"
import { walletPaymentView } from "../wallet/payment.ts"
import { tokenView } from "../wallet/token.ts"
import { metersView } from "./meters.ts"
import { plansView } from "./plans.ts"
import { receiptsView } from "./receipts.ts"
import { summaryView } from "./summary.ts"

export { planHash } from "./hash.ts"

export const planView = (subscription: Subscription, payments: WalletPayments, dialogs: Dialogs): SectionView => {
  const payment = walletPaymentView(payments, dialogs)
  const parts = [
    summaryView(subscription, payments, dialogs, payment.focus),
    payment,
    plansView(subscription, payments, dialogs, payment.focus),
    tokenView(payments),
    metersView(subscription),
    receiptsView(subscription, payments)
  ]
  const element = h(
    "main",
    { class: "account", hidden: true, "data-testid": "plan" },
    h(
      "div",
      { class: "title" },
      h(
        "a",
        { class: "round", href: "#", "aria-label": "Back to people and calls", "data-testid": "close-plan" },
        icon("back")
      ),
      h("h1", { tabindex: -1 }, "Your plan")
    ),
    h("div", { class: "stack" }, ...parts.map(({ element }) => element))
  )
  return {
    element,
    update: () => {
      for (const { update } of parts) update()
    }
  }
}

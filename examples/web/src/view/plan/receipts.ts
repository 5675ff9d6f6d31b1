/** The payments, with receipts. */
import { type Payment } from "../../dchat-subscription.ts"
import { day, money, paymentWords } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { h, renderer } from "../dom.ts"
import { explorerLink } from "../wallet/explorer-link.ts"

const item = (payment: Payment, payments: WalletPayments): HTMLElement => {
  const { transfer } = payment
  const when = day(payment.paidAt ?? payment.createdAt)
  return h(
    "li",
    { class: "owned", "data-testid": "payment", "data-state": payment.state },
    h(
      "span",
      { class: "about" },
      h("span", { class: "name" }, money(payment.amount)),
      h("span", { class: "small" }, `${paymentWords(payment)}, ${when}`)
    ),
    transfer &&
      h("span", { class: "small" }, explorerLink(payments, transfer, `${transfer.transactionHash.slice(0, 10)}…`)),
    payment.receiptUrl !== undefined &&
      h("a", {
        class: "quiet compact",
        href: payment.receiptUrl,
        target: "_blank",
        rel: "noreferrer",
        "aria-label": `Receipt of ${when}`,
        "data-testid": "receipt"
      }, "Receipt")
  )
}

export const receiptsView = (subscription: Subscription, wallets: WalletPayments): SectionView => {
  const list = h("ul", { class: "list", "data-testid": "payments" })
  const draw = renderer(
    list,
    ([payments]: readonly [ReadonlyArray<Payment>, unknown]) =>
      payments.length === 0
        ? [h("li", { class: "small" }, "No payments yet.")]
        : payments.map((payment) => item(payment, wallets))
  )
  const more = actionButton("more-payments", "Show older payments", () => void subscription.showMore())
  const element = h("section", { class: "card part", "aria-label": "Payments" }, h("h2", {}, "Payments"), list, more)
  return {
    element,
    update: () => {
      draw([subscription.history?.payments ?? [], wallets.chains])
      more.hidden = subscription.history?.nextCursor === undefined
    }
  }
}

/** The payments, with receipts. */
import { type Payment } from "../../dchat-subscription.ts"
import { day, money, paymentWords } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { h, renderer } from "../dom.ts"

const item = (payment: Payment): HTMLElement => {
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

export const receiptsView = (subscription: Subscription): SectionView => {
  const list = h("ul", { class: "list", "data-testid": "payments" })
  const draw = renderer(
    list,
    (payments: ReadonlyArray<Payment>) =>
      payments.length === 0 ? [h("li", { class: "small" }, "No payments yet.")] : payments.map(item)
  )
  const more = actionButton("more-payments", "Show older payments", () => void subscription.showMore())
  const element = h("section", { class: "card part", "aria-label": "Payments" }, h("h2", {}, "Payments"), list, more)
  return {
    element,
    update: () => {
      draw(subscription.history?.payments ?? [])
      more.hidden = subscription.history?.nextCursor === undefined
    }
  }
}

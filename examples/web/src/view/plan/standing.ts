/** What one has, what happens next, and what can be done about it. */
import { type planRefusal, standingWords, tierName } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { type Dialogs } from "../dialogs.ts"
import { h, renderer } from "../dom.ts"
import { askToCancel, askToRefund } from "./questions.ts"

export const standingView = (subscription: Subscription, dialogs: Dialogs): SectionView => {
  const words = h("div", { "data-testid": "standing", role: "status" })
  const deeds = h("div", { class: "deeds" })
  const reason = h("div", { class: "reason" })

  const buttons = (): ReadonlyArray<HTMLElement> => {
    const { history, standing } = subscription
    const own = standing?.subscription
    if (own === undefined && standing?.membership?.state !== "pending") return []
    const shown: Array<HTMLElement> = []
    const link = (testId: string, label: string, url: string) =>
      shown.push(h("a", { class: "primary compact", href: url, "data-testid": testId }, label))
    const button = (testId: string, label: string, press: () => void) => {
      const made = actionButton(testId, label, press)
      made.disabled = subscription.busy
      shown.push(made)
    }
    const isPending = own?.state === "pending" || standing?.membership?.state === "pending"
    const page = history?.payments.find(({ checkoutUrl, state }) => state === "quoted" && checkoutUrl !== undefined)
    if (isPending && page?.checkoutUrl !== undefined) link("pay", "Pay now", page.checkoutUrl)
    if (isPending) button("cancel", "Cancel", () => void subscription.cancel("now"))
    if (own === undefined || own.state === "pending") return shown
    if (own.invoiceUrl !== undefined && own.state === "past_due") {
      link("pay-invoice", "Pay the open invoice", own.invoiceUrl)
    }
    if (own.change?.invoiceUrl !== undefined) link("pay-change", "Pay the difference", own.change.invoiceUrl)
    if (own.change !== undefined) button("undo-change", "Keep my plan", () => void subscription.undoChange())
    const isOver = ["expired", "cancelled", "refunded"].includes(own.state)
    if (isOver) button("renew", "Subscribe again", () => void subscription.renew())
    else if (own.endsAt !== undefined && own.refundRequestedAt === undefined) {
      button("undo-cancel", "Do not cancel", () => void subscription.undoCancel())
    } else if (own.refundRequestedAt === undefined) button("cancel", "Cancel", () => askToCancel(dialogs, subscription))
    if (own.state === "active" && own.refundRequestedAt === undefined) {
      button("refund", "Money back", () => askToRefund(dialogs, subscription))
    }
    button("portal", "Invoices and card", () => void subscription.portal())
    return shown
  }

  const drawWords = renderer(words, (_: unknown) => {
    const { standing } = subscription
    if (standing === undefined) return [h("p", { class: "small" }, "Asking the server…")]
    return [
      h("p", { class: "tier", "data-testid": "tier", "data-tier": standing.tier }, tierName(standing.tier)),
      ...standingWords(standing).map((line) =>
        h("p", { "data-testid": "subscription-state", "data-state": standing.subscription?.state }, line)
      )
    ]
  })
  const drawDeeds = renderer(deeds, (_: unknown) => buttons())
  const drawReason = renderer(
    reason,
    (refusal: ReturnType<typeof planRefusal> | undefined) =>
      refusal === undefined ? [] : [
        h(
          "p",
          { class: "problem", role: "alert", "data-testid": "plan-refusal", "data-code": refusal.code },
          refusal.words
        )
      ]
  )
  const element = h(
    "section",
    { class: "card part", "aria-label": "Your plan" },
    h("h2", {}, "Your plan"),
    words,
    deeds,
    reason
  )
  return {
    element,
    update: () => {
      const { busy, history, refusal, standing } = subscription
      drawWords([standing])
      drawDeeds([standing, history, busy])
      drawReason(refusal)
      element.setAttribute("aria-busy", `${busy}`)
    }
  }
}

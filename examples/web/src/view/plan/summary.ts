/** The current plan, its next event, and the possible actions. */
import { type planRefusal } from "../../plan-refusals.ts"
import { renewalWords, summaryWords, tierName } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { type Dialogs } from "../dialogs.ts"
import { h, renderer } from "../dom.ts"
import { askForCurrency } from "../wallet/currency.ts"
import { askToCancel, askToRefund } from "./questions.ts"

/** The actions that are impossible without payment by card. */
const needsCards: ReadonlySet<string> = new Set(["renew", "portal"])

const link = (testId: string, label: string, url: string | undefined): HTMLElement | undefined =>
  url === undefined ? undefined : h("a", { class: "primary compact", href: url, "data-testid": testId }, label)

export const summaryView = (
  subscription: Subscription,
  payments: WalletPayments,
  dialogs: Dialogs,
  showPayment: () => void
): SectionView => {
  const words = h("div", { "data-testid": "summary", role: "status" })
  const deeds = h("div", { class: "deeds" })
  const reason = h("div", { class: "reason" })

  const paysByWallet = () => subscription.summary?.subscription?.method === "web3" && payments.chains.length > 0

  const askToRenew = (title: string): void => {
    const own = subscription.summary?.subscription
    if (own === undefined) return
    askForCurrency(dialogs, payments, {
      purpose: { type: "renewal" },
      title,
      words: renewalWords(own, subscription.plans),
      done: showPayment
    })
  }

  const renew = () => paysByWallet() ? askToRenew("Subscribe again") : void subscription.renew()

  const button = (isFitting: boolean, testId: string, label: string, press: () => void): HTMLElement | undefined => {
    if (!isFitting) return undefined
    const made = actionButton(testId, label, press)
    const isByWallet = testId === "renew" && paysByWallet()
    made.disabled = subscription.busy || (subscription.isWithoutCards && needsCards.has(testId) && !isByWallet)
    return made
  }

  const buttons = (): ReadonlyArray<HTMLElement> => {
    const { fitting } = subscription
    if (fitting === undefined) return []
    const {
      cancel,
      pay,
      payChange,
      payInvoice,
      payLifetime,
      portal,
      refund,
      renew: mayRenew,
      renewEarly,
      undoCancel,
      undoChange,
      withdrawLifetime
    } = fitting
    const ordered = pay === undefined && cancel === "withdraw" ? "Pay now" : "Pay for the lifetime membership"
    const ask = () => askToCancel(dialogs, subscription)
    return [
      link("pay", "Pay now", pay),
      link("pay-lifetime", ordered, payLifetime),
      link("pay-invoice", "Pay the open invoice", payInvoice),
      link("pay-change", "Pay the difference", payChange),
      button(undoChange, "undo-change", "Cancel the change", () => void subscription.undoChange()),
      button(mayRenew, "renew", "Subscribe again", renew),
      button(renewEarly, "renew-early", "Pay for the next period", () => askToRenew("Pay for the next period")),
      button(undoCancel, "undo-cancel", "Undo the cancellation", () => void subscription.undoCancel()),
      button(cancel === "withdraw", "cancel", "Cancel the order", () => void subscription.withdraw()),
      button(
        withdrawLifetime !== undefined,
        "withdraw-lifetime",
        "Cancel the order",
        () => void subscription.withdraw(withdrawLifetime)
      ),
      button(cancel === "at-end-or-now", "cancel", "Cancel the subscription", ask),
      button(cancel === "at-once", "cancel", "End the subscription", ask),
      button(refund, "refund", "Request a refund", () => askToRefund(dialogs, subscription)),
      button(portal, "portal", "Manage invoices and card", () => void subscription.portal())
    ].filter((made) => made !== undefined)
  }

  const drawWords = renderer(words, (_: unknown) => {
    const { plans, summary } = subscription
    if (summary === undefined) return [h("p", { class: "small" }, "Loading…")]
    return [
      h("p", { class: "tier", "data-testid": "tier", "data-tier": summary.tier }, tierName(summary.tier)),
      ...summaryWords(summary, plans).map((line) =>
        h("p", { "data-testid": "subscription-state", "data-state": summary.subscription?.state }, line)
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
    h("h2", {}, "Current plan"),
    words,
    deeds,
    reason
  )
  return {
    element,
    update: () => {
      const { busy, fitting, isWithoutCards, plans, refusal, summary } = subscription
      drawWords([summary, plans])
      drawDeeds([fitting, busy, isWithoutCards, payments.chains])
      deeds.hidden = deeds.childElementCount === 0
      drawReason(refusal)
      element.setAttribute("aria-busy", `${busy}`)
    }
  }
}

/** The plans side by side, with what can be done about each. */
import { type Period, type Plan } from "../../dchat-subscription.ts"
import { offerOf } from "../../fitting.ts"
import { featureName, limitWords } from "../../limit-words.ts"
import { withoutCards } from "../../plan-refusals.ts"
import { closedWords, money, periodAdverbs, periodWords, tierName } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { type WalletPayments } from "../../wallet/wallet-payments.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { type Dialogs } from "../dialogs.ts"
import { h, renderer } from "../dom.ts"
import { askForCurrency } from "../wallet/currency.ts"
import { askToChange } from "./questions.ts"

const periods: ReadonlyArray<readonly [Period | "nft", string]> = [
  ["monthly", "Monthly"],
  ["yearly", "Yearly"],
  ["nft", "Lifetime"]
]

export const plansView = (
  subscription: Subscription,
  payments: WalletPayments,
  dialogs: Dialogs,
  showPayment: () => void
): SectionView => {
  const list = h("ul", { class: "plans" })
  const noCards = h(
    "p",
    { class: "problem", id: "no-cards", role: "alert", hidden: true, "data-testid": "no-cards" },
    withoutCards
  )

  const radio = (period: Period | "nft") =>
    h("input", {
      type: "radio",
      name: "period",
      value: period,
      "data-testid": `period-${period}`,
      onchange: () => subscription.choose(period)
    })
  const radios = periods.map(([period, label]) => ({ period, label, input: radio(period) }))
  const choice = h(
    "fieldset",
    { class: "periods" },
    h("legend", { class: "small" }, "How do you want to pay?"),
    ...radios.map(({ input, label }) => h("label", {}, input, ` ${label}`))
  )

  const button = (deed: "subscribe" | "change", tier: string): HTMLElement => {
    const { period, summary } = subscription
    const name = tierName(tier)
    if (deed === "subscribe" || period === "nft") {
      const label = period === "nft" ? `Buy ${name}` : `Subscribe to ${name}`
      return actionButton(`subscribe-${tier}`, label, () => void subscription.order(tier), "primary")
    }
    const label = summary?.subscription?.tier === tier ? `Pay ${periodAdverbs[period]} instead` : `Change to ${name}`
    const ask = () => void askToChange(dialogs, subscription, { tier, period })
    return actionButton(`change-${tier}`, label, ask)
  }

  const walletButton = ({ prices, tier }: Plan): HTMLButtonElement => {
    const { busy, period, summary } = subscription
    const name = tierName(tier)
    const ask = () =>
      askForCurrency(dialogs, payments, {
        purpose: { type: "order", tier, period },
        title: `Pay for ${name} with a wallet`,
        words: `${name} costs ${money(prices[period])} ${periodWords[period]}.${
          period === "nft" ? "" : " The plan does not renew by itself."
        }`,
        done: showPayment
      })
    const made = actionButton(`wallet-${tier}`, "Pay with a wallet", ask)
    made.setAttribute("aria-label", `Pay for ${name} with a wallet`)
    made.disabled = busy || summary === undefined
    return made
  }

  const foot = (plan: Plan): HTMLElement => {
    const { tier } = plan
    const { busy, isWithoutCards, period, plans, summary } = subscription
    const offer = offerOf(summary, plans, { tier, period })
    if (offer.type !== "open") {
      return h("p", { class: "small", "data-testid": `offer-${tier}`, "data-offer": offer.type }, closedWords(offer))
    }
    const made = button(offer.deed, tier)
    made.toggleAttribute("disabled", busy || isWithoutCards || summary === undefined)
    if (isWithoutCards) made.setAttribute("aria-describedby", noCards.id)
    const isByWallet = offer.deed === "subscribe" && payments.chains.length > 0
    if (offer.replaces !== true && !isByWallet) return made
    return h(
      "div",
      { class: "foot" },
      offer.replaces === true && h("p", { class: "small" }, "Your subscription then ends with its paid period."),
      h("div", { class: "deeds" }, made, isByWallet && walletButton(plan))
    )
  }

  const card = (plan: Plan): HTMLElement => {
    const { period, summary } = subscription
    const isMine = summary?.tier === plan.tier
    return h(
      "li",
      { class: isMine ? "plan mine" : "plan", "data-testid": `plan-${plan.tier}` },
      h(
        "div",
        { class: "line" },
        h("h3", { class: "grow" }, tierName(plan.tier)),
        isMine && h("span", { class: "badge", "data-testid": `mine-${plan.tier}` }, "Your plan")
      ),
      h(
        "p",
        { class: "price" },
        plan.prices[period].minorUnits === 0 ? "Free of charge" : `${money(plan.prices[period])} ${periodWords[period]}`
      ),
      h(
        "ul",
        { class: "points small" },
        ...limitWords(plan.limits).map(({ words }) => h("li", {}, words)),
        ...plan.features.map((feature) => h("li", {}, featureName(feature)))
      ),
      foot(plan)
    )
  }

  const draw = renderer(list, (_: unknown) => subscription.plans.map(card))
  const element = h(
    "section",
    { class: "card part", "aria-label": "Plans", "data-testid": "plans" },
    h("h2", {}, "Plans"),
    choice,
    noCards,
    list
  )
  return {
    element,
    update: () => {
      const { busy, isWithoutCards, period, plans, summary } = subscription
      for (const { input, period: offered } of radios) input.checked = offered === period
      noCards.hidden = !isWithoutCards
      draw([plans, period, summary, busy, isWithoutCards, payments.chains])
    }
  }
}

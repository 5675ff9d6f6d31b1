/** The plans side by side, with what can be done about each. */
import { type OwnSubscription, type Period, type Plan } from "../../dchat-subscription.ts"
import { amount, featureName, limitNames, money, periodWords, tierName } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { actionButton, type SectionView } from "../account/section.ts"
import { type Dialogs } from "../dialogs.ts"
import { h, renderer } from "../dom.ts"
import { askToChange } from "./questions.ts"

const periods: ReadonlyArray<readonly [Period | "nft", string]> = [
  ["monthly", "By the month"],
  ["yearly", "By the year"],
  ["nft", "For good"]
]

const isLive = (subscription: OwnSubscription | undefined): boolean =>
  subscription !== undefined && ["active", "past_due", "suspended"].includes(subscription.state)

export const plansView = (subscription: Subscription, dialogs: Dialogs): SectionView => {
  const list = h("ul", { class: "plans" })

  const choice = h(
    "fieldset",
    { class: "periods" },
    h("legend", { class: "small" }, "How do you want to pay?"),
    ...periods.map(([period, label]) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name: "period",
          value: period,
          checked: period === "monthly",
          "data-testid": `period-${period}`,
          onchange: () => subscription.choose(period)
        }),
        ` ${label}`
      )
    )
  )

  const deed = ({ tier }: Plan): Node => {
    const { period, standing } = subscription
    const own = standing?.subscription
    if (tier === subscription.plans[0]?.tier) return h("p", { class: "small" }, "For everybody.")
    const isHeld = standing?.membership?.tier === tier && standing.membership.state === "held"
    const isMine = isHeld || (isLive(own) && own?.tier === tier && own.period === period)
    if (isMine) return h("span", { class: "badge", "data-testid": `mine-${tier}` }, "Your plan")
    const name = tierName(tier)
    const button = isLive(own) && period !== "nft"
      ? actionButton(
        `change-${tier}`,
        `Change to ${name}`,
        () => void askToChange(dialogs, subscription, { tier, period })
      )
      : actionButton(
        `subscribe-${tier}`,
        period === "nft" ? `Buy ${name}` : `Subscribe to ${name}`,
        () => void subscription.order(tier),
        "primary"
      )
    button.disabled = subscription.busy || standing === undefined
    return button
  }

  const card = (plan: Plan): HTMLElement =>
    h(
      "li",
      { class: "plan", "data-testid": `plan-${plan.tier}` },
      h("h3", {}, tierName(plan.tier)),
      h(
        "p",
        { class: "price" },
        plan.prices.monthly.minorUnits === 0
          ? "Free"
          : `${money(plan.prices[subscription.period])} ${periodWords[subscription.period]}`
      ),
      h(
        "ul",
        { class: "points small" },
        ...Object.entries(plan.limits).map(([name, value]) =>
          h("li", {}, `${limitNames[name] ?? name}: ${amount(name, value)}`)
        ),
        ...plan.features.map((feature) => h("li", {}, featureName(feature)))
      ),
      deed(plan)
    )

  const draw = renderer(list, (_: unknown) => subscription.plans.map(card))
  const element = h("section", { class: "card part", "aria-label": "Plans" }, h("h2", {}, "Plans"), choice, list)
  return {
    element,
    update: () => draw([subscription.plans, subscription.period, subscription.standing, subscription.busy])
  }
}

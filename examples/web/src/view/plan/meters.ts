/** How much of the plan is used. */
import { type Usage } from "../../dchat-subscription.ts"
import { amount, day, limitNames } from "../../plan-words.ts"
import { type Subscription } from "../../subscription.ts"
import { type SectionView } from "../account/section.ts"
import { h, renderer } from "../dom.ts"

const meter = ({ feature, limit, resetsAt, used }: Usage): HTMLElement => {
  const name = limitNames[feature] ?? feature
  const words = `${amount(feature, used)} of ${amount(feature, limit)}`
  return h(
    "li",
    { "data-testid": `usage-${feature}` },
    h("span", { class: "small" }, `${name}: ${words}${resetsAt === undefined ? "" : `, anew on ${day(resetsAt)}`}`),
    limit !== "unlimited" && h("meter", { min: 0, max: Math.max(1, limit), value: used, "aria-label": name }, words)
  )
}

export const metersView = (subscription: Subscription): SectionView => {
  const list = h("ul", { class: "meters" })
  const draw = renderer(list, (usage: ReadonlyArray<Usage>) => usage.map(meter))
  const element = h("section", { class: "card part", "aria-label": "Usage" }, h("h2", {}, "Usage"), list)
  return {
    element,
    update: () => {
      const usage = subscription.entitled?.usage ?? []
      element.hidden = usage.length === 0
      draw(usage)
    }
  }
}

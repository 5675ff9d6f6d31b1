/** The features of the plan, and their usage. */
import { type Entitled, type Usage } from "../../dchat-subscription.ts"
import { featureName, limitName, limitWords, usageWords } from "../../limit-words.ts"
import { type Subscription } from "../../subscription.ts"
import { type SectionView } from "../account/section.ts"
import { h, renderer } from "../dom.ts"

const meter = (usage: Usage): HTMLElement => {
  const { feature, limit, used } = usage
  const words = usageWords(usage)
  const bar = limit !== "unlimited" && limit > 0 && h("meter", {
    min: 0,
    max: limit,
    high: limit * 0.9,
    value: used,
    "aria-label": limitName(feature)
  }, words)
  return h("li", { "data-testid": `usage-${feature}` }, h("span", { class: "small" }, words), bar)
}

const metersOf = ({ usage = [] }: Entitled): ReadonlyArray<HTMLElement> =>
  usage.length === 0 ? [] : [h("ul", { class: "meters", "data-testid": "usage" }, ...usage.map(meter))]

/** Counted features have a meter; the others are named. */
const draw = (entitled: Entitled | undefined): ReadonlyArray<HTMLElement> => {
  if (entitled === undefined) return []
  const counted = new Set((entitled.usage ?? []).map(({ feature }) => feature))
  const limits = limitWords(entitled.limits).filter(({ name }) => !counted.has(name))
  return [
    ...metersOf(entitled),
    h(
      "ul",
      { class: "points small", "data-testid": "entitlements" },
      ...limits.map(({ name, words }) => h("li", { "data-testid": `limit-${name}` }, words)),
      ...entitled.features.map((feature) => h("li", { "data-testid": `feature-${feature}` }, featureName(feature)))
    )
  ]
}

export const metersView = (subscription: Subscription): SectionView => {
  const content = h("div", { class: "part" })
  const render = renderer(content, draw)
  const title = "Limits and features"
  const element = h("section", { class: "card part", "aria-label": title }, h("h2", {}, title), content)
  return {
    element,
    update: () => {
      element.hidden = subscription.entitled === undefined
      render(subscription.entitled)
    }
  }
}

/** The activity of the account, the newest first. */
import { type Account } from "../../account.ts"
import { moment } from "../../call-words.ts"
import { type Activity } from "../../dchat-identity.ts"
import { activityWords, agentWords } from "../../identity-words.ts"
import { h, renderer } from "../dom.ts"
import { actionButton, type SectionView, sectionView } from "./section.ts"

const placeWords = ({ by }: Activity): string => {
  if (by.type === "system") return " · By the system"
  if (by.type === "admin") return ` · By an administrator: ${by.reason}`
  return ["", agentWords(by.userAgent), ...(by.address === undefined ? [] : [by.address])].join(" · ")
}

const activityRow = (activity: Activity, addresses: ReadonlyMap<string, string>): HTMLElement =>
  h(
    "li",
    { class: "owned", "data-testid": "activity-item", "data-type": activity.type },
    h(
      "span",
      { class: "about" },
      h("span", {}, activityWords(activity, addresses)),
      h("span", { class: "small" }, h("time", { datetime: activity.at }, moment(activity.at)), placeWords(activity))
    )
  )

export const activityView = (account: Account): SectionView => {
  const list = h("ul", { class: "list", "aria-label": "Account activity" })
  const draw = renderer(
    list,
    ([items, addresses]: readonly [ReadonlyArray<Activity>, ReadonlyArray<[string, string]>]) =>
      items.map((item) => activityRow(item, new Map(addresses)))
  )
  const more = h("div", { class: "deeds" }, actionButton("more-activity", "Show more", () => void account.showMore()))
  return sectionView({ account, name: "activity", title: "Activity" }, [list, more], () => {
    const known = [...account.user.wallets, ...account.activity.flatMap(({ wallet }) => wallet ?? [])]
    const addresses = known.flatMap(({ address, id }): Array<[string, string]> =>
      address === undefined ? [] : [[id, address]]
    )
    draw([account.activity, addresses])
    more.hidden = account.moreActivity === undefined
  })
}

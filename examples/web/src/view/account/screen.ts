/** The account screen: opened from the header, at `#account`. */
import { type Account } from "../../account.ts"
import { h, icon } from "../dom.ts"
import { activityView } from "./activity.ts"
import { type LeavingOptions, leavingView } from "./leaving.ts"
import { linkedInView } from "./linkedin.ts"
import { profileView } from "./profile.ts"
import { type SectionView } from "./section.ts"
import { sessionsView } from "./sessions.ts"
import { walletsView } from "./wallets.ts"

export const accountHash = "#account"

const stack = (parts: ReadonlyArray<SectionView>): HTMLElement =>
  h("div", { class: "stack" }, ...parts.map(({ element }) => element))

export const accountView = (account: Account, leaving: LeavingOptions): SectionView => {
  const left = [profileView(account), linkedInView(account), walletsView(account)]
  const right = [sessionsView(account), activityView(account), leavingView(leaving)]
  const element = h(
    "main",
    { class: "account", "data-testid": "account" },
    h(
      "div",
      { class: "title" },
      h(
        "a",
        { class: "round", href: "#", "aria-label": "Back to people and calls", "data-testid": "close-account" },
        icon("back")
      ),
      h("h1", { tabindex: -1 }, "Your account")
    ),
    h("div", { class: "columns" }, stack(left), stack(right))
  )
  return {
    element,
    update: () => {
      for (const { update } of [...left, ...right]) update()
    }
  }
}

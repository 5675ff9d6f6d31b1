/** A part of the account screen: a title, what it shows, and the reason when something in it was refused. */
import { type Account, type Refusal } from "../../account.ts"
import { type Intent, type Section, sectionOf } from "../../intent.ts"
import { h } from "../dom.ts"

export interface SectionView {
  readonly element: HTMLElement
  readonly update: () => void
}

export const actionButton = (testId: string, label: string, press: () => void, style = "quiet"): HTMLButtonElement =>
  h("button", { type: "button", class: `${style} compact`, "data-testid": testId, onclick: press }, label)

/** A button for an action on the account. `about` names its row to screen readers. */
export const intentButton = (
  account: Account,
  intent: Intent,
  { about, label, testId }: { readonly about?: string; readonly label: string; readonly testId: string }
): HTMLButtonElement => {
  const button = actionButton(testId, label, () => void account.perform(intent))
  if (about !== undefined) button.setAttribute("aria-label", `${label}: ${about}`)
  return button
}

export const sectionView = (
  { account, name, title }: { readonly account: Account; readonly name: Section; readonly title: string },
  content: ReadonlyArray<Node>,
  update: () => void
): SectionView => {
  const reason = h("div", { class: "reason" })
  let shown: Refusal | undefined
  const element = h("section", { class: "card part", "aria-label": title }, h("h2", {}, title), ...content, reason)
  return {
    element,
    update: () => {
      update()
      element.setAttribute("aria-busy", `${account.busy !== undefined && sectionOf(account.busy) === name}`)
      const refusal = account.refusal?.section === name ? account.refusal : undefined
      if (refusal === shown) return
      shown = refusal
      if (refusal === undefined) return reason.replaceChildren()
      const about = { class: "problem", role: "alert", "data-testid": "refusal", "data-code": refusal.code }
      reason.replaceChildren(h("p", about, refusal.words))
      reason.scrollIntoView({ block: "nearest" })
    }
  }
}

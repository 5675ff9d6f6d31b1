/** The public profile of a user: name, company, position. */
import { type Account } from "../../account.ts"
import { h } from "../dom.ts"
import { type SectionView, sectionView } from "./section.ts"

const fields = [
  { key: "displayName", label: "Name", testId: "account-name", autocomplete: "name", longest: 80 },
  { key: "company", label: "Company", testId: "account-company", autocomplete: "organization", longest: 120 },
  { key: "position", label: "Position", testId: "account-position", autocomplete: "organization-title", longest: 120 }
] as const

export const profileView = (account: Account): SectionView => {
  const inputs = fields.map(({ autocomplete, key, label, longest, testId }) => {
    const input = h("input", { type: "text", maxlength: longest, autocomplete, "data-testid": testId })
    const known = () => account.user[key] ?? ""
    let last = ""
    return {
      key,
      label: h("label", { class: "entry" }, h("span", {}, label), h("span", { class: "field" }, input)),
      /** The text that the user is writing stays. */
      update: () => {
        if (input.value === last) input.value = known()
        last = known()
      },
      changed: () => input.value.trim() === known() ? undefined : input.value.trim()
    }
  })
  const save = (event: Event) => {
    event.preventDefault()
    const changes = inputs.map(({ changed, key }) => [key, changed()] as const).filter(([, value]) =>
      value !== undefined
    )
    void account.perform({ type: "save-profile", fields: Object.fromEntries(changes) })
  }
  const form = h(
    "form",
    { class: "part", onsubmit: save },
    ...inputs.map(({ label }) => label),
    h("p", { class: "small" }, "Other users see your name and find you by it."),
    h("button", { type: "submit", class: "primary compact", "data-testid": "save-profile" }, "Save")
  )
  return sectionView({ account, name: "profile", title: "Profile" }, [form], () => {
    for (const { update } of inputs) update()
  })
}

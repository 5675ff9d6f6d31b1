/** Who I am: the name that others see, the address to hand out, and the way out. */
import { shortAddress } from "../people.ts"
import { avatar, h, icon, iconButton } from "./dom.ts"

export interface HeaderOptions {
  readonly id: string
  readonly name: string
  readonly address: string | undefined
  readonly throwAway: boolean
  readonly rename: (name: string) => Promise<boolean>
  readonly signOut: () => void
}

export const headerView = ({ address, id, name, rename, signOut, throwAway }: HeaderOptions): HTMLElement => {
  const shown = h("span", { class: "name", "data-testid": "my-name" }, name)
  const face = h("span", { class: "face" }, avatar(id, name))
  const field = h("input", { type: "text", maxlength: 80, "aria-label": "Your name", "data-testid": "name-field" })
  const edit = iconButton("pencil", "Change your name", {
    class: "round tiny",
    "data-testid": "edit-name",
    onclick: () => turn(true)
  })
  const form = h(
    "form",
    {
      hidden: true,
      class: "rename",
      onsubmit: (event) => {
        event.preventDefault()
        const wanted = field.value.trim()
        if (wanted === "" || wanted === shown.textContent) return turn(false)
        rename(wanted).then((done) => {
          if (!done) return
          shown.textContent = wanted
          face.replaceChildren(avatar(id, wanted))
          turn(false)
        }).catch(() => {})
      },
      onkeydown: (event) => {
        if ((event as KeyboardEvent).key === "Escape") turn(false)
      }
    },
    field,
    h("button", { type: "submit", class: "primary compact", "data-testid": "save-name" }, "Save")
  )
  const line = h("span", { class: "line" }, shown, edit)
  const turn = (editing: boolean): void => {
    form.hidden = !editing
    line.hidden = editing
    if (!editing) return edit.focus()
    field.value = shown.textContent?.startsWith("0x") === true ? "" : shown.textContent ?? ""
    field.focus()
  }
  return h(
    "header",
    { class: "top" },
    face,
    h("div", { class: "who" }, line, form, address !== undefined && addressLine(address, throwAway)),
    h("button", { type: "button", class: "quiet compact", "data-testid": "sign-out", onclick: signOut }, "Sign out")
  )
}

const addressLine = (address: string, throwAway: boolean): HTMLElement => {
  const copy = iconButton("copy", "Copy your address", {
    class: "round tiny",
    "data-testid": "copy-address",
    onclick: () => {
      navigator.clipboard.writeText(address).then(() => {
        copy.replaceChildren(icon("check"))
        setTimeout(() => copy.replaceChildren(icon("copy")), 1500)
      }).catch(() => {})
    }
  })
  return h(
    "span",
    { class: "line small" },
    h("code", { "data-testid": "my-address", "data-address": address, title: address }, shortAddress(address)),
    copy,
    throwAway && h("span", {
      class: "badge",
      title: "This key was made in this window and vanishes with it.",
      "data-testid": "throw-away"
    }, "throw-away key")
  )
}

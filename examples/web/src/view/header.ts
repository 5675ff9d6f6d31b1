/** The signed-in user: the public name, the address to share, the ways to the plan, to the account and out. */
import { type User } from "../dchat-identity.ts"
import { isThrowAway } from "../signers.ts"
import { shortAddress } from "../users.ts"
import { avatar, h, icon, iconButton, renderer } from "./dom.ts"

export interface HeaderOptions {
  readonly rename: (name: string) => Promise<boolean>
  readonly signOut: () => void
}

export const headerView = (
  { rename, signOut }: HeaderOptions
): { readonly element: HTMLElement; readonly update: (user: User) => void } => {
  const shown = h("span", { class: "name", "data-testid": "my-name" })
  const face = h("span", { class: "face" })
  const below = h("span", { class: "line small" })
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
          if (done) turn(false)
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
  const drawFace = renderer(face, ({ displayName, id }: User) => [avatar(id, displayName)])
  const drawBelow = renderer(
    below,
    ([address, throwAway]: readonly [string | undefined, boolean]) =>
      address === undefined ? [h("span", {}, "Signed in with LinkedIn")] : addressLine(address, throwAway)
  )
  const element = h(
    "header",
    { class: "top" },
    face,
    h("div", { class: "who" }, line, form, below),
    h("a", { class: "quiet compact", href: "#plan", "data-testid": "open-plan" }, "Plan"),
    h("a", { class: "quiet compact", href: "#account", "data-testid": "open-account" }, "Account"),
    h("button", { type: "button", class: "quiet compact", "data-testid": "sign-out", onclick: signOut }, "Sign out")
  )
  const update = (user: User): void => {
    const address = user.wallets[0]?.address
    shown.textContent = user.displayName
    shown.dataset["userId"] = user.id
    drawFace(user)
    drawBelow([address, address !== undefined && isThrowAway(address)])
  }
  return { element, update }
}

const addressLine = (address: string, throwAway: boolean): ReadonlyArray<Node> => {
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
  const badge = h("span", {
    class: "badge",
    title: "This window made the key. The key is lost when you close the window.",
    "data-testid": "throw-away"
  }, "throw-away key")
  return [
    h("code", { "data-testid": "my-address", "data-address": address, title: address }, shortAddress(address)),
    copy,
    ...(throwAway ? [badge] : [])
  ]
}

/** The search for users by name or address, with their online state, to call one of them or several at once. */
import { callTypeWords, problemWords } from "../call-words.ts"
import { type CallType, type PublicUser } from "../dchat-client.ts"
import { shortAddress, type Users } from "../users.ts"
import { avatar, h, icon, iconButton, renderer } from "./dom.ts"

const typingPause = 250
const refreshEvery = 5000
/** The caller is one of the eight. */
const mostCallees = 7
const typeIcons = { audio: "phone", video: "camera", screen: "screen" } as const

export interface UsersOptions {
  readonly me: string
  readonly users: Users
  /** A hint for a user without other users to call. */
  readonly hint: string
  readonly call: (type: CallType, userIds: ReadonlyArray<string>) => void
}

/** A user in a list: the name, the online state, and the actions. */
export const userRow = (user: PublicUser, ...actions: ReadonlyArray<HTMLElement>): HTMLElement =>
  h(
    "li",
    { class: "user", "data-testid": `user-${user.id}`, "data-online": `${user.online}` },
    h(
      "span",
      { class: "face" },
      avatar(user.id, user.displayName),
      h("span", {
        class: user.online ? "dot online" : "dot",
        role: "img",
        "aria-label": user.online ? "online" : "offline"
      })
    ),
    h(
      "span",
      { class: "about" },
      h("span", { class: "name" }, user.displayName),
      h(
        "span",
        { class: "small" },
        h("span", { class: "status" }, user.online ? "online" : "offline", user.wallet !== undefined && " · "),
        user.wallet !== undefined && h("code", {}, shortAddress(user.wallet))
      )
    ),
    h("span", { class: "actions" }, ...actions)
  )

/** A search field with its results below, refreshed while they are looked at. */
export const searchBox = (
  options: { users: Users; label: string; testId: string; leaveOut: () => ReadonlyArray<string>; empty: string },
  row: (user: PublicUser) => HTMLElement
): { element: HTMLElement; redraw: () => void; stop: () => void } => {
  const list = h("ul", { class: "list", "aria-label": "Found users" })
  const message = h("p", { class: "small hint", role: "status" }, options.empty)
  const field = h("input", {
    type: "search",
    placeholder: "Name or 0x… address",
    "aria-label": options.label,
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": options.testId
  })
  let found: ReadonlyArray<PublicUser> = []
  let newest = 0
  let pause: ReturnType<typeof setTimeout> | undefined
  const draw = renderer(list, ([users]: readonly [ReadonlyArray<PublicUser>, number]) => users.map(row))
  let revision = 0
  const show = (words: string) => {
    const left = options.leaveOut()
    draw([found.filter(({ id }) => !left.includes(id)), revision])
    message.textContent = words
  }
  const search = async () => {
    const query = field.value.trim()
    const mine = ++newest
    try {
      const users = query === "" ? [] : await options.users.search(query)
      if (mine !== newest) return
      found = users.toSorted((one, other) => Number(other.online) - Number(one.online))
      const visible = found.some(({ id }) => !options.leaveOut().includes(id))
      show(query === "" ? options.empty : visible ? "" : "No user has this name or address.")
    } catch (problem) {
      if (mine === newest) message.textContent = problemWords(problem)
    }
  }
  field.addEventListener("input", () => {
    clearTimeout(pause)
    pause = setTimeout(() => void search(), typingPause)
  })
  const refresh = setInterval(() => {
    if (!document.hidden && field.value.trim() !== "") void search()
  }, refreshEvery)
  return {
    element: h("div", { class: "search" }, h("label", { class: "field" }, icon("search"), field), message, list),
    redraw: () => {
      revision++
      show(message.textContent ?? "")
    },
    stop: () => {
      clearInterval(refresh)
      clearTimeout(pause)
    }
  }
}

export const usersView = ({ call, hint, me, users }: UsersOptions): { element: HTMLElement; stop: () => void } => {
  const chosen = new Map<string, PublicUser>()
  const bar = h("div", { class: "selection", hidden: true, role: "group", "aria-label": "Call the selected users" })

  const clear = () => {
    chosen.clear()
    drawBar()
    box.redraw()
  }
  const drawBar = () => {
    bar.hidden = chosen.size === 0
    const ids = [...chosen.keys()]
    const words = chosen.size > mostCallees ? `At most ${mostCallees} users` : users.names(ids)
    const start = (type: CallType) =>
      h(
        "button",
        {
          type: "button",
          class: "primary compact",
          disabled: chosen.size > mostCallees,
          "data-testid": `call-selected-${type}`,
          onclick: () => call(type, ids)
        },
        icon(typeIcons[type]),
        type === "audio" ? "Call" : "Video"
      )
    const none = iconButton("close", "Clear the selection", {
      class: "round tiny",
      "data-testid": "select-none",
      onclick: clear
    })
    bar.replaceChildren(none, h("span", { class: "grow" }, words), start("audio"), start("video"))
  }

  const row = (user: PublicUser): HTMLElement => {
    const callButton = (type: CallType) =>
      iconButton(typeIcons[type], `${callTypeWords[type]} with ${user.displayName}`, {
        "data-testid": `call-${type}-${user.id}`,
        onclick: () => call(type, [user.id])
      })
    const select = h("input", {
      type: "checkbox",
      checked: chosen.has(user.id),
      "aria-label": `Select ${user.displayName} for a group call`,
      "data-testid": `select-${user.id}`,
      onchange: () => {
        if (!chosen.delete(user.id)) chosen.set(user.id, user)
        drawBar()
      }
    })
    const element = userRow(user, callButton("audio"), callButton("video"), callButton("screen"))
    element.prepend(h("label", { class: "tick", title: "Select for a group call" }, select))
    return element
  }

  const empty = `Search for a user by name or address. ${hint}`
  const box = searchBox({ users, label: "Find users", testId: "search", leaveOut: () => [me], empty }, row)
  const element = h(
    "section",
    { class: "card users", "aria-label": "People" },
    h("h2", {}, "People"),
    box.element,
    bar
  )
  return { element, stop: box.stop }
}

/** Past calls, newest first: the other users, the outcome, and a button to call again. */
import { others } from "../call-state.ts"
import { clock, moment, outcomeWords, problemWords } from "../call-words.ts"
import { type Call, type CallType, type DchatClient, type Page, type PastCall } from "../dchat-client.ts"
import { type Users } from "../users.ts"
import { avatar, h, iconButton, renderer } from "./dom.ts"

export interface HistoryOptions {
  readonly me: string
  readonly client: DchatClient
  readonly users: Users
  readonly call: (type: CallType, userIds: ReadonlyArray<string>) => void
}

const pageSize = 12
const typeIcons = { audio: "phone", video: "camera", screen: "screen" } as const

export const historyView = (
  { call, client, me, users }: HistoryOptions
): { element: HTMLElement; reload: () => void; update: () => void } => {
  const list = h("ul", { class: "list", "data-testid": "history" })
  const message = h("p", { class: "small hint", role: "status" }, "No calls yet.")
  const more = h("button", { type: "button", class: "quiet compact", hidden: true }, "Show earlier calls")
  let items: ReadonlyArray<PastCall> = []
  let cursor: string | undefined

  const row = (past: PastCall, name: string): HTMLElement => {
    const ids = others(past as PastCall & Call, me).map(({ userId }) => userId)
    const mine = past.initiatorId === me
    const missed = past.outcome === "missed" && !mine
    const words = [past.outcome === "answered" ? clock(past.durationSeconds) : "", outcomeWords(past, me)]
    return h(
      "li",
      {
        class: missed ? "past missed" : "past",
        "data-testid": "history-item",
        "data-outcome": past.outcome,
        "data-direction": mine ? "outgoing" : "incoming"
      },
      h("span", { class: "face" }, avatar(ids[0] ?? past.id, ids.length > 1 ? `${ids.length + 1}` : name)),
      h(
        "span",
        { class: "about" },
        h("span", { class: "name" }, name),
        h(
          "span",
          { class: "small" },
          h("span", { class: "arrow", "aria-hidden": "true" }, mine ? "↗ " : "↙ "),
          words.filter((word) => word !== "").join(" · ")
        )
      ),
      h("time", { class: "small", datetime: past.initiatedAt }, moment(past.initiatedAt)),
      iconButton(typeIcons[past.type], `Call ${name} again`, {
        class: "round",
        "data-testid": "call-again",
        onclick: () => call(past.type, ids)
      })
    )
  }
  const draw = renderer(
    list,
    (rows: ReadonlyArray<readonly [PastCall, string]>) => rows.map(([past, name]) => row(past, name))
  )
  const update = () =>
    draw(items.map((past) => [past, users.names(others(past as PastCall & Call, me).map(({ userId }) => userId))]))

  const load = async (from: string | undefined) => {
    const path = `/api/webrtc/calls/history?limit=${pageSize}${
      from === undefined ? "" : `&cursor=${encodeURIComponent(from)}`
    }`
    try {
      const page = await client.request<Page<PastCall>>("GET", path)
      items = from === undefined ? page.items : [...items, ...page.items]
      cursor = page.nextCursor
      message.textContent = items.length === 0 ? "No calls yet." : ""
      more.hidden = cursor === undefined
      update()
    } catch (problem) {
      message.textContent = problemWords(problem)
    }
  }
  more.addEventListener("click", () => void load(cursor))
  const element = h(
    "section",
    { class: "card history", "aria-label": "Past calls" },
    h("h2", {}, "Calls"),
    message,
    list,
    more
  )
  return { element, reload: () => void load(undefined), update }
}

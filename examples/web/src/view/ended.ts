/** The outcome of the last call, until the user has read it. */
import { others } from "../call-state.ts"
import { clock, endWords } from "../call-words.ts"
import { type Ended } from "../calls.ts"
import { type CallType } from "../dchat-client.ts"
import { type Users } from "../users.ts"
import { avatar, h, iconButton, renderer } from "./dom.ts"

export const endedView = (options: {
  readonly me: string
  readonly users: Users
  readonly call: (type: CallType, userIds: ReadonlyArray<string>) => void
  readonly dismiss: () => void
}): { element: HTMLElement; update: (ended: Ended | undefined) => void } => {
  const element = h("div", { role: "status" })
  type Shown = { ids: ReadonlyArray<string>; name: string; words: string; reason: string; type: CallType }
  const draw = renderer(element, (shown: Shown | undefined) => {
    if (shown === undefined) return []
    const { ids, name, reason, type, words } = shown
    return [
      h(
        "section",
        { class: "card ended" },
        h("span", { class: "face" }, avatar(ids[0] ?? "", name)),
        h(
          "span",
          { class: "about" },
          h("span", { class: "name" }, name),
          h("span", { class: "small", "data-testid": "ended-reason", "data-reason": reason }, words)
        ),
        h("button", { type: "button", class: "primary compact", onclick: () => options.call(type, ids) }, "Call again"),
        iconButton("close", "Close this message", { class: "round tiny", onclick: options.dismiss })
      )
    ]
  })
  const update = (ended: Ended | undefined): void => {
    if (ended === undefined) return draw(undefined)
    const { call, reason, seconds } = ended
    const ids = others(call, options.me).map(({ userId }) => userId)
    const caller = call.initiatorId === options.me ? ids : [call.initiatorId]
    const told = endWords(call, reason, options.me, options.users.names(caller))
    const words = seconds >= 1 ? `${told} Duration: ${clock(seconds)}.` : told
    draw({ ids, name: options.users.names(ids), words, reason, type: call.type })
  }
  return { element, update }
}

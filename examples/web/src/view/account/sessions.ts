/** The sessions of the user, and the buttons to end them. */
import { type Account } from "../../account.ts"
import { moment } from "../../call-words.ts"
import { type Session } from "../../dchat-identity.ts"
import { agentWords } from "../../identity-words.ts"
import { h, renderer } from "../dom.ts"
import { intentButton, type SectionView, sectionView } from "./section.ts"

const sessionRow = (account: Account, { address, current, id, lastSeenAt, userAgent }: Session): HTMLElement =>
  h(
    "li",
    { class: "owned", "data-testid": `session-${id}`, "data-current": `${current}` },
    h(
      "span",
      { class: "about" },
      h("span", { class: "name" }, agentWords(userAgent)),
      h(
        "span",
        { class: "small" },
        current ? "Active now" : `Last seen ${moment(lastSeenAt)}`,
        address !== undefined && ` · ${address}`
      )
    ),
    current
      ? h("span", { class: "badge", "data-testid": "this-session" }, "this session")
      : intentButton(account, { type: "end-session", sessionId: id }, {
        label: "End",
        testId: `end-session-${id}`,
        about: `${agentWords(userAgent)}, last seen ${moment(lastSeenAt)}`
      })
  )

export const sessionsView = (account: Account): SectionView => {
  const list = h("ul", { class: "list", "aria-label": "Your sessions" })
  const draw = renderer(
    list,
    (sessions: ReadonlyArray<Session>) => sessions.map((session) => sessionRow(account, session))
  )
  const others = h(
    "div",
    { class: "deeds" },
    intentButton(account, { type: "end-other-sessions" }, {
      label: "End all other sessions",
      testId: "end-other-sessions"
    })
  )
  const hint = "When you link or unlink LinkedIn or a wallet, all other sessions end."
  const content = [list, others, h("p", { class: "small" }, hint)]
  return sectionView({ account, name: "sessions", title: "Where you are signed in" }, content, () => {
    draw(account.sessions.toSorted((one, other) => Number(other.current) - Number(one.current)))
    others.hidden = account.sessions.length < 2
  })
}

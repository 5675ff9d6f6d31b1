/** The sheet that rises on an incoming call. */
import { others } from "../call-state.ts"
import { callTypeWords } from "../call-words.ts"
import { type Session } from "../calls.ts"
import { type CallType } from "../dchat-client.ts"
import { type Users } from "../users.ts"
import { avatar, h, icon, renderer } from "./dom.ts"

export interface IncomingOptions {
  readonly me: string
  readonly users: Users
  readonly accept: (session: Session, type: CallType) => void
  readonly decline: (session: Session) => void
}

export const incomingView = (
  { accept, decline, me, users }: IncomingOptions
): { element: HTMLElement; update: (session: Session | undefined, busy: boolean, inCall: boolean) => void } => {
  const element = h("div", { class: "veil", hidden: true })
  let ringing: Session | undefined
  const button = (testId: string, style: string, label: string, press: (session: Session) => void, busy: boolean) =>
    h(
      "button",
      {
        type: "button",
        class: style,
        disabled: busy,
        "data-testid": testId,
        onclick: () => ringing !== undefined && press(ringing)
      },
      icon(testId === "decline" ? "hangUp" : testId === "accept-video" ? "camera" : "phone"),
      label
    )
  type Shown = {
    id: string
    from: string
    name: string
    proof: string
    words: string
    video: boolean
    busy: boolean
    inCall: boolean
  }
  const draw = renderer(element, (shown: Shown | undefined) => {
    if (shown === undefined) return []
    const { busy, from, inCall, name, proof, video, words } = shown
    const answer = inCall ? "Hang up and accept" : "Accept"
    return [
      h(
        "section",
        { class: "sheet", role: "alertdialog", "aria-labelledby": "incoming-name", "data-testid": "incoming" },
        h("span", { class: "pulse" }, avatar(from, name)),
        h("h2", { id: "incoming-name" }, name),
        h("p", { class: "small", "data-testid": "incoming-proof" }, proof),
        h("p", { class: "small" }, busy ? "Waiting for your microphone…" : words),
        h(
          "div",
          { class: "choices" },
          button("decline", "danger", "Decline", decline, false),
          ...(video
            ? [
              button("accept-audio", "quiet", "Accept without video", (session) => accept(session, "audio"), busy),
              button("accept", "success", `${answer} with video`, (session) => accept(session, "video"), busy)
            ]
            : [
              button("accept-video", "quiet", "Accept with video", (session) => accept(session, "video"), busy),
              button("accept", "success", answer, (session) => accept(session, "audio"), busy)
            ])
        )
      )
    ]
  })
  const update = (session: Session | undefined, busy: boolean, inCall: boolean): void => {
    const appears = ringing === undefined && session !== undefined
    ringing = session
    element.hidden = session === undefined
    if (session === undefined) return draw(undefined)
    const { call } = session
    const rest = others(call, me).filter(({ userId }) => userId !== call.initiatorId)
    const kind = callTypeWords[call.type].toLowerCase()
    draw({
      id: call.id,
      from: call.initiatorId,
      name: users.name(call.initiatorId),
      proof: users.proof(call.initiatorId),
      words: [
        rest.length === 0
          ? `Incoming ${kind}`
          : `Incoming ${kind} with ${users.names(rest.map((one) => one.userId))}`,
        ...(call.recording === undefined ? [] : ["This call is being recorded"])
      ].join(". "),
      video: call.type === "video",
      busy,
      inCall
    })
    if (appears) element.querySelector<HTMLElement>("[data-testid=accept]")?.focus()
  }
  return { element, update }
}

/** A call from inside: the tiles, how it stands, and the buttons. */
import { isActive, isPending, others, present } from "../call-state.ts"
import { clock, recordingWords } from "../call-words.ts"
import { type Calls, type TakingPart } from "../calls.ts"
import { type Users } from "../users.ts"
import { h, type Icon, icon, iconButton } from "./dom.ts"
import { Stage } from "./stage.ts"
import { searchBox, userRow } from "./users.ts"

type Progress = "initiated" | "ringing" | "connecting" | "connected" | "reconnecting" | "alone"
const words: Record<Progress, string> = {
  initiated: "Calling…",
  ringing: "Ringing…",
  connecting: "Connecting…",
  connected: "Connected",
  reconnecting: "Reconnecting…",
  alone: "No other participant is in the call"
}

export const progressOf = ({ call, links }: TakingPart, me: string): Progress => {
  if (call.state === "initiated" || call.state === "ringing") return call.state
  const users = present(call, me)
  if (users.length === 0) return "alone"
  if (!users.some(isActive) && users.some(isPending)) return "ringing"
  const transports = new Set([...links.values()].map(({ transport }) => transport))
  if (transports.has("up")) return "connected"
  return transports.has("down") ? "reconnecting" : "connecting"
}

/** A round button with a state: pressed means that something is on. */
const toggle = (name: Icon, testId: string, press: () => void): HTMLButtonElement =>
  iconButton(name, "", { class: "round big", "data-testid": testId, onclick: press })
const setToggle = (button: HTMLButtonElement, on: boolean, label: string): void => {
  button.setAttribute("aria-pressed", `${on}`)
  button.setAttribute("aria-label", label)
  button.title = label
}

export const callView = (
  { calls, me, users }: { calls: Calls; me: string; users: Users }
): { element: HTMLElement; update: (session: TakingPart | undefined) => void } => {
  const stage = new Stage(me, users)
  const title = h("h2", {})
  const state = h("span", { "data-testid": "call-state", role: "status" })
  const duration = h("span", { "data-testid": "call-duration", class: "clock", hidden: true }, "0:00")
  const recording = h("p", { class: "recording", "data-testid": "recording", role: "status", hidden: true })
  const mute = toggle("mic", "mute", () => void calls.change((media) => media.setMuted(!media.muted)))
  const camera = toggle("camera", "camera", () => void calls.change((media) => media.setCamera(!media.state.video)))
  const screen = toggle("screen", "screen", () => void calls.change((media) => media.setScreen(!media.state.screen)))
  const invite = toggle("add", "invite", () => openPanel(panel.hidden !== false))
  const hangUp = iconButton("hangUp", "Hang up", {
    class: "round big danger",
    "data-testid": "hang-up",
    onclick: () => void calls.hangUp()
  })
  const endAll = h("button", {
    type: "button",
    class: "end-all compact",
    hidden: true,
    "data-testid": "end-for-everyone",
    onclick: () => void calls.hangUp(true)
  }, "End for all")
  const panel = h("aside", { class: "panel", hidden: true, "aria-label": "Invite a user" })
  const element = h(
    "section",
    { class: "in-call", hidden: true, "aria-label": "Call" },
    h("div", { class: "call-head" }, title, h("p", {}, state, duration), recording),
    stage.element,
    panel,
    h(
      "div",
      { class: "controls", role: "group", "aria-label": "Call controls" },
      mute,
      camera,
      screen,
      invite,
      hangUp,
      endAll
    )
  )
  let shown: TakingPart | undefined
  let search: { readonly stop: () => void } | undefined
  let clockwork: ReturnType<typeof setInterval> | undefined

  const openPanel = (open: boolean): void => {
    search?.stop()
    search = undefined
    panel.hidden = !open
    invite.setAttribute("aria-expanded", `${open}`)
    if (!open) return panel.replaceChildren()
    const box = searchBox(
      {
        users,
        label: "Find a user to invite",
        testId: "invite-search",
        leaveOut: () => [me, ...(shown === undefined ? [] : present(shown.call, me).map(({ userId }) => userId))],
        empty: "Search for a user by name or address."
      },
      (user) =>
        userRow(
          user,
          h(
            "button",
            {
              type: "button",
              class: "primary compact",
              "data-testid": `invite-${user.id}`,
              onclick: () => {
                openPanel(false)
                void calls.invite(user.id)
              }
            },
            icon("add"),
            "Invite"
          )
        )
    )
    search = box
    const close = iconButton("close", "Close", { class: "round tiny", onclick: () => openPanel(false) })
    panel.replaceChildren(h("div", { class: "line" }, h("h3", {}, "Invite a user"), close), box.element)
    panel.querySelector("input")?.focus()
  }

  const tick = () => {
    if (shown?.since === undefined) return
    duration.hidden = false
    duration.textContent = clock((Date.now() - shown.since) / 1000)
  }

  const update = (session: TakingPart | undefined): void => {
    if (session === undefined) {
      if (shown !== undefined) {
        clearInterval(clockwork)
        stage.clear()
        openPanel(false)
      }
      shown = undefined
      element.hidden = true
      return
    }
    const first = shown === undefined
    if (first) {
      duration.hidden = true
      clockwork = setInterval(tick, 500)
    }
    shown = session
    element.hidden = false
    const { call, media } = session
    const here = present(call, me)
    const now = progressOf(session, me)
    title.textContent = users.names((here.length > 0 ? here : others(call, me)).map(({ userId }) => userId))
    state.textContent = words[now]
    state.dataset["state"] = now
    recording.hidden = call.recording === undefined
    recording.textContent = recordingWords((call.recording ?? []).map(({ by }) => by), me, (id) => users.name(id))
    setToggle(mute, !media.muted, media.muted ? "Turn the microphone on" : "Turn the microphone off")
    setToggle(camera, media.state.video, media.state.video ? "Turn the camera off" : "Turn the camera on")
    setToggle(screen, media.state.screen, media.state.screen ? "Stop sharing the screen" : "Share the screen")
    setToggle(invite, !panel.hidden, "Invite a user")
    screen.hidden = navigator.mediaDevices?.getDisplayMedia === undefined
    invite.disabled = call.state !== "connected"
    endAll.hidden = call.kind !== "group" || call.hostId !== me || call.state !== "connected"
    stage.update(session)
    tick()
    if (first) hangUp.focus()
  }
  return { element, update }
}

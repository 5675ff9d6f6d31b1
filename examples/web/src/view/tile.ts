/** One participant of a call: picture or face, name and state. The elements stay, the streams change. */
import { avatar, h, icon } from "./dom.ts"

export interface TileState {
  readonly name: string
  readonly state: string
  readonly muted: boolean
  readonly main: MediaStream | undefined
  readonly inset: MediaStream | undefined
  /** A shared screen is shown whole, a camera fills the tile. */
  readonly screen: boolean
  readonly mirrored: boolean
  readonly audio: MediaStream | undefined
}

export class Tile {
  readonly element: HTMLElement
  readonly #id: string
  readonly #video: HTMLVideoElement
  readonly #inset: HTMLVideoElement
  readonly #audio: HTMLAudioElement | undefined
  readonly #face = h("span", { class: "face" })
  readonly #name = h("span", {})
  readonly #state = h("span", { class: "state" })
  readonly #mic = h("span", { class: "muted", role: "img", "aria-label": "microphone off", hidden: true }, icon("mic"))
  #named = ""

  constructor(id: string, mine: boolean) {
    this.#id = id
    const video = (testId: string) => {
      const element = h("video", { autoplay: true, playsinline: true, "data-testid": `${testId}-${id}` })
      element.muted = true
      return element
    }
    this.#video = video(mine ? "local-video" : "remote-video")
    this.#inset = video(mine ? "local-inset" : "remote-inset")
    this.#inset.className = "inset"
    this.#audio = mine ? undefined : h("audio", { autoplay: true, "data-testid": `remote-audio-${id}` })
    this.element = h(
      "figure",
      { class: mine ? "tile mine" : "tile", "data-testid": `tile-${id}` },
      this.#video,
      this.#face,
      this.#inset,
      h("figcaption", {}, this.#mic, this.#name, this.#state),
      this.#audio
    )
  }

  update(shown: TileState): void {
    if (this.#named !== shown.name) {
      this.#named = shown.name
      this.#name.textContent = shown.name
      this.#face.replaceChildren(avatar(this.#id, shown.name))
    }
    this.#state.textContent = shown.state
    this.#state.hidden = shown.state === ""
    this.#mic.hidden = !shown.muted
    this.element.classList.toggle("waiting", shown.state !== "")
    this.element.classList.toggle("whole", shown.screen)
    this.element.classList.toggle("mirrored", shown.mirrored)
    show(this.#video, shown.main)
    show(this.#inset, shown.inset)
    this.#face.hidden = shown.main !== undefined
    if (this.#audio !== undefined) play(this.#audio, shown.audio)
  }

  /** Browsers stay silent until the user has clicked; this is called at the click. */
  resume(): void {
    this.#audio?.play().catch(() => {})
  }

  close(): void {
    for (const element of [this.#video, this.#inset, this.#audio]) if (element !== undefined) element.srcObject = null
    this.element.remove()
  }
}

const show = (element: HTMLVideoElement, stream: MediaStream | undefined): void => {
  element.hidden = stream === undefined
  play(element, stream)
}

const play = (element: HTMLMediaElement, stream: MediaStream | undefined): void => {
  if (element.srcObject === (stream ?? null)) return
  element.srcObject = stream ?? null
  if (stream !== undefined) element.play().catch(() => {})
}

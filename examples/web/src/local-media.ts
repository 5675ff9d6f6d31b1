/** The media that this window sends: the microphone, the camera and a shared screen, each requested at its first use. */
import { type CallType, type Media } from "./dchat-client.ts"

export type Slot = "audio" | "camera" | "screen"
export const slots: ReadonlyArray<Slot> = ["audio", "camera", "screen"]

/** The reason why a device cannot be used, in words for the user. */
export class MediaRefused extends Error {}

const refusal = (device: string, cause: unknown): MediaRefused => {
  const name = cause instanceof DOMException ? cause.name : ""
  if (name === "NotAllowedError") {
    return new MediaRefused(`You did not allow the ${device}. Allow it in the browser's address bar and try again.`)
  }
  if (name === "NotFoundError") {
    return new MediaRefused(`The browser finds no ${device}. Connect a ${device} and try again.`)
  }
  if (name === "NotReadableError") {
    return new MediaRefused(`Another program uses the ${device}. Close that program and try again.`)
  }
  return new MediaRefused(`The ${device} could not be started. Try again.`)
}

const open = async (device: string, ask: () => Promise<MediaStream>): Promise<Array<MediaStreamTrack>> => {
  if (navigator.mediaDevices === undefined) {
    throw new MediaRefused(
      "The browser allows camera and microphone only on https or localhost. Open this page on https."
    )
  }
  try {
    return (await ask()).getTracks()
  } catch (cause) {
    throw refusal(device, cause)
  }
}
const openMicrophone = () => open("microphone", () => navigator.mediaDevices.getUserMedia({ audio: true }))
const openCamera = () =>
  open(
    "camera",
    () =>
      navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: "user" }
      })
  )
const openScreen = () => open("screen", () => navigator.mediaDevices.getDisplayMedia({ video: true }))

export class LocalMedia {
  readonly #tracks: Partial<Record<Slot, MediaStreamTrack>> = {}
  /** Told whenever a track comes, goes, or is muted. */
  onChange: () => void = () => {}
  /** Requested devices that are missing, if the call can continue without them. */
  shortfall: string | undefined

  /**
   * Asks for what a call of this type needs. Without a microphone there is no call; without a camera there is one.
   * The screen comes first, because browsers offer it only shortly after a click.
   */
  static async open(type: CallType): Promise<LocalMedia> {
    const media = new LocalMedia()
    try {
      if (type === "screen") media.#put("screen", await openScreen())
      media.#put("audio", await openMicrophone())
    } catch (cause) {
      media.stop()
      throw cause
    }
    if (type === "video") {
      await openCamera().then(
        (tracks) => media.#put("camera", tracks),
        (cause: Error) => media.shortfall = cause.message
      )
    }
    return media
  }

  track(slot: Slot): MediaStreamTrack | null {
    return this.#tracks[slot] ?? null
  }
  get muted(): boolean {
    return this.#tracks.audio?.enabled !== true
  }
  /** As the others are told. */
  get state(): Required<Omit<Media, "hold">> {
    return { audio: !this.muted, video: this.#tracks.camera !== undefined, screen: this.#tracks.screen !== undefined }
  }

  setMuted(muted: boolean): void {
    if (this.#tracks.audio !== undefined) this.#tracks.audio.enabled = !muted
    this.onChange()
  }
  async setCamera(on: boolean): Promise<void> {
    this.#put("camera", on ? await openCamera() : [])
  }
  async setScreen(on: boolean): Promise<void> {
    this.#put("screen", on ? await openScreen() : [])
  }

  stop(): void {
    this.onChange = () => {}
    for (const slot of slots) this.#put(slot, [])
  }

  #put(slot: Slot, [track]: Array<MediaStreamTrack>): void {
    this.#tracks[slot]?.stop()
    delete this.#tracks[slot]
    if (track !== undefined) {
      this.#tracks[slot] = track
      track.addEventListener("ended", () => {
        if (this.#tracks[slot] === track) this.#put(slot, [])
      })
    }
    this.onChange()
  }
}

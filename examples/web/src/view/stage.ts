/** The tiles of a call: the other participants, and a preview of this window. */
import { isPending, participant, present } from "../call-state.ts"
import { participantWords } from "../call-words.ts"
import { type TakingPart } from "../calls.ts"
import { type Participant } from "../dchat-client.ts"
import { type LocalMedia, type Slot } from "../local-media.ts"
import { type Users } from "../users.ts"
import { h } from "./dom.ts"
import { Tile, type TileState } from "./tile.ts"

export class Stage {
  readonly element = h("div", { class: "stage" })
  readonly #me: string
  readonly #users: Users
  readonly #tiles = new Map<string, Tile>()
  /** One stream a track, so that an element keeps playing while nothing has changed. */
  readonly #previews = new WeakMap<MediaStreamTrack, MediaStream>()

  constructor(me: string, users: Users) {
    this.#me = me
    this.#users = users
    document.addEventListener("click", () => {
      for (const tile of this.#tiles.values()) tile.resume()
    })
  }

  update(session: TakingPart): void {
    const users = present(session.call, this.#me)
    const shown = new Set([...users.map(({ userId }) => userId), this.#me])
    for (const [id, tile] of this.#tiles) {
      if (shown.has(id)) continue
      tile.close()
      this.#tiles.delete(id)
    }
    for (const user of users) this.#tile(user.userId).update(this.#remote(session, user))
    this.#tile(this.#me).update(this.#local(session.media))
    this.element.dataset["users"] = `${shown.size}`
  }

  clear(): void {
    for (const tile of this.#tiles.values()) tile.close()
    this.#tiles.clear()
  }

  #tile(id: string): Tile {
    const known = this.#tiles.get(id)
    if (known !== undefined) return known
    const tile = new Tile(id, id === this.#me)
    this.#tiles.set(id, tile)
    const mine = this.#tiles.get(this.#me)?.element
    if (mine === undefined || id === this.#me) this.element.append(tile.element)
    else mine.before(tile.element)
    return tile
  }

  #remote({ call, links }: TakingPart, user: Participant): TileState {
    const link = links.get(user.userId)
    const media = participant(call, user.userId)?.media
    const waiting = participantWords(user)
    const state = waiting === "" && link?.transport === "down" ? "Reconnecting…" : waiting
    const sends = (slot: "camera" | "screen") => {
      const track = link?.streams[slot]?.getTracks()[0]
      if (track === undefined || link?.transport === "connecting") return false
      // A participant without a report on media is assumed to send a camera picture, if any.
      if (media === undefined) return slot === "camera" && !track.muted
      return (slot === "camera" ? media.video : media.screen) === true
    }
    return {
      ...picture(
        sends("camera") ? link?.streams.camera : undefined,
        sends("screen") ? link?.streams.screen : undefined
      ),
      name: this.#users.name(user.userId),
      state: link?.transport === "up" && state === "Connecting…" ? "" : state,
      muted: !isPending(user) && media?.audio === false,
      mirrored: false,
      audio: link?.streams.audio
    }
  }

  #local(media: LocalMedia): TileState {
    const shown = picture(this.#preview(media, "camera"), this.#preview(media, "screen"))
    const mirrored = shown.main !== undefined && !shown.screen
    return { ...shown, name: "You", state: "", muted: media.muted, mirrored, audio: undefined }
  }

  #preview(media: LocalMedia, slot: Slot): MediaStream | undefined {
    const track = media.track(slot)
    if (track === null) return undefined
    const stream = this.#previews.get(track) ?? new MediaStream([track])
    this.#previews.set(track, stream)
    return stream
  }
}

const picture = (
  camera: MediaStream | undefined,
  screen: MediaStream | undefined
): Pick<TileState, "main" | "inset" | "screen"> => ({
  main: screen ?? camera,
  inset: screen === undefined ? undefined : camera,
  screen: screen !== undefined
})

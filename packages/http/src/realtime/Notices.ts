/**
 * Passes the notices of one connection on in order: at once if plain functions can pass a notice on, and one after
 * another if a notice needs an effect.
 */
import type { CallNotice } from "@dchat/domain/call"
import { Effect } from "effect"

/** Notices that may wait; the oldest are lost beyond that, and the connection fills the gap from the repository. */
const capacity = 256

export interface Follower {
  /** Returns whether the notice was passed on as a whole. */
  readonly quickly: (notice: CallNotice) => boolean
  /** Passes the rest of a notice on. */
  readonly follow: (notice: CallNotice) => Effect.Effect<void>
  /** Runs the effect, for as long as the connection is open. */
  readonly fork: (effect: Effect.Effect<void>) => void
}

export class Notices {
  readonly #follower: Follower
  #waiting: Array<CallNotice> | undefined
  /** `waits`: nothing is passed on yet. `works`: an effect passes notices on, one after another. */
  #state: "waits" | "rests" | "works" = "waits"

  constructor(follower: Follower) {
    this.#follower = follower
  }

  readonly hear = (notice: CallNotice): void => {
    if (this.#state === "rests" && this.#follower.quickly(notice)) return
    const waiting = this.#waiting ??= []
    waiting.push(notice)
    if (waiting.length > capacity) waiting.shift()
    if (this.#state === "rests") this.start()
  }

  /** Passes on the notices that wait, and each later notice. */
  start(): void {
    this.#state = "works"
    const next: Effect.Effect<void> = Effect.suspend(() => {
      const notice = this.#waiting?.shift()
      if (notice !== undefined) return Effect.flatMap(this.#follower.follow(notice), () => next)
      this.#waiting = undefined
      this.#state = "rests"
      return Effect.void
    })
    if (this.#waiting === undefined) this.#state = "rests"
    else this.#follower.fork(next)
  }
}

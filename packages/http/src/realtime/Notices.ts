/**
 * Passes the notices of one connection on in order: at once if plain functions can pass a notice on, and one after
 * another if a notice needs an effect.
 */
import type { CallNotice } from "@dchat/domain/call"
import { Effect, Latch } from "effect"

/** Notices that may wait; the oldest are lost beyond that, and the connection fills the gap from the repository. */
const capacity = 256

export class Notices {
  #waiting: Array<CallNotice> = []
  /** Whether a notice waits or is being passed on by an effect, or the connection does not follow yet. */
  #isBusy = true
  readonly #latch = Latch.makeUnsafe()
  readonly #quickly: (notice: CallNotice) => boolean

  /** `quickly` returns whether the notice was passed on as a whole. */
  constructor(quickly: (notice: CallNotice) => boolean) {
    this.#quickly = quickly
  }

  readonly hear = (notice: CallNotice): void => {
    if (!this.#isBusy && this.#quickly(notice)) return
    this.#isBusy = true
    this.#waiting.push(notice)
    if (this.#waiting.length > capacity) this.#waiting.shift()
    this.#latch.openUnsafe()
  }

  /** Passes on what waits, and from then on each notice that `quickly` leaves. Never ends. */
  followWith<E, R>(follow: (notice: CallNotice) => Effect.Effect<void, E, R>): Effect.Effect<never, E, R> {
    const next = Effect.suspend(() => {
      const notice = this.#waiting.shift()
      if (notice !== undefined) return follow(notice)
      this.#isBusy = false
      this.#latch.closeUnsafe()
      return this.#latch.await
    })
    return Effect.forever(next)
  }
}

/** Brings a connection back that broke: ICE is restarted until it is up again. One repair runs at a time. */

/** A connection that only stutters often comes back by itself. */
const stutter = 1500
/** The offerer goes first, the other side if that did not help. */
const firstRestart = { offerer: 500, other: 4000 }
/** Five offers a minute are allowed on a link. */
const restartEvery = 13_000

export interface Repairs {
  readonly offerer: boolean
  /** The connection is taken for broken from now on. */
  readonly onBroken: () => void
  /** Restarts ICE, unless `isWanted` says by then that the repair is over. */
  readonly restart: (isWanted: () => boolean) => Promise<void>
}

export class PeerRepair {
  readonly #options: Repairs
  #stage: "idle" | "watching" | "repairing" = "idle"
  /** Changes with the end of each repair: what still runs of an earlier one does nothing any more. */
  #round = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: Repairs) {
    this.#options = options
  }

  /** The connection stutters. */
  watch(): void {
    if (this.#stage !== "idle") return
    this.#stage = "watching"
    this.#after(stutter, () => this.begin())
  }

  /** The connection is broken. */
  begin(): void {
    if (this.#stage === "repairing") return
    this.#stage = "repairing"
    this.#options.onBroken()
    this.#after(firstRestart[this.#options.offerer ? "offerer" : "other"], () => void this.#restart())
  }

  /** The connection is up, or is not needed any more. */
  end(): void {
    clearTimeout(this.#timer)
    this.#stage = "idle"
    this.#round += 1
  }

  async #restart(): Promise<void> {
    const round = this.#round
    const isWanted = () => round === this.#round
    await this.#options.restart(isWanted).catch(() => {})
    if (isWanted()) this.#after(restartEvery, () => void this.#restart())
  }

  #after(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, milliseconds)
  }
}

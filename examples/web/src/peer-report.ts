/** Tells the server how a connection is, one state after the other, until the server knows the newest. */
import { DchatProblem } from "./dchat-http.ts"

/** A state that the server did not take is told again this much later, in milliseconds. */
const again = 3000

/** Codes after which trying again makes no sense. */
const final = new Set(["call_over", "not_in_call", "wrong_device", "not_found", "call_not_found"])

export class PeerReport {
  readonly #send: (state: "up" | "down") => Promise<unknown>
  #state: "up" | "down" | undefined
  /** The last report that the server has acknowledged. */
  #told: "up" | "down" | undefined
  #telling = false
  #closed = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (state: "up" | "down") => Promise<unknown>) {
    this.#send = send
  }

  tell(state: "up" | "down"): void {
    this.#state = state
    void this.#work()
  }

  /** Tells it once more: the server may have missed it, or have come to think otherwise. */
  repeat(): void {
    this.#told = undefined
    void this.#work()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #work(): Promise<void> {
    const state = this.#state
    if (this.#telling || this.#closed || state === undefined || state === this.#told) return
    this.#telling = true
    clearTimeout(this.#timer)
    try {
      this.#told = state
      await this.#send(state)
      this.#telling = false
      void this.#work()
    } catch (problem) {
      this.#telling = false
      this.#told = undefined
      if (this.#closed || (problem instanceof DchatProblem && final.has(problem.code))) return
      this.#timer = setTimeout(() => void this.#work(), again)
    }
  }
}

/**
 * Answers the requests of one connection one after the other. A client may send the next ones before (pipelining,
 * RFC 9112, 9.3.2); while some wait, the connection is not read, and one that sends many at once is cut.
 */
import type { Socket } from "node:net"

/** Requests of a connection that may wait for the one before; browsers and proxies send none. */
export const maxWaiting = 8

export class RequestQueue {
  readonly #socket: Socket
  readonly #waiting: Array<() => void> = []
  #isBusy = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.once("close", () => {
      this.#waiting.length = 0
    })
  }

  get isBusy(): boolean {
    return this.#isBusy
  }

  /** No further request is taken: as many wait as may, or the connection is gone. */
  get isFull(): boolean {
    return this.#waiting.length === maxWaiting || this.#socket.destroyed
  }

  /** Does the work when everything before is done. `next` has to be called when the work is done. */
  add(work: () => void) {
    if (this.isFull) return void this.#socket.destroy()
    if (!this.#isBusy) {
      this.#isBusy = true
      return work()
    }
    this.#waiting.push(work)
    this.#socket.pause()
  }

  /** Other connections have their turn before the next request. */
  next() {
    setImmediate(() => {
      if (this.#socket.destroyed) return
      const work = this.#waiting.shift()
      this.#isBusy = work !== undefined
      work?.()
      if (this.#waiting.length === 0) this.#socket.resume()
    })
  }
}

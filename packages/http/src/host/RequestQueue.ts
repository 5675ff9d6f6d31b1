/**
 * Answers the requests of one connection in order. A client may send requests before the earlier ones are answered
 * (pipelining, RFC 9112, 9.3.2). While some requests wait, the host does not read from the connection. The host cuts a
 * connection with too many waiting requests.
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

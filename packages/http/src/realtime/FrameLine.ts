/**
 * The frames of one connection that wait while an effect carries an earlier frame out. The socket is paused while many
 * wait.
 */

/** Bytes or characters of frames that may wait before the host reads no more from the connection. */
const most = 64 * 1024

interface Pausable {
  readonly pause: () => void
  readonly resume: () => void
}

export class FrameLine {
  readonly #socket: Pausable
  #waiting: Array<string | Uint8Array> | undefined
  #size = 0
  #isPaused = false

  constructor(socket: Pausable) {
    this.#socket = socket
  }

  add(frame: string | Uint8Array): void {
    ;(this.#waiting ??= []).push(frame)
    this.#size += frame.length
    if (this.#size < most || this.#isPaused) return
    this.#isPaused = true
    this.#socket.pause()
  }

  /** The oldest frame. */
  next(): string | Uint8Array | undefined {
    const frame = this.#waiting?.shift()
    if (frame !== undefined) {
      this.#size -= frame.length
      return frame
    }
    this.#waiting = undefined
    if (this.#isPaused) {
      this.#isPaused = false
      this.#socket.resume()
    }
    return undefined
  }

  clear(): void {
    this.#waiting = undefined
    this.#size = 0
  }
}

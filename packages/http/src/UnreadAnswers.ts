/**
 * Finds connections whose peers do not read what they are answered, so that their bytes do not fill the memory.
 */
import type { Socket } from "node:net"

export interface UnreadLimits {
  /** Milliseconds between two looks. */
  readonly lookEvery: number
  /** Milliseconds in which a peer has to read something. A large piece has longer, see `slowest`. */
  readonly patience: number
  /** Bytes a second by which the slowest peer reads that is waited for. */
  readonly slowest: number
  /** Bytes that may wait on all connections together. */
  readonly allUnread: number
}

interface Reading {
  /** Bytes that were handed to the system: the peer has read them, or soon can. */
  handedOver: number
  /** When the last of them were. */
  since: number
}

export class UnreadAnswers {
  readonly #limits: UnreadLimits
  readonly #reading = new Map<Socket, Reading>()

  constructor(limits: UnreadLimits) {
    this.#limits = limits
  }

  /** An answer, or a WebSocket, begins on this connection. `now` is in milliseconds, here and below. */
  begin(socket: Socket, now: number) {
    this.#reading.set(socket, { handedOver: socket.bytesWritten, since: now })
  }

  /** The system has taken all of the answer, or the connection is gone. */
  end(socket: Socket) {
    this.#reading.delete(socket)
  }

  /**
   * The connections to be cut: those whose peers are too slow; then, while too much is unread altogether, those with the
   * most.
   */
  tooSlow(now: number): ReadonlyArray<Socket> {
    const { allUnread, patience, slowest } = this.#limits
    const cut: Array<Socket> = []
    const others: Array<readonly [socket: Socket, waiting: number]> = []
    let unread = 0
    for (const [socket, reading] of this.#reading) {
      const waiting = socket.writableLength
      const handedOver = socket.bytesWritten - waiting
      if (waiting === 0 || handedOver > reading.handedOver) Object.assign(reading, { handedOver, since: now })
      if (waiting === 0) continue
      if (now - reading.since > Math.max(patience, waiting * 1000 / slowest)) cut.push(socket)
      else {
        others.push([socket, waiting])
        unread += waiting
      }
    }
    if (unread <= allUnread) return cut
    for (const [socket, waiting] of others.toSorted(([, one], [, other]) => other - one)) {
      if (unread <= allUnread) break
      unread -= waiting
      cut.push(socket)
    }
    return cut
  }
}

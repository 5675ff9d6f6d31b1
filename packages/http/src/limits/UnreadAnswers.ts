/**
 * Finds connections whose peers do not read their answers, so that unread answers do not fill the memory.
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
  /** Bytes that may wait for one client address before it gets no further answer. */
  readonly unreadPerClient: number
}

interface Reading {
  readonly client: string | undefined
  /** Bytes that were handed to the system: the peer has read them, or soon can. */
  handedOver: number
  /** When the last of them were. */
  since: number
  /** Bytes that wait, as last counted. */
  waiting: number
}

export class UnreadAnswers {
  readonly #limits: UnreadLimits
  readonly #reading = new Map<Socket, Reading>()
  readonly #byClient = new Map<string, number>()
  #all = 0

  constructor(limits: UnreadLimits) {
    this.#limits = limits
  }

  /** More waits on all connections together than may. */
  get isOver(): boolean {
    return this.#all > this.#limits.allUnread
  }

  /** Whether an answer to this client may be made: not where too much waits already. */
  hasRoom(client: string | undefined): boolean {
    return !this.isOver &&
      (client === undefined || (this.#byClient.get(client) ?? 0) <= this.#limits.unreadPerClient)
  }

  /** An answer, or a WebSocket, begins on this connection. `now` is in milliseconds, here and below. */
  begin(socket: Socket, client: string | undefined, now: number) {
    this.end(socket)
    this.#reading.set(socket, { client, handedOver: socket.bytesWritten, since: now, waiting: 0 })
  }

  /** An answer was written completely. */
  written(socket: Socket) {
    const reading = this.#reading.get(socket)
    if (reading !== undefined) this.#count(reading, socket.writableLength)
  }

  /** The system has taken all of the answer, or the connection is gone. */
  end(socket: Socket) {
    const reading = this.#reading.get(socket)
    if (reading === undefined) return
    this.#count(reading, 0)
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
      this.#count(reading, waiting)
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

  #count(reading: Reading, waiting: number) {
    const { client } = reading
    const more = waiting - reading.waiting
    if (more === 0) return
    reading.waiting = waiting
    this.#all += more
    if (client === undefined) return
    const ofClient = (this.#byClient.get(client) ?? 0) + more
    if (ofClient === 0) this.#byClient.delete(client)
    else this.#byClient.set(client, ofClient)
  }
}

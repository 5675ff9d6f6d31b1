/**
 * The server's end of a WebSocket: detects a dead peer, and closes the connection of a peer that does not read.
 */
import type { Buffer } from "node:buffer"
import type { Duplex } from "node:stream"
import { type ClientOptions, WebSocket } from "ws"

/** Seconds between pings; a client that answers none of three in a row is gone. */
export const heartbeatSeconds = 5

/** Bytes that may wait for a client to read them; one that is further behind starts again from its cursor. */
export const maxBacklogBytes = 1024 * 1024

/** Bytes of a message; larger ones close the connection with 1009. */
export const maxMessageBytes = 128 * 1024

/** Milliseconds that the other end has to answer a close frame (RFC 6455, 7.1.1); then the connection is cut. */
const closesWithin = 1000

/** Close codes (RFC 6455, 7.4). */
export const CloseCode = {
  goingAway: 1001,
  policyViolation: 1008,
  internalError: 1011,
  tryAgainLater: 1013,
  sessionRevoked: 4001,
  tokenReplaced: 4003,
  tooSlow: 4008,
  tooManyFrames: 4029
} as const

export class RealtimeSocket extends WebSocket {
  private missedPongs = 0
  private closing: NodeJS.Timeout | undefined
  private isCorked = false

  /** Made by a WebSocket server, which passes no address. */
  constructor(address: null, protocols?: undefined, options?: ClientOptions) {
    super(address as unknown as string, protocols, options)
    const heartbeat = setInterval(() => {
      if (this.missedPongs >= 3) return this.terminate()
      this.missedPongs += 1
      if (this.readyState === WebSocket.OPEN) this.ping()
    }, heartbeatSeconds * 1000)
    heartbeat.unref()
    this.on("pong", () => {
      this.missedPongs = 0
    })
    this.on("message", () => {
      this.missedPongs = 0
    })
    this.on("close", () => clearInterval(heartbeat))
  }

  /** Closes the connection from either side, and cuts it if the other end does not answer. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason)
    if (this.closing !== undefined || this.readyState === WebSocket.CLOSED) return
    this.closing = setTimeout(() => this.terminate(), closesWithin)
    this.closing.unref()
    this.once("close", () => clearTimeout(this.closing))
  }

  /** Fails once the connection closes, or because it has to. */
  override send(data: string | Buffer, ...rest: Array<never>): void {
    if (this.bufferedAmount > maxBacklogBytes && this.readyState === WebSocket.OPEN) {
      this.close(CloseCode.tooSlow, "too slow")
    }
    if (this.readyState !== WebSocket.OPEN) throw new Error("the connection is closing")
    this.cork()
    super.send(data, ...rest)
  }

  /** Writes what is sent in the same turn of the event loop by one system call. */
  private cork(): void {
    const socket = (this as unknown as { readonly _socket?: Duplex })._socket
    if (this.isCorked || socket === undefined) return
    this.isCorked = true
    socket.cork()
    setImmediate(() => {
      this.isCorked = false
      socket.uncork()
    })
  }
}

/**
 * The server's end of a WebSocket: looks whether the other end is alive, and lets go of one that does not read.
 */
import type { Buffer } from "node:buffer"
import { type ClientOptions, WebSocket } from "ws"

/** Seconds between pings; a client that answers none of three in a row is gone. */
export const heartbeatSeconds = 5

/** Bytes that may wait for a client to read them; one that is further behind starts again from its cursor. */
export const maxBacklogBytes = 1024 * 1024

/** Bytes of a message; larger ones close the connection with 1009. */
export const maxMessageBytes = 128 * 1024

/** Application close codes (RFC 6455, 7.4.2). */
export const CloseCode = { policyViolation: 1008, internalError: 1011, sessionRevoked: 4001, tooSlow: 4008 } as const

export class RealtimeSocket extends WebSocket {
  private missedPongs = 0
  private isDropped = false

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

  override send(data: string | Buffer, ...rest: Array<never>): void {
    if (this.isDropped) return
    if (this.bufferedAmount > maxBacklogBytes) {
      this.isDropped = true
      this.close(CloseCode.tooSlow, "too slow")
      const patience = setTimeout(() => this.terminate(), 1000)
      patience.unref()
      return
    }
    super.send(data, ...rest)
  }
}

/**
 * Passes the handshakes of WebSockets to the routes as requests. A route answers, or takes the socket. The socket then
 * refers to nothing of its request, so that an idle connection needs little memory.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import type { RealtimeSocket } from "../realtime/RealtimeSocket.ts"
import { webSocketOptions } from "./WebSocketOptions.ts"

interface Offer {
  readonly socket: Duplex
  readonly head: Buffer
  readonly response: ServerResponse
  readonly accepted: () => void
}

export class Handshakes {
  /** The sockets that were accepted and are open. */
  readonly open = new Set<RealtimeSocket>()
  readonly #server = new WebSocketServer({ noServer: true, clientTracking: false, ...webSocketOptions(this.open) })
  readonly #offers = new WeakMap<object, Offer>()

  /** Gives the response a socket. `accepted` is called when the handshake is done. */
  offer(request: IncomingMessage, { accepted = () => {}, ...offer }: Omit<Offer, "accepted"> & Partial<Offer>): void {
    const { response, socket } = offer
    // Node's own server gives the response the same socket for as long as it is not upgraded.
    response.assignSocket(socket as Socket)
    response.once("finish", () => socket.end())
    this.#offers.set(request, { ...offer, accepted })
  }

  readonly isOffered = (request: object): boolean => this.#offers.has(request)

  readonly accept = (request: object): RealtimeSocket | undefined => {
    const offer = this.#offers.get(request)
    this.#offers.delete(request)
    if (offer === undefined || offer.socket.destroyed) return undefined
    const { accepted, head, response, socket } = offer
    response.detachSocket(socket as Socket)
    // The handshake is the answer.
    response.end()
    let taken: RealtimeSocket | undefined
    this.#server.handleUpgrade(request as IncomingMessage, socket, head, (made) => {
      taken = made as RealtimeSocket
    })
    if (taken !== undefined) accepted()
    return taken
  }

  /** Accepts no further handshake. */
  close(): void {
    this.#server.close()
  }
}

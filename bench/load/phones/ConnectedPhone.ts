/**
 * The part of a phone that does not depend on its protocol: who listens, and the connection of the moment.
 */
import type { WebSocket } from "ws"
import type { Phone } from "./Phone.ts"

export abstract class ConnectedPhone {
  hear: Phone["hear"] = () => undefined
  answered: Phone["answered"] = () => undefined
  refused: Phone["refused"] = () => undefined
  closed: Phone["closed"] = () => undefined
  #socket: WebSocket | undefined

  drop() {
    const socket = this.#socket
    this.#socket = undefined
    socket?.terminate()
  }

  /** Sends on the connection of the moment, if there is one. */
  protected send(text: string) {
    this.#socket?.send(text)
  }

  /** Makes an open connection the connection of the moment. Throws if the connection has ended meanwhile. */
  protected keep(socket: WebSocket) {
    if (socket.readyState !== socket.OPEN) throw new Error("the connection has ended")
    this.#socket = socket
    socket.once("close", () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.closed()
    })
  }
}

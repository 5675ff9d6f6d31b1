/**
 * Requests and responses of the gate, as the classes that Node makes them by.
 */
import { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Requests of which none is read any more once the connection has no room for them. Node reads on through all bytes that
 * have arrived, even on a connection that was cut, unless a request asks for another protocol: so one that finds no room
 * is taken for one that does.
 */
export const requestClass = (hasRoom: (socket: Socket) => boolean): typeof IncomingMessage =>
  class extends IncomingMessage {
    // No initial value: Node sets `upgrade` before one would be set.
    declare asksForUpgrade: boolean

    get upgrade(): boolean {
      return this.asksForUpgrade || !hasRoom(this.socket)
    }

    set upgrade(asks: boolean) {
      this.asksForUpgrade = asks
    }
  }

/** Emits `produced` once its head is written: what comes after costs nothing but memory. */
export class GatedResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  override writeHead(status: number, ...rest: ReadonlyArray<never>): this {
    super.writeHead(status, ...rest)
    this.emit("produced")
    return this
  }
}

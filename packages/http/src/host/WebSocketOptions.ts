/**
 * The WebSocket options of a host: frames no larger than the protocol allows, its subprotocol, and no compression.
 */
import type { WebSocket } from "ws"
import { subprotocol } from "../api/RealtimeFrames.ts"
import { maxMessageBytes, RealtimeSocket } from "../realtime/RealtimeSocket.ts"

const socketsIn = (open: Set<RealtimeSocket>) =>
  class extends RealtimeSocket {
    constructor(...args: ConstructorParameters<typeof RealtimeSocket>) {
      super(...args)
      open.add(this)
      this.once("close", () => open.delete(this))
    }
  }

/** The options of a server of `ws` whose open sockets are kept in this set. */
export const webSocketOptions = (open: Set<RealtimeSocket>) => ({
  maxPayload: maxMessageBytes,
  perMessageDeflate: false,
  handleProtocols: (offered: Set<string>) => offered.has(subprotocol) ? subprotocol : false,
  // The server makes sockets without an address; the type asks for what clients may pass as well.
  WebSocket: socketsIn(open) as unknown as typeof WebSocket
} as const)

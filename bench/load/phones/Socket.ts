/**
 * A WebSocket of the load.
 */
import { once } from "node:events"
import { WebSocket } from "ws"

export interface SocketOptions {
  readonly protocol?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Opens a connection; `hear` gets each text message. */
export const openSocket = async (
  url: string,
  hear: (text: string, socket: WebSocket) => void,
  options: SocketOptions = {}
): Promise<WebSocket> => {
  const socket = new WebSocket(url, options.protocol, {
    perMessageDeflate: false,
    ...(options.headers === undefined ? {} : { headers: options.headers })
  })
  socket.on("message", (data: Buffer) => hear(data.toString(), socket))
  await once(socket, "open")
  // A connection that ends later shows in its state.
  socket.on("error", () => undefined)
  return socket
}

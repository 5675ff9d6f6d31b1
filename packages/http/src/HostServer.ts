/**
 * The Node HTTP server under the host: where it listens, what it takes from WebSockets, how it stops.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { createServer, type IncomingMessage } from "node:http"
import type { WebSocket } from "ws"
import { subprotocol } from "./api/RealtimeFrames.ts"
import { maxMessageBytes, RealtimeSocket } from "./realtime/RealtimeSocket.ts"

/** Trace context (W3C, B3) that anybody could have sent: nobody outside decides what is traced, or as part of what. */
const traceHeaders = ["traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"]

const dropTraceHeaders = ({ headers }: IncomingMessage) => {
  for (const name of traceHeaders) delete headers[name]
}

const makeServer = () => {
  const server = createServer({ headersTimeout: 20_000, requestTimeout: 60_000 })
  server.on("request", dropTraceHeaders)
  server.on("checkContinue", dropTraceHeaders)
  server.on("upgrade", dropTraceHeaders)
  return server
}

export const HostServer = (address: { readonly host: string; readonly port: number }) =>
  NodeHttpServer.layer(makeServer, {
    ...address,
    gracefulShutdownTimeout: "500 millis",
    websocket: {
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      handleProtocols: (offered: Set<string>) => offered.has(subprotocol) ? subprotocol : false,
      // The server makes sockets without an address; the type asks for what clients may pass as well.
      WebSocket: RealtimeSocket as unknown as typeof WebSocket
    }
  })

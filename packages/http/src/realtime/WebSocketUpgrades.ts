/**
 * Port: takes the WebSocket of a handshake over from the HTTP server.
 */
import { Context } from "effect"
import type { RealtimeSocket } from "./RealtimeSocket.ts"

interface Upgrades {
  /** Whether this request of the HTTP server is a handshake that has no answer yet. */
  readonly isOffered: (request: object) => boolean
  /** Answers the handshake, and returns the socket; nothing where the client has left. */
  readonly accept: (request: object) => RealtimeSocket | undefined
}

const none: Upgrades = { isOffered: () => false, accept: () => undefined }

/** The handshakes of one server. A server without WebSockets has none. */
export class WebSocketUpgrades
  extends Context.Reference<Upgrades>("@dchat/http/realtime/WebSocketUpgrades", { defaultValue: () => none })
{}

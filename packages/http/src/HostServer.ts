/**
 * The Node HTTP server under the host: where it listens, how much it takes at once, what it takes from WebSockets, how
 * it stops.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import type { IpNetwork } from "effect/net"
import type { IncomingMessage } from "node:http"
import type { WebSocket } from "ws"
import type { AdmissionLimits } from "./Admission.ts"
import { problemTable } from "./api/Problems.ts"
import { subprotocol } from "./api/RealtimeFrames.ts"
import { clientAddressOf, limitKeyOf } from "./ClientAddress.ts"
import { GatedServer, type GateOptions, hasBody } from "./GatedServer.ts"
import { maxMessageBytes, RealtimeSocket } from "./realtime/RealtimeSocket.ts"

export interface HostServerOptions extends Partial<AdmissionLimits> {
  readonly host: string
  readonly port: number
  /** Seconds that an idle connection is kept; longer than a load balancer keeps one, or requests are lost. 65 unless given. */
  readonly keepAliveSeconds?: number | undefined
  /** TCP connections of the host. 10,000 unless given. */
  readonly maxConnections?: number | undefined
  /** Proxies whose X-Forwarded-For counts. */
  readonly trustedProxies?: ReadonlyArray<IpNetwork.IpNetwork> | undefined
  /** Off for load tests, which ask all from one address. */
  readonly rateLimits?: "on" | "off" | undefined
}

/** Enough for a busy host: a thousand requests of 50 ms are 20,000 a second. */
const defaultLimits: AdmissionLimits = { perHost: 1000, perClient: 100 }

/** Milliseconds between two warnings of overload. */
const warningInterval = 1000

/** Milliseconds that connections have for closing once the host stops. */
const closingTime = 1500

/** Trace context (W3C, B3) that anybody could have sent: nobody outside decides what is traced, or as part of what. */
const traceHeaders = ["traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"]

const dropTraceHeaders = ({ headers }: IncomingMessage) => {
  for (const name of traceHeaders) delete headers[name]
}

/** Without a body there is nothing that has a type; some clients send one all the same. */
const dropTypeOfNothing = (request: IncomingMessage) => {
  if (!hasBody(request)) delete request.headers["content-type"]
}

/** By what the gate counts clients: as rate limits do. */
const clientKey = ({ rateLimits, trustedProxies = [] }: HostServerOptions) => (request: IncomingMessage) => {
  const { headers, socket } = request
  if (rateLimits === "off" || socket.remoteAddress === undefined) return undefined
  const forwarded = headers["x-forwarded-for"]
  return limitKeyOf(
    clientAddressOf(socket.remoteAddress, Array.isArray(forwarded) ? forwarded.join(",") : forwarded, trustedProxies)
  )
}

const makeServer = (options: HostServerOptions, refused: GateOptions["refused"]) => {
  const server = new GatedServer({
    perHost: options.perHost ?? defaultLimits.perHost,
    perClient: options.perClient ?? defaultLimits.perClient,
    keepAliveSeconds: options.keepAliveSeconds ?? 65,
    maxConnections: options.maxConnections ?? 10_000,
    clientOf: clientKey(options),
    realtimePath: "/api/realtime",
    closingTime,
    refused
  })
  server.on("request", dropTraceHeaders)
  server.on("request", dropTypeOfNothing)
  server.on("checkContinue", dropTraceHeaders)
  server.on("upgrade", dropTraceHeaders)
  return server
}

/** Each refusal for those who look closely, and a warning where the host has too much to do. */
const refusalLog = Effect.map(Effect.context(), (context): GateOptions["refused"] => {
  const run = Effect.runForkWith(context)
  let lastWarning = 0
  return (line, { _tag }) => {
    run(Effect.logDebug(`${line} ${problemTable[_tag].status}, refused unread`))
    const now = performance.now()
    if (_tag !== "Overloaded" || now - lastWarning < warningInterval) return
    lastWarning = now
    run(Effect.logWarning("requests are refused: a client or the host has too many under way"))
  }
})

export const HostServer = (options: HostServerOptions) =>
  Layer.unwrap(Effect.map(refusalLog, (refused) => {
    const server = makeServer(options, refused)
    return NodeHttpServer.layer(() => server, {
      host: options.host,
      port: options.port,
      gracefulShutdownTimeout: "500 millis",
      websocket: {
        maxPayload: maxMessageBytes,
        perMessageDeflate: false,
        handleProtocols: (offered: Set<string>) => offered.has(subprotocol) ? subprotocol : false,
        verifyClient: ({ req }: { readonly req: IncomingMessage }) => {
          server.upgraded(req)
          return true
        },
        // The server makes sockets without an address; the type asks for what clients may pass as well.
        WebSocket: RealtimeSocket as unknown as typeof WebSocket
      }
    })
  }))

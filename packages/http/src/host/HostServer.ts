/**
 * The Node HTTP server of the host: its address, the limits on connections and WebSockets, and its shutdown.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer } from "effect"
import type { IpNetwork } from "effect/net"
import type { IncomingMessage } from "node:http"
import { clientAddressOf, isTrusted, limitKeyOf } from "../limits/ClientAddress.ts"
import { type GateLimits, gateLimits } from "../limits/GateLimits.ts"
import { OpenSockets } from "../realtime/ConnectionClosing.ts"
import { WebSocketUpgrades } from "../realtime/WebSocketUpgrades.ts"
import { GatedServer, type GateOptions } from "./GatedServer.ts"
import { Handshakes } from "./Handshakes.ts"
import { refusalLog } from "./RefusalLog.ts"
import { hasBody } from "./RequestForm.ts"

export interface HostServerOptions {
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
  /** In the place of the usual ones. */
  readonly limits?: Partial<GateLimits> | undefined
}

/** Milliseconds that connections have for closing once the host stops. */
const closingTime = 1500

/** Trace context (W3C, B3) that any client could have sent. No client decides what is traced, or as part of what. */
const traceHeaders = ["traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"]

const dropTraceHeaders = ({ headers }: IncomingMessage) => {
  for (const name of traceHeaders) delete headers[name]
}

/** Without a body there is nothing that has a type; some clients send one all the same. */
const dropTypeOfNothing = (request: IncomingMessage) => {
  if (!hasBody(request)) delete request.headers["content-type"]
}

/** The keys by which the gate tells clients apart: those of the rate limits. */
const clients = (
  { rateLimits, trustedProxies = [] }: HostServerOptions
): Pick<GateOptions, "peerOf" | "clientOf"> => ({
  peerOf: (address) =>
    rateLimits === "off" || address === ""
      ? undefined
      : { key: limitKeyOf(clientAddressOf(address, undefined, [])), isProxy: isTrusted(address, trustedProxies) },
  clientOf: ({ headers, socket }) => {
    if (socket.remoteAddress === undefined) return undefined
    const forwarded = headers["x-forwarded-for"]
    return limitKeyOf(
      clientAddressOf(socket.remoteAddress, Array.isArray(forwarded) ? forwarded.join(",") : forwarded, trustedProxies)
    )
  }
})

const makeServer = (options: HostServerOptions, refused: GateOptions["refused"], handshakes: Handshakes) => {
  const server = new GatedServer({
    ...gateLimits,
    ...clients(options),
    ...options.limits,
    keepAliveSeconds: options.keepAliveSeconds ?? 65,
    maxConnections: options.maxConnections ?? 10_000,
    realtimePath: "/api/realtime",
    closingTime,
    handshakes,
    refused
  })
  server.on("request", dropTraceHeaders)
  server.on("request", dropTypeOfNothing)
  server.on("checkContinue", dropTraceHeaders)
  return server
}

export const HostServer = (options: HostServerOptions) =>
  Layer.unwrap(Effect.gen(function*() {
    const handshakes = new Handshakes()
    const server = makeServer(options, yield* refusalLog, handshakes)
    const serving = NodeHttpServer.layer(() => server, {
      host: options.host,
      port: options.port,
      gracefulShutdownTimeout: "500 millis"
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => handshakes.close()))
    return Layer.mergeAll(
      serving,
      Layer.succeed(OpenSockets, handshakes.open),
      Layer.succeed(WebSocketUpgrades, handshakes)
    )
  }))

/**
 * The Node HTTP server with a gate: what is no proper request, and what is too much at once, is answered here and
 * reaches no route. Every request gets an answer, and no connection stays open without one.
 */
import { type IncomingMessage, Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { Admission, type AdmissionLimits } from "./Admission.ts"
import type { ProblemError } from "./api/Problems.ts"
import {
  BadRequest,
  ExpectationFailed,
  HeadersTooLarge,
  MethodNotAllowed,
  Overloaded,
  PayloadTooLarge,
  RequestTimedOut,
  UriTooLong
} from "./api/RequestErrors.ts"
import { RequestQueue } from "./RequestQueue.ts"
import { answerProblem, answerRawProblem, closeAfterReading } from "./ServerProblems.ts"

/** Characters of a request target (path and query); no pattern is run over a longer one. */
export const maxTargetLength = 4096

/** Header fields of a request. */
const maxHeaders = 100

export interface GateOptions extends AdmissionLimits {
  /** Seconds that an idle connection is kept for the next request. */
  readonly keepAliveSeconds: number
  /** TCP connections of the host. Further ones are closed at once. */
  readonly maxConnections: number
  /** By what a client is counted; nothing where clients are not told apart. */
  readonly clientOf: (request: IncomingMessage) => string | undefined
  /** Milliseconds after which connections that are still open are cut once the server closes. */
  readonly closingTime: number
  /** The path at which a WebSocket may begin. */
  readonly realtimePath: string
  /** Told of every request that is answered here. */
  readonly refused: (line: string, error: ProblemError) => void
}

/** Asked by whoever restarts a host that does not answer: a host with too much to do is alive. */
const aliveProbe = "/healthz"

const pathOf = ({ url = "" }: IncomingMessage) => url.split("?", 1)[0] ?? ""

const hostsIn = ({ rawHeaders }: IncomingMessage) =>
  rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host").length

/** What a WebSocket handshake has to bring (RFC 6455, 4.2.1). */
const isHandshake = ({ headers, method }: IncomingMessage) =>
  method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && headers["sec-websocket-version"] === "13" &&
  /^[+/\w]{22}==$/.test(headers["sec-websocket-key"] ?? "")

/** Bytes of request line and headers that Node reads. */
const maxHeaderBytes = 16_384

const isEndlessLine = (packet: Buffer) => {
  const start = packet.subarray(0, maxHeaderBytes).toString("latin1")
  return /^[A-Z]+ /.test(start) && !start.includes("\r\n")
}

/** Node says how a request broke by a code. */
const errorOf = ({ code, rawPacket }: ClientError): ProblemError => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return rawPacket !== undefined && isEndlessLine(rawPacket) ? new UriTooLong() : new HeadersTooLarge()
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new PayloadTooLarge()
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new RequestTimedOut()
    default:
      return new BadRequest()
  }
}

interface ClientError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

type RequestEvent = "request" | "checkContinue" | "checkExpectation"

export class GatedServer extends Server {
  readonly #options: GateOptions
  readonly #admission: Admission
  readonly #queues = new WeakMap<Duplex, RequestQueue>()
  readonly #connections = new Set<Socket>()
  readonly #current = new WeakMap<Duplex, ServerResponse>()
  readonly #handshakes = new WeakMap<IncomingMessage, () => void>()
  #isClosing = false

  constructor(options: GateOptions) {
    super({
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeout: options.keepAliveSeconds * 1000,
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 5000,
      // The gate answers with a problem where there is none.
      requireHostHeader: false,
      // Any other upgrade is ignored, as a server may (RFC 9110, 7.8).
      shouldUpgradeCallback: (request) =>
        isHandshake(request) && pathOf(request) === options.realtimePath && !this.#queueOf(request.socket).isBusy
    })
    this.timeout = 60_000
    this.maxHeadersCount = maxHeaders
    this.maxConnections = options.maxConnections
    this.#options = options
    this.#admission = new Admission(options)
    this.on("connection", (socket: Socket) => {
      this.#connections.add(socket)
      socket.once("close", () => this.#connections.delete(socket))
    })
    // Node asks these of a server only if somebody listens.
    this.on("checkExpectation", () => {})
    this.on("connect", () => {})
    this.on("clientError", () => {})
  }

  override emit(event: string, ...args: Array<unknown>): boolean {
    switch (event) {
      case "request":
      case "checkContinue":
      case "checkExpectation":
        this.#take(event, args[0] as IncomingMessage, args[1] as ServerResponse)
        return true
      case "upgrade":
        this.#upgrade(args[0] as IncomingMessage, args[1] as Socket, args[2] as Buffer)
        return true
      case "connect":
        this.#refuseRaw(args[1] as Socket, new MethodNotAllowed({ allowed: [] }), "CONNECT")
        return true
      case "clientError":
        this.#break(args[0] as ClientError, args[1] as Socket)
        return true
      default:
        return super.emit(event, ...args)
    }
  }

  /** Takes no new requests, and cuts the connections that are still there after the closing time. */
  override close(callback?: (error?: Error) => void): this {
    if (!this.#isClosing) {
      this.#isClosing = true
      const timer = setTimeout(() => {
        for (const socket of this.#connections) socket.destroy()
      }, this.#options.closingTime)
      this.once("close", () => clearTimeout(timer))
    }
    return super.close(callback)
  }

  /** The handshake of a WebSocket is done: what comes now is no request. */
  readonly upgraded = (request: IncomingMessage) => this.#handshakes.get(request)?.()

  #queueOf(socket: Socket): RequestQueue {
    const known = this.#queues.get(socket)
    if (known !== undefined) return known
    const queue = new RequestQueue(socket)
    this.#queues.set(socket, queue)
    return queue
  }

  #take(event: RequestEvent, request: IncomingMessage, response: ServerResponse) {
    const { socket } = request
    const queue = this.#queueOf(socket)
    // Node reads no further request after one that asked for another protocol.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    queue.add(() => {
      this.#current.set(socket, response)
      response.once("close", () => {
        this.#current.delete(socket)
        queue.next()
      })
      this.#answer(event, request, response)
    })
  }

  #answer(event: RequestEvent, request: IncomingMessage, response: ServerResponse) {
    const { method, socket } = request
    const refuse = (error: ProblemError, close: boolean) => {
      this.#options.refused(`${method} ${pathOf(request).slice(0, 200)}`, error)
      answerProblem(response, error, close)
    }
    const error = this.#errorIn(event, request)
    if (error !== undefined) return refuse(error, true)
    if (pathOf(request) !== aliveProbe) {
      const admitted = this.#isClosing ? undefined : this.#admission.enter(this.#options.clientOf(request))
      if (admitted === undefined) return refuse(new Overloaded({ retryAfterSeconds: 1 }), this.#isClosing)
      response.once("close", () => admitted.leave())
      if (request.complete || !hasBody(request)) admitted.work()
      else request.once("end", () => admitted.work())
    }
    if (socket.destroyed) return
    super.emit(event, request, response)
  }

  /** What is wrong with a request whatever it asks for. */
  #errorIn(event: RequestEvent, request: IncomingMessage): ProblemError | undefined {
    const { headers, httpVersionMinor, url = "" } = request
    if (url.length > maxTargetLength) return new UriTooLong()
    if (hostsIn(request) > 1 || (headers.host === undefined && httpVersionMinor > 0)) return new BadRequest()
    return event === "checkExpectation" ? new ExpectationFailed() : undefined
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer) {
    socket.on("error", () => socket.destroy())
    // A client that does not end its side of a connection that was refused would keep it for good.
    socket.once("finish", () => closeAfterReading(socket))
    const error = this.#errorIn("request", request)
    const admitted = error !== undefined || this.#isClosing
      ? undefined
      : this.#admission.enter(this.#options.clientOf(request))
    if (admitted === undefined || this.listenerCount("upgrade") === 0) {
      admitted?.leave()
      return this.#refuseRaw(socket, error ?? new Overloaded({ retryAfterSeconds: 1 }), `GET ${pathOf(request)}`)
    }
    const leave = () => admitted.leave()
    admitted.work()
    socket.once("close", leave)
    this.#handshakes.set(request, leave)
    super.emit("upgrade", request, socket, head)
  }

  /** What Node could not read, or waited for in vain. */
  #break(error: ClientError, socket: Socket) {
    const response = this.#current.get(socket)
    if (response?.req.complete === true) {
      // The request before is sound, and answered first.
      const queue = this.#queueOf(socket)
      return queue.add(() => this.#refuseRaw(socket, errorOf(error), "unreadable"))
    }
    if (response?.headersSent === true) return void socket.destroy()
    this.#refuseRaw(socket, errorOf(error), "unreadable")
  }

  #refuseRaw(socket: Socket, error: ProblemError, line: string) {
    if (!socket.writable) return void socket.destroy()
    this.#options.refused(line.slice(0, 200), error)
    answerRawProblem(socket, error)
  }
}

export const hasBody = ({ headers }: IncomingMessage) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

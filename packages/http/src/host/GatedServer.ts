/**
 * The Node HTTP server with a gate. The gate answers invalid requests and requests beyond the limits, which then reach
 * no route. Every request gets an answer, and no connection stays open without one.
 */
import { type IncomingMessage, Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { ProblemError } from "../api/Problems.ts"
import { MethodNotAllowed, Overloaded } from "../api/RequestErrors.ts"
import { Admission, Admitted } from "../limits/Admission.ts"
import type { GateLimits } from "../limits/GateLimits.ts"
import { PeerConnections } from "../limits/PeerConnections.ts"
import { UnreadAnswers } from "../limits/UnreadAnswers.ts"
import { GatedResponse, requestClass } from "./GatedMessages.ts"
import type { Handshakes } from "./Handshakes.ts"
import {
  type ClientError,
  errorInRequest,
  errorOfClient,
  hasBody,
  isHandshake,
  maxHeaderBytes,
  pathOf,
  type RequestEvent
} from "./RequestForm.ts"
import { RequestQueue } from "./RequestQueue.ts"
import { answerAlive, answerProblem, answerRawProblem, closeAfterReading } from "./ServerProblems.ts"

/** Header fields of a request. */
const maxHeaders = 100

/** The other end of a TCP connection. */
export interface Peer {
  /** The key by which the peer is counted. */
  readonly key: string
  /** A proxy passes on the requests of others, and is not limited itself. */
  readonly isProxy: boolean
}

/** The reason why the server cut a client off without an answer. */
export type Cut = "connection_refused" | "pipelining" | "unread"

export interface GateOptions extends GateLimits {
  /** Seconds that an idle connection is kept for the next request. */
  readonly keepAliveSeconds: number
  /** TCP connections of the host. Further ones are closed at once. */
  readonly maxConnections: number
  /** The other end of a connection; nothing where clients are not told apart. */
  readonly peerOf: (address: string) => Peer | undefined
  /** The key by which a client behind a proxy is counted. */
  readonly clientOf: (request: IncomingMessage) => string | undefined
  /** Milliseconds after which connections that are still open are cut once the server closes. */
  readonly closingTime: number
  /** The path at which a WebSocket may begin. */
  readonly realtimePath: string
  /** Gets each handshake, which then reaches the routes like a request. */
  readonly handshakes: Handshakes
  /** Told of every request that is answered here, and of every connection that is cut. */
  readonly refused: (what: ProblemError["_tag"] | Cut) => void
}

/** The probe of a supervisor that restarts a host without an answer. An overloaded host is alive. */
const aliveProbe = "/healthz"

export class GatedServer extends Server {
  readonly #options: GateOptions
  readonly #admission: Admission
  readonly #peerConnections: PeerConnections
  readonly #unread: UnreadAnswers
  readonly #queues = new WeakMap<Duplex, RequestQueue>()
  readonly #peers = new WeakMap<Duplex, Peer>()
  readonly #connections = new Set<Socket>()
  readonly #current = new WeakMap<Duplex, ServerResponse>()
  #willCut = false
  #isClosing = false

  constructor(options: GateOptions) {
    super({
      IncomingMessage: requestClass((socket) => !this.#queueOf(socket).isFull),
      ServerResponse: GatedResponse,
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeout: options.keepAliveSeconds * 1000,
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 5000,
      // The gate answers with a problem where there is none.
      requireHostHeader: false,
      // Any other upgrade is ignored, as a server may (RFC 9110, 7.8).
      shouldUpgradeCallback: (request) =>
        this.#isCut(request.socket) ||
        (isHandshake(request) && pathOf(request) === options.realtimePath && !this.#queueOf(request.socket).isBusy)
    })
    this.timeout = 60_000
    this.maxHeadersCount = maxHeaders
    this.maxConnections = options.maxConnections
    this.#options = options
    this.#admission = new Admission(options)
    this.#peerConnections = new PeerConnections(options)
    this.#unread = new UnreadAnswers(options)
    const looking = setInterval(() => this.#cutUnread(), options.lookEvery)
    looking.unref()
    this.once("close", () => clearInterval(looking))
    // Node emits these events only if a listener exists.
    this.on("checkExpectation", () => {})
    this.on("connect", () => {})
    this.on("clientError", () => {})
  }

  override emit(event: string, ...args: Array<unknown>): boolean {
    switch (event) {
      case "connection":
        return this.#connect(args[0] as Socket)
      case "request":
      case "checkContinue":
      case "checkExpectation":
        this.#take(event, args[0] as IncomingMessage, args[1] as ServerResponse)
        return true
      case "upgrade":
        this.#upgrade(args[0] as IncomingMessage, args[1] as Socket, args[2] as Buffer)
        return true
      case "connect":
        this.#refuseRaw(args[1] as Socket, new MethodNotAllowed({ allowed: [] }))
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

  #connect(socket: Socket): boolean {
    const peer = this.#options.peerOf(socket.remoteAddress ?? "")
    const isBounded = peer?.isProxy === false
    if (isBounded && !this.#peerConnections.enter(peer.key, performance.now())) {
      this.#options.refused("connection_refused")
      socket.destroy()
      return true
    }
    if (peer !== undefined) this.#peers.set(socket, peer)
    this.#connections.add(socket)
    socket.once("close", () => {
      this.#connections.delete(socket)
      this.#unread.end(socket)
      if (isBounded) this.#peerConnections.leave(peer.key)
    })
    return super.emit("connection", socket)
  }

  #queueOf(socket: Socket): RequestQueue {
    const known = this.#queues.get(socket)
    if (known !== undefined) return known
    const queue = new RequestQueue(socket)
    this.#queues.set(socket, queue)
    return queue
  }

  /** Whether the connection is gone, or has to go because too many requests wait. */
  #isCut(socket: Socket): boolean {
    if (socket.destroyed || !this.#queueOf(socket).isFull) return socket.destroyed
    this.#options.refused("pipelining")
    socket.destroy()
    return true
  }

  /** The key by which the client behind a request is counted. */
  #clientOf(request: IncomingMessage): string | undefined {
    const peer = this.#peers.get(request.socket)
    return peer?.isProxy === true ? this.#options.clientOf(request) : peer?.key
  }

  #take(event: RequestEvent, request: IncomingMessage, response: ServerResponse) {
    const { socket } = request
    const queue = this.#queueOf(socket)
    // Node reads no further request after one that asked for another protocol.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    queue.add(() => {
      this.#current.set(socket, response)
      this.#unread.begin(socket, this.#clientOf(request), performance.now())
      response.once("prefinish", () => {
        this.#unread.written(socket)
        if (this.#unread.isOver) this.#cutUnreadSoon()
      })
      response.once("close", () => {
        this.#current.delete(socket)
        this.#unread.end(socket)
        queue.next()
      })
      this.#answer(event, request, response)
    })
  }

  #answer(event: RequestEvent, request: IncomingMessage, response: ServerResponse) {
    const { socket } = request
    const refuse = (error: ProblemError, close: boolean) => {
      this.#options.refused(error._tag)
      answerProblem(response, error, close)
    }
    const client = this.#clientOf(request)
    const tooFast = this.#admission.count(client, performance.now())
    const isProbe = pathOf(request) === aliveProbe
    if (tooFast !== undefined) {
      // A proxy's connection is also that of others.
      const close = this.#peers.get(socket)?.isProxy !== true
      return isProbe ? answerAlive(response, close) : refuse(tooFast, close)
    }
    const error = errorInRequest(event, request)
    if (error !== undefined) return refuse(error, true)
    if (!isProbe) {
      const admitted = this.#enter(client)
      if (!(admitted instanceof Admitted)) return refuse(admitted, this.#isClosing)
      response.once("produced", () => {
        admitted.leave()
        if (response.statusCode === 429) this.#admission.chargeRefused(client, performance.now())
      })
      response.once("close", () => admitted.leave())
      if (request.complete || !hasBody(request)) admitted.work()
      else request.once("end", () => admitted.work())
    }
    if (socket.destroyed) return
    super.emit(event, request, response)
  }

  #enter(client: string | undefined): Admitted | Overloaded {
    return this.#isClosing || !this.#unread.hasRoom(client)
      ? new Overloaded({ retryAfterSeconds: 1 })
      : this.#admission.enter(client)
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer) {
    if (socket.destroyed) return
    socket.on("error", () => socket.destroy())
    // A client that does not end its side of a connection that was refused would keep it for good.
    socket.once("finish", () => closeAfterReading(socket))
    const client = this.#clientOf(request)
    const admitted = this.#admission.count(client, performance.now()) ?? errorInRequest("request", request) ??
      this.#enter(client)
    if (!(admitted instanceof Admitted)) return this.#refuseRaw(socket, admitted)
    const leave = () => admitted.leave()
    if (this.listenerCount("request") === 0) {
      leave()
      return this.#refuseRaw(socket, new Overloaded({ retryAfterSeconds: 1 }))
    }
    admitted.work()
    socket.once("close", leave)
    this.#unread.begin(socket, client, performance.now())
    const response = new GatedResponse(request)
    // What comes after the handshake is no request.
    this.#options.handshakes.offer(request, { socket, head, response, accepted: leave })
    super.emit("request", request, response)
  }

  /** Refuses a request that Node could not read, or whose rest did not arrive in time. */
  #break(error: ClientError, socket: Socket) {
    const response = this.#current.get(socket)
    if (response?.req.complete === true) {
      // The request before is sound, and answered first.
      const queue = this.#queueOf(socket)
      return queue.add(() => this.#refuseRaw(socket, errorOfClient(error)))
    }
    if (response?.headersSent === true) return void socket.destroy()
    this.#refuseRaw(socket, errorOfClient(error))
  }

  #refuseRaw(socket: Socket, error: ProblemError) {
    if (!socket.writable) return void socket.destroy()
    this.#options.refused(error._tag)
    answerRawProblem(socket, error)
  }

  /** Once the system has taken what it can. */
  #cutUnreadSoon() {
    if (this.#willCut) return
    this.#willCut = true
    setImmediate(() => {
      this.#willCut = false
      this.#cutUnread()
    })
  }

  #cutUnread() {
    for (const socket of this.#unread.tooSlow(performance.now())) {
      this.#options.refused("unread")
      // The reset discards the data that the system still holds for the peer.
      socket.resetAndDestroy()
    }
  }
}

/**
 * One realtime connection, from its handshake to its end. Events of the socket call plain functions. A fiber exists only
 * while an effect carries out a frame or passes on a notice.
 */
import type { ConnectionId } from "@dchat/domain/call"
import type { SessionId, SignedIn, UserId } from "@dchat/domain/identity"
import { Cause, Effect, Exit, Fiber, Scope } from "effect"
import type { ServerFrame } from "../api/RealtimeFrames.ts"
import { troubleIn } from "../middleware/DatabaseTrouble.ts"
import { ConnectionFrames, type FramesConnection } from "./ConnectionFrames.ts"
import { FrameLine } from "./FrameLine.ts"
import { frameText } from "./FrameText.ts"
import type { RealtimeHost } from "./RealtimeHost.ts"
import { CloseCode, type RealtimeSocket } from "./RealtimeSocket.ts"
import type { WatchedSocket } from "./SessionSockets.ts"

/** The time within which a client has to send hello. */
const helloWithin = "10 seconds"

export interface ConnectionOptions {
  readonly signedIn: SignedIn
  /** The address of the client, in the form of the limits. */
  readonly address: string
  /** Closes with the connection. */
  readonly scope: Scope.Closeable
}

class Connection implements WatchedSocket, FramesConnection {
  readonly session: SessionId
  readonly generation: number
  readonly countedFor: { readonly address: string; readonly person: UserId }
  readonly id: ConnectionId
  readonly scope: Scope.Closeable
  readonly #host: RealtimeHost
  readonly #socket: RealtimeSocket
  readonly #line: FrameLine
  readonly #frames: ConnectionFrames
  #isClosing = false
  /** Whether an effect carries a frame out, so that later frames wait. */
  #isBusy = false
  #helloTimer: Fiber.Fiber<void> | undefined
  #fibers: Set<Fiber.Fiber<unknown, unknown>> | undefined
  #ending: Fiber.Fiber<void> | undefined

  constructor(
    host: RealtimeHost,
    socket: RealtimeSocket,
    id: ConnectionId,
    { address, scope, signedIn: { session, user } }: ConnectionOptions
  ) {
    this.session = session.id
    this.generation = session.generation
    this.countedFor = { address, person: user.id }
    this.id = id
    this.#host = host
    this.#socket = socket
    this.scope = scope
    this.#line = new FrameLine(socket)
    this.#frames = new ConnectionFrames(host, this)
  }

  /** Serves the socket until the socket closes. */
  serve(): void {
    this.#host.open.add(this)
    this.#socket.on("message", (data: Buffer, isBinary) => this.#hear(isBinary ? data : data.toString()))
    this.#socket.once("close", () => this.end())
    // A socket that fails closes.
    this.#socket.on("error", () => {})
    this.#helloTimer = this.#fork(
      Effect.delay(Effect.sync(() => this.closeWith(CloseCode.policyViolation, "no hello")), helloWithin)
    )
    this.#carryOutAlone(this.#begin())
  }

  get user(): UserId {
    return this.countedFor.person
  }

  /** From now on, the host carries no frame out and sends none. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#send({ type: "session.revoked" })
      this.closeWith(CloseCode.sessionRevoked, "session revoked")
      return this.#host.connections.signOut(this.id)
    })
  }

  get replaced(): Effect.Effect<void> {
    return Effect.sync(() => this.closeWith(CloseCode.tokenReplaced, "token replaced"))
  }

  get identityChanged(): Effect.Effect<void> {
    return Effect.sync(() => this.#send({ type: "identity.changed" }))
  }

  get subscriptionChanged(): Effect.Effect<void> {
    return Effect.sync(() => this.#send({ type: "subscription.changed" }))
  }

  #send(frame: ServerFrame): void {
    this.sendText(frameText(frame))
  }

  sendText(text: string): void {
    if (this.#isClosing) return
    try {
      this.#socket.send(text)
    } catch {
      this.#isClosing = true
    }
  }

  fork(effect: Effect.Effect<void>): void {
    if (this.#ending === undefined) this.#fork(effect)
  }

  #fork(effect: Effect.Effect<void>): Fiber.Fiber<void> {
    const fiber = this.#host.fork(effect)
    if (fiber.pollUnsafe() !== undefined) return fiber
    const fibers = this.#fibers ??= new Set()
    fibers.add(fiber)
    fiber.addObserver(() => {
      fibers.delete(fiber)
      if (fibers.size === 0 && this.#fibers === fibers) this.#fibers = undefined
    })
    return fiber
  }

  greeted(): void {
    this.#helloTimer?.interruptUnsafe()
    this.#helloTimer = undefined
  }

  /** Ends the connection, once: first the work, and then what the connection holds. */
  end(): Fiber.Fiber<void> {
    return this.#ending ??= this.#end()
  }

  #end(): Fiber.Fiber<void> {
    this.#isClosing = true
    this.#line.clear()
    if (this.#host.isStopping()) this.#socket.close(CloseCode.goingAway, "the host stops")
    return this.#host.fork(Effect.uninterruptible(Effect.gen({ self: this }, function*() {
      if (this.#fibers !== undefined) yield* Fiber.interruptAll([...this.#fibers])
      yield* Effect.catchCause(
        Scope.close(this.scope, Exit.void),
        (cause) => Effect.logError("a realtime connection could not end", cause)
      )
      this.#host.open.delete(this)
    })))
  }

  closeWith(code: number, reason: string): void {
    this.#isClosing = true
    this.#socket.close(code, reason)
  }

  giveUp(message: string, cause: Cause.Cause<unknown>): Effect.Effect<void> {
    if (troubleIn(cause) === undefined) this.closeWith(CloseCode.internalError, "internal error")
    else this.closeWith(CloseCode.tryAgainLater, "try again later")
    return Effect.logError(message, cause)
  }

  /** The session may have ended, or its token been replaced, before the connection was watched. */
  #begin() {
    return Effect.gen({ self: this }, function*() {
      const { sessionSockets, sessions } = this.#host
      yield* Scope.provide(sessionSockets.watch(this), this.scope)
      const [live] = yield* sessions.keepAlive([this.session])
      if (live === undefined) yield* this.close
      else if (live.generation !== this.generation) yield* this.replaced
    })
  }

  #hear(data: string | Uint8Array): void {
    if (this.#isClosing) return
    if (this.#isBusy) this.#line.add(data)
    else this.#carryOutAlone(this.#frames.receive(data))
  }

  /** Runs the effect that a frame leaves to do. Later frames wait for its end. */
  #carryOutAlone(rest: Effect.Effect<void>): void {
    if (rest === Effect.void) return
    const fiber = this.#fork(
      Effect.catchCause(
        rest,
        (cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : this.giveUp("a realtime connection failed", cause)
      )
    )
    if (fiber.pollUnsafe() !== undefined) return
    this.#isBusy = true
    fiber.addObserver(() => {
      this.#isBusy = false
      while (!this.#isBusy) {
        const data = this.#line.next()
        if (data === undefined) return
        this.#hear(data)
      }
    })
  }
}

/** Serves a connection on a socket that is open, until the socket closes. */
export const openConnection = (...args: ConstructorParameters<typeof Connection>): void =>
  new Connection(...args).serve()

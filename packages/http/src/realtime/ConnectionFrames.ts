/**
 * The frames of one connection: hello first, then a reply for every frame, and the events of the user's calls as they
 * occur.
 */
import type { Actor, CallEvent, CallId, CallNotice, ConnectedActor, ConnectionId } from "@dchat/domain/call"
import type { SessionId, UserId } from "@dchat/domain/identity"
import { Cause, Effect, Option, Result, Scope } from "effect"
import { viewOf } from "../api/CallView.ts"
import { framePolicies } from "../api/FrameLimits.ts"
import { type ProblemError, problemOf } from "../api/Problems.ts"
import { TooManyRequests } from "../api/RateLimited.ts"
import { type ClientFrame, type Hello, requestOf, type ServerFrame } from "../api/RealtimeFrames.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { limited } from "../limits/LimitedWork.ts"
import { troubleIn } from "../middleware/DatabaseTrouble.ts"
import { CallFeed } from "./CallFeed.ts"
import { FrameBudget } from "./FrameBudget.ts"
import { FrameFailed, HelloExpected, HelloRepeated } from "./FrameErrors.ts"
import { callReplyText, frameText } from "./FrameText.ts"
import { Notices } from "./Notices.ts"
import { isQuick, type QuickFrame, QuickFrames } from "./QuickFrames.ts"
import { readFrame, type Unreadable } from "./ReadFrame.ts"
import type { RealtimeHost } from "./RealtimeHost.ts"
import { CloseCode, heartbeatSeconds } from "./RealtimeSocket.ts"

/** Frames in a row that are not of the protocol, after which a connection is closed. */
const foreignFrames = 10

/** The connection that the frames belong to. */
export interface FramesConnection {
  readonly id: ConnectionId
  readonly session: SessionId
  /** The generation of the token that opened the connection. */
  readonly generation: number
  /** The keys against which frames count. */
  readonly countedFor: { readonly address: string; readonly person: UserId }
  /** Closes with the connection. */
  readonly scope: Scope.Scope
  /** From now on, the host carries no frame out and sends none. */
  readonly isClosing: boolean
  /** Sends nothing once the connection is closing. */
  readonly sendText: (text: string) => void
  readonly closeWith: (code: number, reason: string) => void
  /** Closes the connection because of a failure. The client receives the missed events after it reconnects. */
  readonly giveUp: (message: string, cause: Cause.Cause<unknown>) => Effect.Effect<void>
  /** Runs the effect, for as long as the connection is open. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** Called after hello. */
  readonly greeted: () => void
}

/** The state of a connection after hello. */
interface Greeted {
  readonly feed: CallFeed
  readonly quick: QuickFrames
}

export class ConnectionFrames {
  readonly #host: RealtimeHost
  readonly #connection: FramesConnection
  #actor: ConnectedActor
  #greeted: Greeted | undefined
  #budget: FrameBudget | undefined
  #foreignInARow = 0

  constructor(host: RealtimeHost, connection: FramesConnection) {
    this.#host = host
    this.#connection = connection
    this.#actor = { userId: connection.countedFor.person, connection: { id: connection.id, hostId: host.hostId } }
  }

  get id(): ConnectionId {
    return this.#connection.id
  }

  get actor(): ConnectedActor {
    return this.#actor
  }

  get countedFor() {
    return this.#connection.countedFor
  }

  send(frame: ServerFrame): void {
    this.sendText(frameText(frame))
  }

  sendText(text: string): void {
    this.#connection.sendText(text)
  }

  fork(effect: Effect.Effect<void>): void {
    this.#connection.fork(effect)
  }

  /** Takes a frame. Returns the effect that is left to do: `Effect.void` for most frames of signalling. */
  receive(data: string | Uint8Array): Effect.Effect<void> {
    if (this.#host.isStopping()) return Effect.void
    const verdict = this.#host.isLimited ? this.#count(data.length) : "carryOut"
    if (verdict === "close") {
      this.#connection.closeWith(CloseCode.tooManyFrames, "too many frames")
      return Effect.void
    }
    const read = readFrame(data)
    if (verdict !== "carryOut") {
      this.#refuse(new TooManyRequests(verdict), idOf(Result.isSuccess(read) ? read.success : read.failure))
      return Effect.void
    }
    if (Result.isFailure(read)) {
      this.#receiveForeign(read.failure)
      return Effect.void
    }
    this.#foreignInARow = 0
    const frame = read.success
    // At once, because an overloaded host has to refuse many calls.
    if (frame.type === "call.initiate" && this.#greeted !== undefined && this.#host.load.isOver("calls")) {
      return Effect.catch(HostLoad.refuseCall, (error) => Effect.sync(() => this.#refuse(error, idOf(frame))))
    }
    return this.#greeted !== undefined && isQuick(frame)
      ? this.#greeted.quick.take(frame)
      : this.#answered(frame, this.#handle(frame))
  }

  #count(size: number) {
    this.#budget ??= new FrameBudget(this.#host.frames, this.#connection.countedFor)
    return this.#budget.take(size, this.#host.now())
  }

  #receiveForeign({ error, isForeign, ...unreadable }: Unreadable): void {
    if (isForeign) this.#foreignInARow += 1
    this.#refuse(error, idOf(unreadable))
    if (this.#foreignInARow >= foreignFrames) {
      this.#connection.closeWith(CloseCode.policyViolation, "too many wrong frames")
    }
  }

  #refuse(error: ProblemError, id: { readonly id?: string }): void {
    this.send({ type: "reply", ...id, ok: false, problem: problemOf(error, this.id) })
  }

  /** Answers a frame that is refused or fails. */
  #answered(frame: ClientFrame, work: Effect.Effect<void, ProblemError>): Effect.Effect<void> {
    return work.pipe(
      Effect.catch((error) => Effect.sync(() => this.#refuse(error, idOf(frame)))),
      Effect.catchDefect((defect) => {
        if (frame.type === "hello") return this.#connection.giveUp("could not greet a connection", Cause.die(defect))
        this.#refuse(troubleIn(defect)?.error ?? new FrameFailed(), idOf(frame))
        return Effect.logError("a realtime frame failed", defect)
      })
    )
  }

  #handle(frame: ClientFrame): Effect.Effect<void, ProblemError> {
    if (frame.type === "hello") return this.#greet(frame)
    const policy = framePolicies[frame.type]
    if (policy === undefined) return this.#carryOut(frame)
    const { limits } = this.#host
    return limited(limits, limits.count, policy, this.#connection.countedFor)(this.#carryOut(frame))
  }

  #carryOut(frame: Exclude<ClientFrame, Hello>): Effect.Effect<void, ProblemError> {
    return Effect.gen({ self: this }, function*() {
      if (frame.type === "ping") return this.send({ type: "pong", ...idOf(frame) })
      if (this.#greeted === undefined) return yield* new HelloExpected()
      const { calls, load } = this.#host
      if (frame.type === "call.initiate") {
        const { callType: type, groupId, idempotencyKey, participants } = frame
        const call = { type, participants, ...(groupId && { groupId }) }
        const placed = yield* HostLoad.place(load, calls.initiate(this.#actor, call, idempotencyKey))
        return this.sendText(callReplyText(frame.id, placed.call))
      }
      const call = yield* calls.execute(this.#actor, frame.callId, requestOf(frame))
      this.sendText(callReplyText(frame.id, call))
    })
  }

  #greet({ capabilities = [], device, id, resume = {} }: Hello) {
    return Effect.gen({ self: this }, function*() {
      if (this.#greeted !== undefined) return yield* new HelloRepeated()
      const { bus, calls, connections, presence } = this.#host
      const actor = { ...this.#actor, device, reportsMedia: capabilities.includes("reportsMedia") }
      this.#actor = actor
      const feed = new CallFeed(calls, this)
      const notices = new Notices({
        quickly: (notice) => !this.#connection.isClosing && feed.acceptQuickly(notice),
        follow: (notice) => this.#follow(feed, notice),
        fork: (effect) => this.fork(effect)
      })
      yield* bus.listen(actor.userId, notices.hear)
      yield* presence.connect(actor.userId, device)
      yield* Effect.addFinalizer(() => this.#host.isStopping() ? Effect.void : this.#disconnect())

      const known = new Map(Object.entries(resume) as Array<[CallId, number]>)
      const before = yield* calls.openCallsOf(actor.userId)
      yield* Effect.forEach(before, (call) => connections.connect(actor, call.id, !known.has(call.id)), {
        concurrency: 4,
        discard: true
      })
      const open = yield* calls.openCallsOf(actor.userId)
      this.#greeted = { feed, quick: new QuickFrames(this.#host, this) }
      this.send({
        type: "welcome",
        connectionId: this.id,
        userId: actor.userId,
        heartbeatSeconds,
        calls: open.map(viewOf)
      })
      for (const callId of new Set([...known.keys(), ...open.map((call) => call.id)])) {
        yield* feed.resume(callId, known.get(callId))
      }
      notices.start()
      this.#connection.greeted()
      if (id !== undefined) this.send({ type: "reply", id, ok: true })
    }).pipe(Scope.provide(this.#connection.scope))
  }

  #disconnect() {
    const { connections, sessionSockets } = this.#host
    const session = { id: this.#connection.session, generation: this.#connection.generation }
    return Effect.flatMap(
      connections.disconnect(this.id),
      Option.match({
        onNone: () => Effect.void,
        onSome: (endSession) => sessionSockets.remember(session, endSession)
      })
    )
  }

  #follow(feed: CallFeed, notice: CallNotice): Effect.Effect<void> {
    if (this.#connection.isClosing) return Effect.void
    return Effect.andThen(
      feed.accept(notice),
      notice.records.some(({ event }) => entered(event, this.#actor))
        ? Effect.asVoid(this.#host.connections.renew(this.#actor, notice.call))
        : Effect.void
    ).pipe(
      Effect.catchDefect((defect) =>
        this.#connection.giveUp("could not follow the calls of a connection", Cause.die(defect))
      )
    )
  }
  /** Carries a frame out that the quick way leaves, and answers the frame. */
  carryOutSlowly(frame: QuickFrame): Effect.Effect<void> {
    return this.#answered(frame, this.#carryOut(frame))
  }
}

/** Whether this is the user coming into a call by the connection's own device, or by one that is not known. */
const entered = (event: CallEvent, { device, userId }: Actor): boolean =>
  ((event._tag === "CallInitiated" && event.initiatorId === userId) ||
    (event._tag === "Accepted" && event.userId === userId)) &&
  (event.device === undefined || event.device === device)

const idOf = ({ id }: { readonly id?: string }) => id === undefined ? {} : { id }

/**
 * One realtime connection: hello first, then a reply for every frame, and the events of the user's calls as they occur.
 */
import {
  type Actor,
  CallBus,
  CallConnections,
  type CallEvent,
  type CallId,
  Calls,
  type ConnectedActor,
  ConnectionId,
  type HostId,
  Signalling
} from "@dchat/domain/call"
import { Presence, Sessions, type SignedIn } from "@dchat/domain/identity"
import { Cause, Clock, Deferred, Effect, Exit, Option, Result, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { HttpServerError } from "effect/http"
import { Socket } from "effect/socket"
import { viewOf } from "../api/CallView.ts"
import { framePolicies } from "../api/FrameLimits.ts"
import { problemOf } from "../api/Problems.ts"
import { TooManyRequests } from "../api/RateLimited.ts"
import { type ClientFrame, type Hello, requestOf, type ServerFrame } from "../api/RealtimeFrames.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { limited } from "../limits/LimitedWork.ts"
import { RateLimits } from "../limits/RateLimits.ts"
import type { TokenBuckets } from "../limits/TokenBuckets.ts"
import { troubleIn } from "../middleware/DatabaseTrouble.ts"
import { type CallFeed, makeCallFeed } from "./CallFeed.ts"
import { ConnectionClosing } from "./ConnectionClosing.ts"
import { FrameBudget } from "./FrameBudget.ts"
import { FrameFailed, HelloExpected, HelloRepeated } from "./FrameErrors.ts"
import { callReplyText, frameText } from "./FrameText.ts"
import { Notices } from "./Notices.ts"
import { isQuick, makeQuickFrames, type QuickFrame } from "./QuickFrames.ts"
import { readFrame, type Unreadable } from "./ReadFrame.ts"
import { CloseCode, heartbeatSeconds } from "./RealtimeSocket.ts"
import { SessionSockets } from "./SessionSockets.ts"

/** The time within which a client has to send hello. */
const helloWithin = "10 seconds"

/** Frames in a row that are not of the protocol, after which a connection is closed. */
const foreignFrames = 10

/** The state of a connection after hello. */
interface Greeted {
  readonly actor: ConnectedActor
  readonly feed: CallFeed
  readonly quick: (frame: QuickFrame) => Effect.Effect<void>
}

/** The two ends of a connection: this host and the client. */
interface Ends {
  /** The id of this process in leases. */
  readonly hostId: HostId
  /** The address of the client, in the form of the limits. */
  readonly address: string
  /** Counts the frames of all connections of the host. */
  readonly frames: TokenBuckets
}

/** Serves a connection until it closes. From the moment the server closes it, no frame is carried out and none sent. */
export const serveConnection = Effect.fn("Realtime.connection")(
  function*(socket: Socket.Socket, { session, user }: SignedIn, { address, frames, hostId }: Ends) {
    const calls = yield* Calls
    const connections = yield* CallConnections
    const bus = yield* CallBus
    const presence = yield* Presence
    const random = yield* SecureRandom.SecureRandom
    const sessions = yield* Sessions
    const sessionSockets = yield* SessionSockets
    const closing = yield* ConnectionClosing
    const signalling = yield* Signalling
    const load = yield* HostLoad
    const limits = yield* RateLimits
    const scope = yield* Effect.scope
    const clock = yield* Clock.Clock
    const isLimited = (yield* HostSettings).rateLimits === "on"
    const countedFor = { address, person: user.id }
    const budget = new FrameBudget(frames, countedFor)
    const writer = yield* socket.writer
    const { pull } = yield* socket.reader

    const connectionId = ConnectionId.make(yield* random.uuidV7())
    const greeting = yield* Deferred.make<void>()
    let greeted: Greeted | undefined
    let foreignInARow = 0
    let isClosing = false

    const stop = Effect.sync(() => {
      isClosing = true
    })
    const sendText = (text: string) =>
      Effect.suspend(() => isClosing ? Effect.void : Effect.catch(writer.write(text), () => stop))
    // An open socket takes a text at once.
    const sendNow = (text: string) => Effect.runSync(sendText(text))
    const send = (frame: ServerFrame) => Effect.suspend(() => sendText(frameText(frame)))
    const close = (code: number, reason: string) =>
      Effect.andThen(stop, Effect.ignore(writer.write(new Socket.CloseEvent(code, reason))))

    /** The client receives the missed events after it reconnects. */
    const giveUp = (message: string, defect: unknown) =>
      Effect.andThen(
        Effect.logError(message, defect),
        troubleIn(defect) === undefined
          ? close(CloseCode.internalError, "internal error")
          : close(CloseCode.tryAgainLater, "try again later")
      )

    const greet = Effect.fnUntraced(function*({ capabilities = [], device, id, resume = {} }: Hello) {
      if (greeted !== undefined) return yield* new HelloRepeated()
      const actor: ConnectedActor = {
        userId: user.id,
        device,
        reportsMedia: capabilities.includes("reportsMedia"),
        connection: { id: connectionId, hostId }
      }
      const feed = makeCallFeed(actor, calls, send, sendNow)
      const notices = new Notices((notice) => !isClosing && feed.acceptQuickly(notice))
      yield* bus.listen(user.id, notices.hear)
      yield* presence.connect(user.id, device)
      // A host that stops lets go of what all its connections hold by one statement, when it takes itself out.
      yield* Effect.addFinalizer((exit) =>
        isInterrupted(exit) || closing.isStopping() ? Effect.void : Effect.flatMap(
          connections.disconnect(connectionId),
          Option.match({
            onNone: () => Effect.void,
            onSome: (endSession) => sessionSockets.remember(session, endSession)
          })
        )
      )

      const known = new Map(Object.entries(resume) as Array<[CallId, number]>)
      const before = yield* calls.openCallsOf(user.id)
      yield* Effect.forEach(before, (call) => connections.connect(actor, call.id, !known.has(call.id)), {
        concurrency: 4,
        discard: true
      })
      const open = yield* calls.openCallsOf(user.id)
      const quick = yield* makeQuickFrames({ limits, signalling }, {
        id: connectionId,
        actor,
        countedFor,
        scope,
        send: sendNow,
        carryOut: (frame) => settled(frame, carryOut(frame))
      })
      greeted = { actor, feed, quick }
      yield* send({
        type: "welcome",
        connectionId,
        userId: user.id,
        heartbeatSeconds,
        calls: open.map(viewOf)
      })
      for (const callId of new Set([...known.keys(), ...open.map((call) => call.id)])) {
        yield* feed.resume(callId, known.get(callId))
      }
      yield* notices.followWith(follow).pipe(
        Effect.catchDefect((defect) => giveUp("could not follow the calls of a connection", defect)),
        Effect.forkScoped
      )
      yield* Deferred.succeed(greeting, undefined)
      if (id !== undefined) yield* send({ type: "reply", id, ok: true })
    })

    const follow = Effect.fnUntraced(function*(notice: Parameters<CallFeed["accept"]>[0]) {
      if (greeted === undefined || isClosing) return
      const { actor, feed } = greeted
      yield* feed.accept(notice)
      if (notice.records.some(({ event }) => entered(event, actor))) yield* connections.renew(actor, notice.call)
    })

    const carryOut = Effect.fnUntraced(function*(frame: Exclude<ClientFrame, Hello>) {
      if (frame.type === "ping") return yield* send({ type: "pong", ...idOf(frame) })
      if (greeted === undefined) return yield* new HelloExpected()
      const { actor } = greeted
      if (frame.type === "call.initiate") {
        const { callType: type, groupId, idempotencyKey, participants } = frame
        const call = { type, participants, ...(groupId && { groupId }) }
        const placed = yield* HostLoad.place(load, calls.initiate(actor, call, idempotencyKey))
        return yield* sendText(callReplyText(frame.id, placed.call))
      }
      const call = yield* calls.execute(actor, frame.callId, requestOf(frame))
      yield* sendText(callReplyText(frame.id, call))
    })

    const handle = Effect.fnUntraced(function*(frame: ClientFrame) {
      if (frame.type === "hello") return yield* greet(frame)
      const policy = framePolicies[frame.type]
      if (policy === undefined) return yield* carryOut(frame)
      yield* limited(limits, limits.count, policy, countedFor)(carryOut(frame))
    })

    const refuse = (error: Parameters<typeof problemOf>[0], id: { readonly id?: string }) =>
      send({ type: "reply", ...id, ok: false, problem: problemOf(error, connectionId) })

    /** Answers a frame that is refused or fails. */
    const settled = <E extends Parameters<typeof problemOf>[0], R>(
      frame: ClientFrame,
      work: Effect.Effect<void, E, R>
    ) =>
      work.pipe(
        Effect.catch((error) => refuse(error, idOf(frame))),
        Effect.catchDefect((defect) =>
          frame.type === "hello"
            ? giveUp("could not greet a connection", defect)
            : Effect.andThen(
              Effect.logError("a realtime frame failed", defect),
              refuse(troubleIn(defect)?.error ?? new FrameFailed(), idOf(frame))
            )
        )
      )

    const receiveForeign = Effect.fnUntraced(function*({ error, isForeign, ...unreadable }: Unreadable) {
      if (isForeign) foreignInARow += 1
      yield* refuse(error, idOf(unreadable))
      if (foreignInARow >= foreignFrames) yield* close(CloseCode.policyViolation, "too many wrong frames")
    })

    /** Takes a frame. Returns the effect that is left to do: `Effect.void` for most frames of signalling. */
    const receive = (data: string | Uint8Array): Effect.Effect<void, never, Scope.Scope> => {
      if (isClosing || closing.isStopping()) return Effect.void
      const now = Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
      const verdict = isLimited ? budget.take(data.length, now) : "carryOut"
      if (verdict === "close") return close(CloseCode.tooManyFrames, "too many frames")
      const read = readFrame(data)
      if (verdict !== "carryOut") {
        return refuse(new TooManyRequests(verdict), idOf(Result.isSuccess(read) ? read.success : read.failure))
      }
      if (Result.isFailure(read)) return receiveForeign(read.failure)
      foreignInARow = 0
      const frame = read.success
      // At once, because an overloaded host has to refuse many calls.
      if (frame.type === "call.initiate" && greeted !== undefined && load.isOver("calls")) {
        return Effect.catch(HostLoad.refuseCall, (error) => refuse(error, idOf(frame)))
      }
      return greeted !== undefined && isQuick(frame) ? greeted.quick(frame) : settled(frame, handle(frame))
    }

    /** Takes frames one after another, without an effect for those that leave nothing to do. */
    const receiveAll = (messages: ReadonlyArray<string | Uint8Array>): Effect.Effect<void, never, Scope.Scope> => {
      for (const [index, message] of messages.entries()) {
        const rest = receive(message)
        if (rest !== Effect.void) return Effect.flatMap(rest, () => receiveAll(messages.slice(index + 1)))
      }
      return Effect.void
    }

    const revoke = Effect.all([
      send({ type: "session.revoked" }),
      close(CloseCode.sessionRevoked, "session revoked"),
      connections.signOut(connectionId)
    ], { discard: true })
    const replaced = close(CloseCode.tokenReplaced, "token replaced")
    yield* sessionSockets.watch({
      session: session.id,
      generation: session.generation,
      user: user.id,
      close: revoke,
      replaced,
      identityChanged: send({ type: "identity.changed" }),
      subscriptionChanged: send({ type: "subscription.changed" })
    })
    // The session may have ended since the request was let in, and before it was watched, or its token been replaced.
    const [live] = yield* sessions.keepAlive([session.id])
    if (live === undefined) yield* revoke
    else if (live.generation !== session.generation) yield* replaced
    yield* Deferred.await(greeting).pipe(
      Effect.timeoutOrElse({ duration: helloWithin, orElse: () => close(CloseCode.policyViolation, "no hello") }),
      Effect.forkScoped
    )
    yield* pull.pipe(
      Effect.flatMap(receiveAll),
      Effect.forever,
      Effect.catchTag("SocketError", () => Effect.void)
    )
  }
)

/** Whether this is the user coming into a call by the connection's own device, or by one that is not known. */
const entered = (event: CallEvent, { device, userId }: Actor): boolean =>
  ((event._tag === "CallInitiated" && event.initiatorId === userId) ||
    (event._tag === "Accepted" && event.userId === userId)) &&
  (event.device === undefined || event.device === device)

/** A connection is interrupted when its client leaves, which is recorded, or when the host stops. */
const isInterrupted = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit) &&
  exit.cause.reasons.some((reason) =>
    Cause.isInterruptReason(reason) && !reason.annotations.has(HttpServerError.ClientAbort.key)
  )

const idOf = ({ id }: { readonly id?: string }) => id === undefined ? {} : { id }

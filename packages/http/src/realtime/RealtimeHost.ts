/**
 * The services that all realtime connections of a host share, and the open connections. A connection runs effects on
 * them, and holds neither a fiber nor services of its own while it is idle.
 */
import { CallBus, CallClock, CallConnections, Calls, ConnectionId, type HostId, Signalling } from "@dchat/domain/call"
import { Presence, Sessions } from "@dchat/domain/identity"
import { Clock, Effect, Fiber } from "effect"
import { SecureRandom } from "effect/crypto"
import { HostSettings } from "../config/HostSettings.ts"
import { HostLoad } from "../limits/HostLoad.ts"
import { RateLimits } from "../limits/RateLimits.ts"
import { TokenBuckets } from "../limits/TokenBuckets.ts"
import { ConnectionClosing } from "./ConnectionClosing.ts"
import { SessionSockets } from "./SessionSockets.ts"

/** A connection that has begun. */
interface OpenConnection {
  /** Ends the connection, once. The fiber succeeds when nothing of the connection is left. */
  readonly end: () => Fiber.Fiber<void>
}

export interface RealtimeHost {
  /** The id of this process in leases. */
  readonly hostId: HostId
  readonly calls: Calls["Service"]
  readonly connections: CallConnections["Service"]
  readonly bus: CallBus["Service"]
  readonly presence: Presence["Service"]
  readonly sessions: Sessions["Service"]
  readonly sessionSockets: SessionSockets["Service"]
  readonly signalling: Signalling["Service"]
  readonly limits: RateLimits["Service"]
  readonly load: typeof HostLoad.Service
  readonly newConnectionId: Effect.Effect<ConnectionId>
  /** Counts the frames of all connections of the host. */
  readonly frames: TokenBuckets
  readonly isLimited: boolean
  /** The connections that have begun and whose end is not complete. */
  readonly open: Set<OpenConnection>
  /** Whether the host stops: it carries out no frame, and lets go of what its connections hold by one statement. */
  readonly isStopping: () => boolean
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number
  /** Runs an effect with the context of the host. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  /** Runs the effect in place, without keeping the context in which the effect runs. */
  readonly inHost: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** Connections that are still open end with the scope. */
export const makeRealtimeHost = Effect.gen(function*() {
  const context = yield* Effect.context<never>()
  const clock = yield* Clock.Clock
  const closing = yield* ConnectionClosing
  const { uuidV7 } = yield* SecureRandom.SecureRandom
  const open = new Set<OpenConnection>()
  let isOver = false
  yield* Effect.addFinalizer(() => {
    isOver = true
    return Effect.forEach([...open], (connection) => Fiber.await(connection.end()), {
      concurrency: "unbounded",
      discard: true
    })
  })
  const host: RealtimeHost = {
    hostId: (yield* CallClock).hostId,
    calls: yield* Calls,
    connections: yield* CallConnections,
    bus: yield* CallBus,
    presence: yield* Presence,
    sessions: yield* Sessions,
    sessionSockets: yield* SessionSockets,
    signalling: yield* Signalling,
    limits: yield* RateLimits,
    load: yield* HostLoad,
    newConnectionId: Effect.map(uuidV7(), (id) => ConnectionId.make(id)),
    frames: new TokenBuckets(),
    isLimited: (yield* HostSettings).rateLimits === "on",
    open,
    isStopping: () => isOver || closing.isStopping(),
    now: () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000,
    fork: Effect.runForkWith(context),
    inHost: (effect) => Effect.updateContext(effect, () => context)
  }
  return host
})

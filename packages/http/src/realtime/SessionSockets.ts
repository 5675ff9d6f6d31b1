/**
 * The realtime connections of this host by session, so that they close when their session ends.
 */
import { CallSettings } from "@dchat/domain/call"
import { IdentityBus, type Session, type SessionId, Sessions, type UserId } from "@dchat/domain/identity"
import { repeat } from "@dchat/domain/loop"
import { SubscriptionBus } from "@dchat/domain/subscription"
import { Clock, Context, Effect, Layer, Queue, type Scope } from "effect"

/** The interval at which sessions are looked up that ended without a message: on another host, or by an operator. */
const lookUp = "1 second"

/** The interval at which a connection counts as use of its session. */
const use = "30 seconds"

/** A session has no more connections than this at once, so it was in no more calls a moment ago. */
const mostAway = 16

/** The cleanup that remains when a session ends after its connection has closed. */
interface Away {
  readonly generation: number
  /** By the monotonic clock, in milliseconds. */
  readonly until: number
  readonly onEnd: Effect.Effect<void>
}

const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (now) => Number(now / 1_000_000n))

/** A connection that is notified of changes to its session and its user. */
export interface WatchedSocket {
  readonly session: SessionId
  /** The generation of the token that opened the connection. */
  readonly generation: number
  readonly user: UserId
  /** The session has ended. */
  readonly close: Effect.Effect<void>
  /** The token that opened it was replaced: a copy of that token may have opened it. */
  readonly replaced: Effect.Effect<void>
  /** The profile that the user sees of themselves has changed. */
  readonly identityChanged: Effect.Effect<void>
  /** The purchases, payments or grants of the user have changed. */
  readonly subscriptionChanged: Effect.Effect<void>
}

export class SessionSockets extends Context.Service<SessionSockets, {
  /** Tells this connection until the scope closes. */
  watch(socket: WatchedSocket): Effect.Effect<void, never, Scope.Scope>
  /** Runs `onEnd` if the session ends within the time in which a user may return to a call. */
  remember(session: Pick<Session, "id" | "generation">, onEnd: Effect.Effect<void>): Effect.Effect<void>
}>()("@dchat/http/realtime/SessionSockets") {
  static readonly layer = Layer.effect(
    SessionSockets,
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const bus = yield* IdentityBus
      const subscriptions = yield* SubscriptionBus
      const { timeouts } = yield* CallSettings
      const scope = yield* Effect.scope
      const sockets = new Map<SessionId | UserId, Set<WatchedSocket>>()

      const add = (key: SessionId | UserId, socket: WatchedSocket) =>
        sockets.set(key, (sockets.get(key) ?? new Set()).add(socket))
      const remove = (key: SessionId | UserId, socket: WatchedSocket) => {
        const others = sockets.get(key)
        others?.delete(socket)
        if (others?.size === 0) sockets.delete(key)
      }

      const watch = (socket: WatchedSocket) =>
        Effect.asVoid(Effect.acquireRelease(
          Effect.sync(() => {
            add(socket.session, socket)
            add(socket.user, socket)
          }),
          () =>
            Effect.sync(() => {
              remove(socket.session, socket)
              remove(socket.user, socket)
            })
        ))

      /** Each is told whatever becomes of the others: to tell one may wait for the database. */
      const each = (told: ReadonlyArray<Effect.Effect<void>>) =>
        Effect.forEach(
          told,
          (one) =>
            one.pipe(
              Effect.catchDefect((defect) => Effect.logError("a connection could not be told", defect)),
              Effect.forkIn(scope)
            ),
          { discard: true }
        )

      const tell = (key: SessionId | UserId, what: Exclude<keyof WatchedSocket, "session" | "generation" | "user">) =>
        Effect.suspend(() => each([...sockets.get(key) ?? []].map((socket) => socket[what])))

      const away = new Map<SessionId, ReadonlyArray<Away>>()
      const forgetOld = Effect.map(monotonicMillis, (now) => {
        for (const [session, all] of away) {
          const left = all.filter(({ until }) => until > now)
          if (left.length === 0) away.delete(session)
          else away.set(session, left)
        }
      })
      const remember: SessionSockets["Service"]["remember"] = ({ generation, id }, onEnd) =>
        Effect.map(monotonicMillis, (now) => {
          const until = now + timeouts.resumeWithMedia * 1000
          away.set(id, [...away.get(id) ?? [], { generation, until, onEnd }].slice(-mostAway))
        })
      const endAway = (session: SessionId) =>
        Effect.suspend(() => {
          const all = away.get(session) ?? []
          away.delete(session)
          return each(all.map(({ onEnd }) => onEnd))
        })

      const end = (session: SessionId) => Effect.andThen(tell(session, "close"), endAway(session))
      /** The connections that a token of an older generation opened. */
      const replace = (session: SessionId, generation: number) =>
        Effect.suspend(() =>
          each(
            [...sockets.get(session) ?? []]
              .filter((socket) => socket.generation < generation)
              .map((socket) => socket.replaced)
          )
        )

      const notices = yield* bus.subscribe
      yield* Queue.take(notices).pipe(
        Effect.flatMap((notice) =>
          notice._tag === "SessionsEnded"
            ? Effect.forEach(notice.sessions, end, { discard: true })
            : notice._tag === "TokenReplaced"
            ? replace(notice.session, notice.generation)
            : tell(notice.userId, "identityChanged")
        ),
        Effect.forever,
        Effect.forkScoped
      )

      const changes = yield* subscriptions.subscribe
      yield* Queue.take(changes).pipe(
        Effect.flatMap(({ userId }) => tell(userId, "subscriptionChanged")),
        Effect.forever,
        Effect.forkScoped
      )

      /** Each session with the oldest generation that has a connection. */
      const watched = () => {
        const oldest = new Map<SessionId, number>()
        for (const some of sockets.values()) {
          for (const { generation, session } of some) {
            oldest.set(session, Math.min(generation, oldest.get(session) ?? generation))
          }
        }
        return oldest
      }

      const endStale = Effect.gen(function*() {
        yield* forgetOld
        const ofAway = [...away].flatMap(([id, all]) =>
          all.slice(0, 1).map(({ generation }) => [id, generation] as const)
        )
        const known = [...new Map([...ofAway, ...watched()])].map(([id, generation]) => ({ id, generation }))
        yield* Effect.forEach(
          yield* sessions.outdated(known),
          ({ generation, id }) => generation === undefined ? end(id) : replace(id, generation),
          { discard: true }
        )
      })

      yield* repeat(
        { name: "look up the sessions of connections", every: lookUp, within: "30 seconds", isVital: false },
        endStale
      )
      yield* repeat(
        { name: "keep the sessions of connections alive", every: use, within: "30 seconds", isVital: false },
        Effect.suspend(() => sessions.keepAlive([...watched().keys()]))
      )

      return SessionSockets.of({ watch, remember })
    })
  )
}

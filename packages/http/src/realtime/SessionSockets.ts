/**
 * The realtime connections of this host by session, so that they close when their session ends.
 */
import { type SessionId, Sessions } from "@dchat/domain/identity"
import { Context, Effect, Layer, Schedule, type Scope } from "effect"

/** How often sessions are looked up that ended where this host did not hear of it. */
const lookUp = "30 seconds"

export class SessionSockets extends Context.Service<SessionSockets, {
  /** Has `close` run when the session ends, until the scope closes. */
  watch(session: SessionId, close: Effect.Effect<void>): Effect.Effect<void, never, Scope.Scope>
  /** The session has ended: its connections on this host close at once. */
  end(session: SessionId): Effect.Effect<void>
}>()("@dchat/http/realtime/SessionSockets") {
  static readonly layer = Layer.effect(
    SessionSockets,
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const watched = new Map<SessionId, Set<Effect.Effect<void>>>()

      const watch = Effect.fnUntraced(function*(session: SessionId, close: Effect.Effect<void>) {
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            const others = watched.get(session) ?? new Set()
            watched.set(session, others.add(close))
          }),
          () =>
            Effect.sync(() => {
              const others = watched.get(session)
              others?.delete(close)
              if (others?.size === 0) watched.delete(session)
            })
        )
      })

      const end = (session: SessionId) =>
        Effect.suspend(() => Effect.all([...watched.get(session) ?? []], { discard: true }))

      const endStale = Effect.gen(function*() {
        const ids = [...watched.keys()]
        const live = new Set(yield* sessions.keepAlive(ids))
        yield* Effect.forEach(ids.filter((id) => !live.has(id)), end, { discard: true })
      })

      yield* endStale.pipe(
        Effect.catchCause((cause) => Effect.logWarning("could not look up the sessions of connections", cause)),
        Effect.repeat(Schedule.spaced(lookUp)),
        Effect.forkScoped
      )

      return SessionSockets.of({ watch, end })
    })
  )
}

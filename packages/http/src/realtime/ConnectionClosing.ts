/**
 * Closes the realtime connections of a host that stops. The host reads nothing more from them, so that no client can
 * delay the stop, and closes a few at a time, so that other work has its turn.
 */
import { Context, Effect, Layer } from "effect"
import { CloseCode, type RealtimeSocket } from "./RealtimeSocket.ts"

/** Connections that are closed before others have their turn. */
export const closedAtOnce = 50

/** Milliseconds in which what was said last reaches the client. */
const lastWords = 300

/** By the clock of the process: a host stops as well where a test holds the time. */
const wait = (milliseconds: number) =>
  Effect.callback<void>((resume) => {
    const timer = setTimeout(() => resume(Effect.void), milliseconds)
    return Effect.sync(() => clearTimeout(timer))
  })

/** The sockets of one server that are open. */
export class OpenSockets extends Context.Reference<Set<RealtimeSocket>>("@dchat/http/realtime/OpenSockets", {
  defaultValue: () => new Set()
}) {}

export class ConnectionClosing extends Context.Service<ConnectionClosing, {
  /** Whether the host stops: no frame is carried out any more. */
  readonly isStopping: () => boolean
  /** Closes all connections. */
  readonly closeAll: Effect.Effect<void>
}>()("@dchat/http/realtime/ConnectionClosing") {
  static readonly layer = Layer.effect(
    ConnectionClosing,
    Effect.map(OpenSockets, (sockets) => {
      let isStopping = false

      const each = Effect.fnUntraced(function*(act: (socket: RealtimeSocket) => void) {
        const all = [...sockets]
        for (let index = 0; index < all.length; index += closedAtOnce) {
          for (const socket of all.slice(index, index + closedAtOnce)) act(socket)
          yield* Effect.yieldNow
        }
      })

      const closeAll = Effect.gen(function*() {
        isStopping = true
        if (sockets.size === 0) return
        for (const socket of sockets) socket.pause()
        yield* each((socket) => socket.close(CloseCode.goingAway, "the host stops"))
        yield* wait(lastWords)
        yield* each((socket) => socket.terminate())
      })

      return ConnectionClosing.of({ isStopping: () => isStopping, closeAll })
    })
  )

  /** Closes all connections of a server before that stops. */
  static readonly layerBeforeStop = Layer.effectDiscard(
    Effect.gen(function*() {
      const { closeAll } = yield* ConnectionClosing
      yield* Effect.addFinalizer(() => closeAll)
    })
  )
}

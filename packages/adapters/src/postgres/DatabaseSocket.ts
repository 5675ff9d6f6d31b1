/**
 * Sockets to a database that close after a time without an answer. A network that drops packets ends no connection, and
 * the system waits a quarter of an hour.
 */
import { connect, type NetConnectOpts, Socket } from "node:net"
import { performance } from "node:perf_hooks"
import type { Place } from "./DatabaseUrl.ts"

/**
 * The target of a connection. `path` is that of a unix socket, which is otherwise in the folder that stands for the
 * host.
 */
export const targetOf = ({ host, port }: Place, path: string | undefined) =>
  path !== undefined
    ? { path }
    : host.startsWith("/")
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host, port }

export interface SocketOptions {
  readonly target: NetConnectOpts
  /** Nothing may pass for this long, in milliseconds, while an answer is owed. */
  readonly silence: number
  /** Whether no connection of the pool is in use, so that silence is what it should be. */
  readonly isIdle: () => boolean
}

/** After an attempt to which nothing answered, others fail at once for this long, in milliseconds. */
const rest = 1000

const refused = () => {
  const socket = new Socket()
  process.nextTick(() => socket.destroy(new Error("the database did not answer a moment ago")))
  return socket
}

/**
 * Makes sockets. When one gets no answer at all, those who wait for another do not each wait as long: a queue of
 * requests is told at once that the database is away.
 */
export const socketsTo = ({ isIdle, silence, target }: SocketOptions) => {
  let restUntil = 0
  return (): Socket => {
    if (performance.now() < restUntil) return refused()
    const socket = connect({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000, ...target })
    // Also ended well: a request to cancel is answered by closing.
    let answered = false
    socket.once("data", () => {
      answered = true
      restUntil = 0
    })
    socket.once("end", () => {
      answered = true
    })
    socket.once("close", () => {
      if (!answered) restUntil = performance.now() + rest
    })
    // Once TLS has taken the socket over, nothing else listens.
    socket.on("error", () => {})
    return socket.setTimeout(silence, () => {
      if (!isIdle()) socket.destroy(new Error(`the database has not answered for ${silence / 1000} seconds`))
    })
  }
}

/**
 * A network between a client and a PostgreSQL that swallows packets when a test wants it, and resets nothing.
 */
import { Effect } from "effect"
import { connect, createServer, type Socket } from "node:net"

export interface Swallowing {
  /** On the loopback interface. */
  readonly port: number
  /** From now on nothing passes, in either direction. */
  readonly swallow: Effect.Effect<void>
  /** New connections pass again; what was swallowed is lost for good. */
  readonly heal: Effect.Effect<void>
}

/** In front of the server that listens on a unix socket, until the scope closes. */
export const inFrontOf = (path: string) =>
  Effect.acquireRelease(
    Effect.callback<Swallowing & { readonly close: () => void }>((resume) => {
      let swallows = false
      const sockets = new Set<Socket>()
      const server = createServer((client) => {
        const database = connect(path)
        let isCut = false
        for (const [from, to] of [[client, database], [database, client]] as const) {
          sockets.add(from)
          from.on("data", (data) => {
            isCut ||= swallows
            if (!isCut) to.write(data)
          })
          from.on("error", () => {})
          from.on("close", () => {
            sockets.delete(from)
            if (!isCut) to.destroy()
          })
        }
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed({
          port: typeof address === "object" && address !== null ? address.port : 0,
          swallow: Effect.sync(() => {
            swallows = true
          }),
          heal: Effect.sync(() => {
            swallows = false
          }),
          close: () => {
            for (const socket of sockets) socket.destroy()
            server.close()
          }
        }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

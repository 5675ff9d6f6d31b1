/**
 * A JSON-RPC endpoint over HTTP that answers as a test wants.
 */
import { Effect } from "effect"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"

export interface RpcCall {
  readonly method: string
  readonly params?: ReadonlyArray<unknown>
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** `silence`: nothing, ever. `reset`: the connection ends. */
export type Answer = (call: RpcCall) => Reply | "silence" | "reset" | Promise<Reply>

export interface RpcDouble {
  readonly url: string
  /** The methods that were called, in order. */
  readonly methods: ReadonlyArray<string>
  /** Done once a call has come that is left in silence. */
  readonly silent: Promise<void>
  /** Done once a caller has gone away without an answer. */
  readonly abandoned: Promise<void>
}

const reply = (content: object): Reply => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...content })
})

export const result = (value: unknown): Reply => reply({ result: value })

export const error = (code: number, message: string, status = 200): Reply => ({
  ...reply({ error: { code, message } }),
  status
})

/** What the endpoint at `url` answers. */
export const forward = async (url: string, call: RpcCall): Promise<Reply> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...call })
  })
  return { status: response.status, body: await response.text() }
}

const listen = (answer: Answer) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const methods: Array<string> = []
      const silent = Promise.withResolvers<void>()
      const abandoned = Promise.withResolvers<void>()
      const handle = async (request: IncomingMessage) => {
        const call = await json(request) as RpcCall
        methods.push(call.method)
        return answer(call)
      }
      const server = createServer((request, response) => {
        response.on("close", () => response.writableFinished || abandoned.resolve())
        void handle(request).then((answered) => {
          if (answered === "silence") silent.resolve()
          else if (answered === "reset") request.socket.destroy()
          else response.writeHead(answered.status ?? 200, answered.headers).end(answered.body)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const { port } = server.address() as AddressInfo
      return {
        server,
        double: { url: `http://127.0.0.1:${port}`, methods, silent: silent.promise, abandoned: abandoned.promise }
      }
    }),
    ({ server }) =>
      Effect.promise(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
  )

/** Answers until the scope ends. */
export const start = (answer: Answer) => Effect.map(listen(answer), ({ double }): RpcDouble => double)

/** Where nothing listens. */
export const closed = Effect.map(Effect.scoped(start(() => "silence")), ({ url }) => url)

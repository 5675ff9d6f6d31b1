/**
 * A JSON-RPC proxy on loopback in front of a node, whose faults a test switches on and off.
 */
import { Effect, type Scope } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import * as FaultList from "./FaultList.ts"
import * as FaultyNode from "./FaultyNode.ts"
import type { RpcCall } from "./RpcCall.ts"
import type { Occurrence, RpcFault } from "./RpcFault.ts"

export interface RpcProxy {
  readonly url: string
  readonly faults: {
    /** From now on, until `clear`. A fault of the same kind replaces the older one. */
    add(fault: RpcFault, occurrence?: Occurrence): Effect.Effect<void>
    /** Until the scope closes. */
    during(fault: RpcFault, occurrence?: Occurrence): Effect.Effect<void, never, Scope.Scope>
    readonly clear: Effect.Effect<void>
  }
  readonly requests: {
    /** The number of requests of each method. */
    readonly counts: Effect.Effect<Readonly<Record<string, number>>>
    /** The number of requests of one method. */
    count(method: string): Effect.Effect<number>
    readonly reset: Effect.Effect<void>
    /** Completes when the next request of this method arrives, before its answer. */
    next(method: string): Effect.Effect<RpcCall>
  }
}

type Outcome =
  | "hang"
  | "drop"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }

const isOutcome = <A extends object>(outcome: "hang" | "drop" | A): outcome is A => typeof outcome === "object"

const listen = (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => Promise<void> }>((resume) => {
      const server = createServer(handle)
      server.once("error", (error) => resume(Effect.die(error)))
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          close: () =>
            new Promise((done) => {
              server.close(() => done())
              server.closeAllConnections()
            })
        })))
    }),
    ({ close }) => Effect.promise(close)
  )

/** Starts a proxy in front of the node at `url`. The proxy stops with the scope. It does not support filters. */
export const start = Effect.fnUntraced(function*(
  { url: node }: { readonly url: string }
): Effect.fn.Return<RpcProxy, never, Scope.Scope> {
  const faults = FaultList.make()
  const counts = new Map<string, number>()
  const waiting = new Set<(call: RpcCall) => void>()
  const closed = new AbortController()
  let turn = 0

  const outcomeOf = async (call: RpcCall): Promise<Outcome> => {
    counts.set(call.method, (counts.get(call.method) ?? 0) + 1)
    for (const notify of waiting) notify(call)
    const current = faults.take(call.method)
    const { Answer, Drop, Hang, RateLimit, Route, Slow, Swallow } = current
    if (Slow !== undefined) await setTimeout(Slow.milliseconds, undefined, { signal: closed.signal })
    if (Hang !== undefined) return "hang"
    if (Drop !== undefined) return "drop"
    if (Answer !== undefined) return { status: Answer.status, body: Answer.body }
    const envelope = { jsonrpc: "2.0", id: call.id ?? null }
    if (RateLimit !== undefined) {
      const { retryAfterSeconds } = RateLimit
      return {
        status: 429,
        ...(retryAfterSeconds !== undefined && { headers: { "retry-after": `${retryAfterSeconds}` } }),
        body: { ...envelope, error: { code: -32005, message: "rate limit exceeded" } }
      }
    }
    const url = Route === undefined ? node : Route.nodes[turn++ % Route.nodes.length] ?? node
    const { status = 200, ...answered } = await FaultyNode.answer(url, call, current)
    return Swallow === undefined ? { status, body: { ...envelope, ...answered } } : "drop"
  }

  /** A batch has one HTTP answer: the first outcome without a result is the outcome of the batch. */
  const outcomeOfBatch = async (calls: ReadonlyArray<RpcCall>): Promise<Outcome> => {
    const outcomes = await Promise.all(calls.map(outcomeOf))
    const unanswered = outcomes.find((outcome) => !isOutcome(outcome) || outcome.status !== 200)
    return unanswered ?? { status: 200, body: outcomes.filter(isOutcome).map(({ body }) => body) }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const content = await json(request) as RpcCall | ReadonlyArray<RpcCall>
    const outcome = await (Array.isArray(content) ? outcomeOfBatch(content) : outcomeOf(content as RpcCall))
    if (outcome === "hang") return
    if (outcome === "drop") return void request.socket.destroy()
    const { body, headers, status } = outcome
    const text = typeof body === "string" ? body : JSON.stringify(body)
    response.writeHead(status, {
      "content-type": typeof body === "string" ? "text/html" : "application/json",
      ...headers
    }).end(text)
  }

  const { url } = yield* listen((request, response) => {
    // A node that is gone leaves the caller without an answer, as a gateway without a node does.
    handle(request, response).catch(() => response.headersSent || response.writeHead(502).end())
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => closed.abort()))

  const add = (fault: RpcFault, occurrence: Occurrence = {}) => Effect.sync(() => faults.add(fault, occurrence))
  return {
    url,
    faults: {
      add: (fault, occurrence) => Effect.asVoid(add(fault, occurrence)),
      during: (fault, occurrence) =>
        Effect.asVoid(Effect.acquireRelease(add(fault, occurrence), (remove) => Effect.sync(remove))),
      clear: Effect.sync(() => faults.clear())
    },
    requests: {
      counts: Effect.sync(() => Object.fromEntries(counts)),
      count: (method) => Effect.sync(() => counts.get(method) ?? 0),
      reset: Effect.sync(() => counts.clear()),
      next: (method) =>
        Effect.callback<RpcCall>((resume) => {
          const notify = (call: RpcCall) => {
            if (call.method !== method) return
            waiting.delete(notify)
            resume(Effect.succeed(call))
          }
          waiting.add(notify)
          return Effect.sync(() => void waiting.delete(notify))
        })
    }
  }
})

/**
 * Problems with which the HTTP server answers before a request reaches the routes.
 */
import { randomUUID } from "node:crypto"
import { type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { problemContentType, type ProblemError, problemOf, problemTable } from "../api/Problems.ts"

/** Milliseconds that a client has for reading the last answer of a connection. */
const readingTime = 500

const partsOf = (error: ProblemError) => {
  const id = randomUUID()
  const problem = problemOf(error, id)
  const retryAfter = problem["retryAfterSeconds"]
  return {
    status: problemTable[error._tag].status,
    body: JSON.stringify(problem),
    headers: {
      "content-type": problemContentType,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": id,
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(error._tag === "UpgradeRequired" ? { upgrade: "websocket" } : {})
    }
  }
}

/** Answers a request whose response has not begun. */
export const answerProblem = (response: ServerResponse, error: ProblemError, close: boolean) => {
  const { body, headers, status } = partsOf(error)
  if (close) response.shouldKeepAlive = false
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) })
  response.end(body)
}

/** The same for a `Request` without a socket. */
export const problemAnswer = (error: ProblemError): Response => {
  const { body, headers, status } = partsOf(error)
  return new Response(body, { status, headers })
}

const alive = JSON.stringify({ status: "ok" })

/** Answers the probe that checks whether the host is alive. */
export const answerAlive = (response: ServerResponse, close: boolean) => {
  if (close) response.shouldKeepAlive = false
  response.writeHead(200, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "content-length": Buffer.byteLength(alive)
  })
  response.end(alive)
}

/** Closes a connection once the client has had time to read what was written, or has closed it. */
export const closeAfterReading = (socket: Duplex) => {
  const timer = setTimeout(() => socket.destroy(), readingTime)
  timer.unref()
  socket.once("close", () => clearTimeout(timer))
}

/** Answers on a connection without a response, and ends it. */
export const answerRawProblem = (socket: Duplex, error: ProblemError) => {
  if (!socket.writable) return void socket.destroy()
  const { body, headers, status } = partsOf(error)
  const lines = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" })
    .map(([name, value]) => `${name}: ${value}`)
  socket.on("error", () => socket.destroy())
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n"))
  // The server has to read the rest of the request. Otherwise the connection is reset before the client reads the
  // answer.
  socket.resume()
  closeAfterReading(socket)
}
